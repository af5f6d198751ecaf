"""Customers are asked how it was, once and in time; their answer opens nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connections.models import Connection
from conversations.enums import ConversationStatus
from conversations.models import Conversation, Rating
from conversations.services import (
    assignment,
    bulk,
    inbox_settings,
    ratings,
    reply_clock,
    status,
)
from core.models import AgendaRow
from crm.models import Contact
from crm.services import erasing, merging
from events.models import Event
from messaging.dispatch import pump
from messaging.enums import Direction
from messaging.models import Message
from sandbox.testing import Handle
from tenants.models import Company
from tests.conversations.factories import a_conversation, a_member, closed_window, received
from tests.messaging.factories import NUMBER, a_connection
from tests.messaging.texting import a_text_number

ANA = "5511987650001"


@pytest.fixture
def number(company: Company) -> Connection:
    inbox_settings.change(actor="test", asks_rating=True)
    inbox_settings.forget_current()
    return a_connection()


def choose(**fields: Any) -> None:
    inbox_settings.change(actor="test", **fields)
    inbox_settings.forget_current()


def resolved(number: Connection, **fields: Any) -> Conversation:
    talk = a_conversation(number, phone=fields.pop("phone", ANA))
    status.resolve(conversation_id=talk.pk, actor="test", **fields)
    return talk


def said() -> None:
    """Whatever is due is said."""
    for key, _at in list(ratings.due(None)):
        ratings.say_due(key)


def asked(number: Connection, **fields: Any) -> Conversation:
    talk = resolved(number, **fields)
    said()
    return now_of(talk)


def now_of(talk: Conversation) -> Conversation:
    return Conversation.objects.get(pk=talk.pk)


def tap(number: Connection, score: int) -> Message:
    [rating] = Rating.objects.all()
    content = {"type": "list", "id": f"rating:{rating.pk.hex}:{score}", "text": str(score)}
    return received(number, kind="interactive", content=content, phone=ANA)


def ours(talk: Conversation) -> list[Message]:
    rows = Message.objects.filter(thread_id=talk.thread_id, direction=Direction.OUT)
    return list(rows.order_by("at", "pk"))


def test_who_was_served_is_asked_with_a_list_to_tap(number: Connection) -> None:
    talk = asked(number)
    [question] = ours(talk)
    rows = question.content["action"]["sections"][0]["rows"]
    assert [row["id"].rpartition(":")[2] for row in rows] == ["5", "4", "3", "2", "1"]
    assert (talk.status, talk.waiting_since) == (ConversationStatus.RESOLVED, None)
    assert talk.rating_until is not None
    said()
    assert len(ours(talk)) == 1


def test_the_list_is_one_that_the_provider_takes(number: Connection, sandbox: Handle) -> None:
    choose(rating_question="Como foi?")
    asked(number)
    pump.pump_replies(str(number.pk))
    phone = {"connection": NUMBER, "contact": ANA}
    [shown] = sandbox.http.get("/_sandbox/phone/messages", params=phone).json()["results"]
    assert shown["text"] == "Como foi?"
    assert len(shown["buttons"]) == 5


def test_where_no_list_can_be_sent_a_number_is_asked_for(company: Company) -> None:
    choose(asks_rating=True)
    number = a_text_number()
    [question] = ours(asked(number))
    assert question.content["text"].endswith("from 1 (very bad) to 5 (very good).")


def test_an_answer_is_kept_with_who_served_and_opens_nothing(number: Connection) -> None:
    bia, talk = a_member(), a_conversation(number, phone=ANA)
    assignment.assign(conversation_id=talk.pk, member=bia, actor="test")
    status.resolve(conversation_id=talk.pk, actor="test")
    said()
    tap(number, 4)

    rating = Rating.objects.get()
    assert (rating.score, rating.member, rating.contact_id) == (4, bia, talk.contact_id)
    now = now_of(talk)
    assert (now.status, now.waiting_since, now.unread_count) == ("resolved", None, 0)
    [fact] = Event.objects.filter(type="conversation.rated")
    assert (fact.data["score"], fact.data["member_id"]) == (4, str(bia.pk))
    line = Message.objects.get(content__code="rated")
    assert line.content["score"] == 4


def test_thanks_are_said_once(number: Connection) -> None:
    talk = asked(number)
    tap(number, 4)
    said()
    tap(number, 2)  # changed their mind
    said()
    assert [message.kind for message in ours(talk)] == ["interactive", "text"]
    assert Rating.objects.get().score == 2
    assert now_of(talk).status == ConversationStatus.RESOLVED


def test_who_writes_before_the_thanks_still_waits_for_a_person(number: Connection) -> None:
    choose(first_reply_minutes=30)
    talk = asked(number)
    tap(number, 4)
    received(number, "E o meu pedido?", phone=ANA)
    waiting = now_of(talk)
    assert waiting.waiting_since is not None
    said()
    assert ours(talk)[-1].content["text"].startswith("Thank you")
    now = now_of(talk)
    assert reply_clock.clock_of(now) == reply_clock.clock_of(waiting)
    assert (now.status, now.reply_due_at is not None) == (ConversationStatus.OPEN, True)


def test_a_number_is_an_answer_too(number: Connection) -> None:
    talk = asked(number)
    received(number, "cinco", phone=ANA)
    assert (Rating.objects.get().score, now_of(talk).status) == (5, "resolved")


def test_anything_else_is_a_message_that_opens_it(number: Connection) -> None:
    talk = asked(number)
    received(number, "Chegou quebrado", phone=ANA)
    now = now_of(talk)
    assert (now.status, now.unread_count, now.rating_until) == ("open", 1, None)
    received(number, "5", phone=ANA)
    assert Rating.objects.get().score is None


def test_after_a_day_a_number_is_a_message(number: Connection) -> None:
    talk = asked(number)
    Conversation.objects.filter(pk=talk.pk).update(rating_until=timezone.now())
    received(number, "5", phone=ANA)
    assert (now_of(talk).status, Rating.objects.get().score) == ("open", None)


def test_a_comment_is_kept_where_one_is_asked_for(number: Connection) -> None:
    choose(asks_rating_comment=True)
    talk = asked(number)
    tap(number, 5)
    said()
    received(number, "Atendimento rápido!", phone=ANA)
    assert Rating.objects.get().comment == "Atendimento rápido!"
    assert now_of(talk).status == ConversationStatus.RESOLVED
    received(number, "E mais uma coisa", phone=ANA)
    assert now_of(talk).status == ConversationStatus.OPEN


def test_what_comes_an_hour_after_the_thanks_is_a_message(number: Connection) -> None:
    choose(asks_rating_comment=True)
    talk = asked(number)
    tap(number, 5)
    said()
    Rating.objects.update(thanked_at=timezone.now() - timedelta(minutes=61))
    received(number, "Meu pedido não chegou", phone=ANA)
    assert (now_of(talk).status, Rating.objects.get().comment) == ("open", "")


def test_without_that_what_follows_the_score_opens_it(number: Connection) -> None:
    talk = asked(number)
    tap(number, 5)
    said()
    received(number, "Obrigada", phone=ANA)
    assert (now_of(talk).status, Rating.objects.get().comment) == ("open", "")


def test_nobody_is_asked_unless_the_company_wants_it(company: Company) -> None:
    resolved(a_connection())
    assert not Rating.objects.exists()


def test_the_same_person_is_asked_once_in_some_days(number: Connection) -> None:
    talk = asked(number)
    tap(number, 5)
    received(number, "Mais uma dúvida", phone=ANA)
    status.resolve(conversation_id=talk.pk, actor="test")
    assert Rating.objects.count() == 1
    Rating.objects.update(created_at=timezone.now() - timedelta(days=8))
    status.reopen(conversation_id=talk.pk, actor="test")
    status.resolve(conversation_id=talk.pk, actor="test")
    assert Rating.objects.count() == 2


def test_a_closed_window_asks_nothing(number: Connection) -> None:
    talk = a_conversation(number, phone=ANA)
    closed_window(talk)
    status.resolve(conversation_id=talk.pk, actor="test")
    assert not Rating.objects.exists()


@pytest.mark.parametrize("why", ["open", "late", "refused"])
def test_a_question_that_fits_no_more_is_not_asked(number: Connection, why: str) -> None:
    talk = resolved(number)
    assert AgendaRow.objects.filter(kind="conversations.rating").exists()
    if why == "open":
        status.reopen(conversation_id=talk.pk, actor="test")
    elif why == "late":
        Rating.objects.update(created_at=timezone.now() - timedelta(hours=2))
    else:
        closed_window(now_of(talk))
    said()
    assert (ours(talk), Rating.objects.exists()) == ([], False)


@pytest.mark.parametrize(
    ("usual", "chosen", "is_asked"),
    [(True, None, True), (False, None, False), (False, True, True), (True, False, False)],
)
def test_many_at_once_are_asked_as_the_company_or_the_person_chooses(
    number: Connection, usual: bool, chosen: bool | None, is_asked: bool
) -> None:
    choose(asks_rating_in_bulk=usual)
    talk = a_conversation(number, phone=ANA)
    order = bulk.Order(action="resolve", actor="test", asks_rating=chosen)
    bulk.apply(ids=[talk.pk], order=order)
    assert Rating.objects.exists() == is_asked


def test_ratings_follow_a_merge_and_back(number: Connection) -> None:
    talk = asked(number)
    kept = a_conversation(number, phone="5511987650002").contact
    merge = merging.merge_contacts(kept=kept, gone=talk.contact)
    assert Rating.objects.get().contact == kept
    merging.undo_merge(merge=merge)
    assert Rating.objects.get().contact == talk.contact


def test_ratings_go_with_who_is_erased(number: Connection) -> None:
    talk = asked(number)
    erasure = erasing.erase(contact=Contact.objects.get(pk=talk.contact_id), reason="request")
    erasing.run(str(erasure.pk))
    assert not Rating.objects.exists()
