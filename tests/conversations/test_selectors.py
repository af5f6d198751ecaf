"""Reads of the inbox: pages that neither repeat nor hide anything, filters, the window."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from conversations import listing, selectors
from conversations.lines import lines, order_of
from conversations.models import Conversation
from conversations.services import assignment, conversations, status
from core.errors import Invalid
from core.ids import uuid7
from messaging.enums import Origin, TemplateStatus
from messaging.models import Message
from messaging.template_selectors import sendable_template
from team.models import Member
from tenants.models import Person
from tests.conversations.factories import a_conversation, closed_window, received
from tests.messaging.factories import OTHER_NUMBER, a_connection, a_template, an_outgoing

pytestmark = pytest.mark.usefixtures("company")


NAMES = ["Ana", "Bia", "Caio", "Davi", "Eva", "Fabio", "Gina", "Helena"]


def people_writing(number: int) -> list[Conversation]:
    connection = a_connection()
    return [
        a_conversation(connection, phone=f"55119870{index:05}", profile_name=f"{name} Souza")
        for index, name in enumerate(NAMES[:number])
    ]


def found(**filters: Any) -> set[Any]:
    return {row.pk for row in selectors.conversation_list(**filters)}


def test_a_new_message_shifts_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "THREAD_SIZE", 2)
    talk = a_conversation()
    for text in ("dois", "três", "quatro"):
        received(talk.thread.connection, text)
    first = selectors.thread_page(talk)
    received(talk.thread.connection, "cinco")
    second = selectors.thread_page(talk, cursor=first.next_cursor)
    texts = [row.content["text"] for row in [*first.items, *second.items]]
    assert texts == ["quatro", "três", "dois", "Oi, tudo bem?"]


def test_filters_by_state_unread_words_and_owner(people: dict[str, Person]) -> None:
    one, two, three = people_writing(3)
    status.resolve(conversation_id=one.pk, actor="system")
    conversations.mark_read(conversation_id=two.pk)
    member = Member.objects.get(person_id=people["agent"].pk)
    assignment.assign(conversation_id=three.pk, member=member, actor="system")
    assert found(status="open") == {two.pk, three.pk}
    assert found(status="resolved") == {one.pk}
    assert found(unread=True) == {three.pk}
    assert found(q="bia sou") == {two.pk}
    assert found(q="7000 002") == {three.pk}
    assert found(assignee=member.pk) == {three.pk}
    assert listing.unread_count(None) == 1


def test_the_window_is_open_for_a_day_after_the_customer_wrote() -> None:
    talk = a_conversation()
    window = selectors.window_of(talk)
    assert window.is_open
    assert window.until == talk.thread.last_inbound_at + timedelta(hours=24)
    closed_window(talk)
    assert not selectors.window_of(talk).is_open


def test_only_templates_that_this_number_can_send_are_offered() -> None:
    talk = a_conversation()
    connection = talk.thread.connection
    good = a_template(connection)
    a_template(connection, name="waiting", status=TemplateStatus.PENDING)
    a_template(connection, name="gone", deleted_at=timezone.now())
    other = a_connection(OTHER_NUMBER, account_id="another")
    foreign = a_template(other, name="foreign")
    assert selectors.sendable_templates(talk) == [good]
    assert selectors.sendable_templates(talk, q="received your") == [good]
    assert selectors.sendable_templates(talk, q="nothing like it") == []
    assert sendable_template(talk.thread.connection, good.pk) == good
    with pytest.raises(Invalid):
        sendable_template(talk.thread.connection, foreign.pk)


def test_a_reaction_stands_on_the_message_it_is_about() -> None:
    talk = a_conversation()
    asked = talk.last_message
    assert asked is not None
    told = {"emoji": "👍", "target": asked.external_id}
    reaction = received(talk.thread.connection, kind="reaction", content=told)
    page = selectors.thread_page(talk)
    assert page.items == [asked]
    assert lines(page.items, talk)[0].reactions == ["👍"]
    assert selectors.messages_by_id(talk, [reaction.pk]) == [asked]
    received(talk.thread.connection, kind="reaction", content={**told, "emoji": "❤️"})
    assert lines([asked], talk)[0].reactions == ["❤️"]
    received(talk.thread.connection, kind="reaction", content={**told, "emoji": ""})
    assert lines([asked], talk)[0].reactions == []


def test_a_reaction_to_something_unknown_is_a_line_of_its_own() -> None:
    talk = a_conversation()
    told = {"emoji": "👍", "target": "wamid.of-long-ago"}
    reaction = received(talk.thread.connection, kind="reaction", content=told)
    assert reaction in selectors.thread_page(talk).items


def test_messages_of_another_thread_are_not_found_by_id() -> None:
    one, two = people_writing(2)
    assert selectors.messages_by_id(one, [two.last_message_id, uuid7()]) == []


def test_a_failure_is_explained_and_a_success_is_not() -> None:
    talk = a_conversation()
    sent = an_outgoing(talk.thread.connection, talk.contact, dispatch="accepted", code="throttled")
    failed = an_outgoing(talk.thread.connection, talk.contact, dispatch="rejected", code="auth")
    fine, bad = lines([sent, failed], talk)
    assert (fine.state, fine.reason) == ("sent", None)
    assert bad.reason is not None
    assert (bad.state, bad.reason.code) == ("failed", "auth")


def test_texts_sort_as_their_moments_do() -> None:
    now = timezone.now()
    first, second = sorted([uuid7(), uuid7()])
    moments = [(now - timedelta(days=9000), second), (now, first), (now, second)]
    texts = [order_of(at, pk) for at, pk in moments]
    assert texts == sorted(texts)
    assert len({len(text) for text in texts}) == 1


def test_who_wrote_is_named_unless_it_is_the_customer() -> None:
    talk = a_conversation()
    campaign = an_outgoing(talk.thread.connection, talk.contact, origin="campaign")
    rows = list(selectors.thread_messages(talk).order_by("at", "id"))
    assert [row.pk for row in rows] == [talk.last_message_id, campaign.pk]
    assert [line.sender for line in lines(rows, talk)] == ["", str(Origin.CAMPAIGN.label)]


def test_reading_a_thread_costs_the_same_for_one_message_and_for_many(
    django_assert_num_queries: Any,
) -> None:
    talk = selectors.get_conversation(a_conversation().pk)
    with django_assert_num_queries(2):
        lines(selectors.thread_page(talk).items, talk)
    for index in range(5):
        received(talk.thread.connection, f"mais {index}")
    with django_assert_num_queries(2):
        lines(selectors.thread_page(talk).items, talk)
    assert Message.objects.count() == 6
