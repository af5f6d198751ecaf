"""Open, pending, snoozed, resolved: what each does, and how a conversation comes back."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from conversations import agenda
from conversations.enums import ConversationStatus
from conversations.lines import lines
from conversations.models import Conversation
from conversations.selectors import get_conversation, thread_page
from conversations.services import status
from core.agenda.hints import run_here
from core.errors import Invalid, NotFound
from core.ids import uuid7
from core.models import AgendaRow
from events.models import Event
from messaging.enums import MessageKind
from team.models import Notification
from tenants.models import Company
from tests.conversations.factories import a_conversation, a_member, received

pytestmark = pytest.mark.usefixtures("company")
HOUR = timedelta(hours=1)


def again(talk: Conversation) -> Conversation:
    return Conversation.objects.get(pk=talk.pk)


def told(talk: Conversation) -> list[str]:
    """The system lines of the thread, oldest first."""
    shown = get_conversation(talk.pk)
    return [line.text for line in lines(thread_page(shown).items[::-1], shown) if line.text]


def facts() -> list[str]:
    rows = Event.objects.filter(type__startswith="conversation.").order_by("sequence")
    return list(rows.values_list("type", flat=True))


def in_an_hour() -> datetime:
    return timezone.now() + HOUR


def test_pending_puts_it_away_and_counts_as_read() -> None:
    talk = a_conversation()
    assert status.set_pending(conversation_id=talk.pk, actor="system") is True
    assert status.set_pending(conversation_id=talk.pk, actor="system") is False
    now = again(talk)
    assert (now.status, now.unread_count) == (ConversationStatus.PENDING, 0)
    assert now.waiting_since == talk.waiting_since
    assert facts() == ["conversation.opened", "conversation.pending"]
    assert told(talk) == ["A program set the conversation to pending"]


def test_snoozing_keeps_the_moment_and_leaves_due_work() -> None:
    talk, until = a_conversation(), in_an_hour()
    status.snooze(conversation_id=talk.pk, until=until, actor="system")
    now = again(talk)
    assert (now.status, now.snoozed_until) == (ConversationStatus.SNOOZED, until)
    row = AgendaRow.objects.get(kind=agenda.WAKE)
    assert (row.key, row.due_at) == (str(talk.pk), until)
    assert agenda.snoozed(None) == [(str(talk.pk), until)]
    assert agenda.snoozed(str(uuid7())) == []


def test_it_wakes_when_its_time_has_come(company: Company) -> None:
    talk = a_conversation()
    status.snooze(conversation_id=talk.pk, until=in_an_hour(), actor="system")
    run_here(company.schema_name, agenda.WAKE, str(talk.pk))
    assert again(talk).status == ConversationStatus.SNOOZED
    with time_machine.travel(timezone.now() + HOUR, tick=False):
        run_here(company.schema_name, agenda.WAKE, str(talk.pk))
        run_here(company.schema_name, agenda.WAKE, str(talk.pk))
    now = again(talk)
    assert (now.status, now.snoozed_until) == (ConversationStatus.OPEN, None)
    assert facts() == ["conversation.opened", "conversation.snoozed", "conversation.opened"]
    assert told(talk)[1:] == ["The conversation woke up: its time has come"]


def test_whoever_looks_after_it_is_told_when_it_wakes() -> None:
    talk, bia = a_conversation(), a_member()
    Conversation.objects.filter(pk=talk.pk).update(assignee=bia)
    status.snooze(conversation_id=talk.pk, until=in_an_hour(), actor="system")
    with time_machine.travel(timezone.now() + HOUR, tick=False):
        status.wake(conversation_id=talk.pk)
    told_them = Notification.objects.get()
    assert (told_them.member, told_them.code) == (bia, "conversation.woke")
    assert told_them.data == {"name": "Ana Souza"}


def test_a_later_moment_holds_against_the_earlier_one() -> None:
    talk, later = a_conversation(), in_an_hour() + HOUR
    status.snooze(conversation_id=talk.pk, until=in_an_hour(), actor="system")
    status.snooze(conversation_id=talk.pk, until=later, actor="system")
    with time_machine.travel(timezone.now() + HOUR, tick=False):
        status.wake(conversation_id=talk.pk)
    assert again(talk).snoozed_until == later


@pytest.mark.parametrize("put_away", ["snooze", "set_pending", "resolve"])
def test_the_customer_brings_it_back(put_away: str) -> None:
    talk = a_conversation()
    extra = {"until": in_an_hour()} if put_away == "snooze" else {}
    getattr(status, put_away)(conversation_id=talk.pk, actor="system", **extra)
    received(talk.thread.connection, "Voltei")
    now = again(talk)
    assert (now.status, now.snoozed_until) == (ConversationStatus.OPEN, None)
    assert now.unread_count == 1
    assert facts()[-1] == "conversation.opened"


def test_a_reaction_lets_it_rest() -> None:
    talk, until = a_conversation(), in_an_hour()
    status.snooze(conversation_id=talk.pk, until=until, actor="system")
    received(talk.thread.connection, kind=MessageKind.REACTION, content={"emoji": "👍"})
    assert again(talk).snoozed_until == until


@pytest.mark.parametrize("put_away", ["set_pending", "resolve"])
def test_another_status_ends_the_rest(put_away: str) -> None:
    talk = a_conversation()
    status.snooze(conversation_id=talk.pk, until=in_an_hour(), actor="system")
    getattr(status, put_away)(conversation_id=talk.pk, actor="system")
    assert again(talk).snoozed_until is None


@pytest.mark.parametrize(
    ("away", "sentence"),
    [
        (timedelta(0), "This moment is over. Choose a later one."),
        (timedelta(days=400), "Choose a moment within the next twelve months."),
    ],
)
def test_only_a_moment_of_the_next_twelve_months_will_do(away: timedelta, sentence: str) -> None:
    talk = a_conversation()
    with pytest.raises(Invalid) as refused:
        status.snooze(conversation_id=talk.pk, until=timezone.now() + away, actor="system")
    assert refused.value.errors["until"][0].message == sentence
    assert again(talk).status == ConversationStatus.OPEN


def test_what_is_not_there_is_not_found() -> None:
    for act in (status.resolve, status.reopen, status.set_pending):
        with pytest.raises(NotFound):
            act(conversation_id=uuid7(), actor="system")
