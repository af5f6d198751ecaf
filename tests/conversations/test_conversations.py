"""Who waits, what is unread, what is done."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.enums import ConversationStatus
from conversations.models import Conversation
from conversations.services import assignment, conversations, status
from conversations.services.replies import reply
from core.errors import Conflict, Invalid, NotFound
from core.ids import uuid7
from crm.models import Contact
from events.models import Event
from messaging import bodies
from messaging.enums import DispatchState, Origin
from messaging.models import Message
from messaging.services import threads
from team.models import Member
from tenants.models import Company, Person
from tests.conversations.factories import a_conversation, received
from tests.messaging.factories import a_connection, a_run, a_template, an_outgoing, contacts, start

pytestmark = pytest.mark.usefixtures("company")


def again(conversation: Conversation) -> Conversation:
    return Conversation.objects.get(pk=conversation.pk)


def facts() -> list[str]:
    events = Event.objects.filter(type__startswith="conversation.").order_by("sequence")
    return list(events.values_list("type", flat=True))


def test_a_first_message_opens_a_conversation_that_waits() -> None:
    talk = a_conversation()
    assert (talk.status, talk.unread_count) == (ConversationStatus.OPEN, 1)
    assert talk.last_message is not None
    assert talk.waiting_since == talk.last_message_at == talk.last_message.at
    assert facts() == ["conversation.opened"]


def test_further_messages_count_and_the_first_unanswered_one_is_waited_for() -> None:
    talk = a_conversation()
    second = received(talk.thread.connection, "Alguém aí?")
    now = again(talk)
    assert (now.unread_count, now.last_message_id) == (2, second.pk)
    assert now.waiting_since == talk.waiting_since
    assert facts() == ["conversation.opened"]


def test_a_late_message_does_not_become_the_last_one() -> None:
    talk = a_conversation()
    received(talk.thread.connection, "Antes", at=timezone.now() - timedelta(hours=1))
    now = again(talk)
    assert (now.last_message_id, now.last_message_at) == (
        talk.last_message_id,
        talk.last_message_at,
    )
    assert now.unread_count == 2


def test_a_reaction_asks_nobody_for_an_answer() -> None:
    talk = a_conversation()
    status.resolve(conversation_id=talk.pk, actor="system")
    content = {"emoji": "❤️", "target": "wamid.x"}
    received(talk.thread.connection, kind="reaction", content=content)
    now = again(talk)
    assert (now.status, now.unread_count, now.waiting_since) == ("resolved", 0, None)


def test_a_resolved_conversation_comes_back_when_the_customer_writes() -> None:
    talk = a_conversation()
    status.resolve(conversation_id=talk.pk, actor="system")
    assert again(talk).waiting_since is None
    received(talk.thread.connection, "Voltei")
    assert (again(talk).status, again(talk).unread_count) == ("open", 1)
    opened, resolved = "conversation.opened", "conversation.resolved"
    assert facts() == [opened, resolved, opened]


def test_resolving_and_reopening_twice_tells_it_once() -> None:
    talk = a_conversation()
    for _ in range(2):
        status.resolve(conversation_id=talk.pk, actor="system")
    for _ in range(2):
        status.reopen(conversation_id=talk.pk, actor="system")
    assert facts() == ["conversation.opened", "conversation.resolved", "conversation.opened"]


def test_reading_clears_the_count_and_nothing_else() -> None:
    talk = a_conversation()
    conversations.mark_read(conversation_id=talk.pk)
    assert (again(talk).unread_count, again(talk).status) == (0, "open")
    assert again(talk).waiting_since == talk.waiting_since


def test_what_does_not_exist_can_be_neither_resolved_nor_assigned() -> None:
    with pytest.raises(NotFound):
        status.resolve(conversation_id=uuid7(), actor="system")
    with pytest.raises(NotFound):
        assignment.assign(conversation_id=uuid7(), member=None, actor="system")


def test_it_is_somebodys_until_it_is_nobodys(company: Company, people: dict[str, Person]) -> None:
    talk = a_conversation()
    member = Member.objects.get(person_id=people["agent"].pk)
    assignment.assign(conversation_id=talk.pk, member=member, actor="system")
    assignment.assign(conversation_id=talk.pk, member=member, actor="system")
    assert again(talk).assignee == member
    assignment.assign(conversation_id=talk.pk, member=None, actor="system")
    assert again(talk).assignee is None
    assert facts() == ["conversation.opened", *["conversation.assigned"] * 2]


def test_nobody_who_left_can_be_given_a_conversation(people: dict[str, Person]) -> None:
    talk = a_conversation()
    member = Member.objects.get(person_id=people["agent"].pk)
    Member.objects.filter(pk=member.pk).update(is_active=False)
    member.refresh_from_db()
    with pytest.raises(Invalid):
        assignment.assign(conversation_id=talk.pk, member=member, actor="system")


def test_writing_first_opens_a_conversation_once() -> None:
    connection, [person] = a_connection(), contacts(1)
    first = conversations.start(contact=person, connection=connection, actor="system")
    second = conversations.start(contact=person, connection=connection, actor="system")
    assert (first.pk, first.last_message, first.unread_count) == (second.pk, None, 0)
    assert facts() == ["conversation.opened"]


def test_nobody_without_a_number_can_be_written_to() -> None:
    person = Contact.objects.create(name="Sem número")
    with pytest.raises(Conflict) as refused:
        conversations.start(contact=person, connection=a_connection(), actor="system")
    assert refused.value.code == "address_missing"


def test_a_campaign_opens_no_conversation_but_stands_in_the_thread_of_who_answers() -> None:
    connection = a_connection()
    [person] = contacts(1)
    stream = a_run(connection, a_template(connection), people=[person])
    start(stream)
    sent = Message.objects.get(stream=stream)
    thread = threads.get_or_create(
        contact_id=person.pk, connection_id=connection.pk, address=sent.address
    )
    Message.objects.filter(pk=sent.pk).update(thread=thread, dispatch=DispatchState.ACCEPTED)
    assert not Conversation.objects.exists()
    received(connection, "Quero!", phone=sent.address.lstrip("+"))
    talk = Conversation.objects.get()
    assert talk.contact == person
    origins = Message.objects.filter(thread=talk.thread).order_by("at", "id")
    assert list(origins.values_list("origin", flat=True)) == [Origin.CAMPAIGN, Origin.CUSTOMER]


def test_an_answer_ends_the_waiting_and_is_what_the_list_shows() -> None:
    talk = a_conversation()
    sent = reply(conversation=again(talk), body=bodies.text("Oi, Ana!"), author=None)
    now = again(talk)
    assert (now.last_message_id, now.waiting_since, now.unread_count) == (sent.pk, None, 1)


def test_an_answer_of_another_day_stays_where_it_was() -> None:
    talk = a_conversation()
    old = an_outgoing(talk.thread.connection, talk.contact, at=timezone.now() - timedelta(days=2))
    conversations.note_outbound(message=old)
    assert again(talk).last_message_id == talk.last_message_id
