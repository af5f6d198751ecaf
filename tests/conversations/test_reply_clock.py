"""The clock of the answer that a customer waits for: when it runs, and what it leaves behind."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connections.models import Connection
from conversations.enums import AwaitedReply
from conversations.models import Conversation, ReplyTime
from conversations.services import assignment, away, inbox_settings, replies, reply_clock, status
from core.cache import forget
from messaging import bodies
from team.models import Member, Team
from team.services import teams
from tenants.models import Company
from tests.conversations.factories import a_conversation, a_member, received
from tests.messaging.factories import a_connection

FIRST, NEXT = timedelta(minutes=10), timedelta(minutes=30)


@pytest.fixture
def number(company: Company) -> Connection:
    promise(first_reply_minutes=10, next_reply_minutes=30)
    return a_connection()


def promise(**minutes: int | None) -> None:
    inbox_settings.change(actor="test", **minutes)
    forget(reply_clock.promises_key())


def a_team(**fields: Any) -> Team:
    team = teams.create_team(name="Vendas", actor="test", **fields)
    forget(reply_clock.promises_key())
    return team


def answered(talk: Conversation, author: Member | None = None) -> Conversation:
    now = Conversation.objects.select_related("contact", "thread__connection").get(pk=talk.pk)
    replies.reply(conversation=now, body=bodies.text("Claro!"), author=author)
    return now_of(talk)


def now_of(talk: Conversation) -> Conversation:
    return Conversation.objects.get(pk=talk.pk)


def test_the_first_answer_is_due_from_the_first_message_on(number: Connection) -> None:
    talk = a_conversation(number)
    received(number)
    asked = talk.waiting_since
    assert asked is not None
    assert now_of(talk).reply_due_at == asked + FIRST
    assert now_of(talk).awaited_reply == AwaitedReply.FIRST


def test_further_answers_have_a_promise_of_their_own(number: Connection) -> None:
    talk = answered(a_conversation(number))
    assert (talk.reply_due_at, talk.counts_from, talk.waiting_since) == (None, None, None)
    again = received(number)
    assert now_of(talk).reply_due_at == again.at + NEXT


def test_who_writes_after_it_was_resolved_waits_for_a_first_answer(number: Connection) -> None:
    talk = answered(a_conversation(number))
    status.resolve(conversation_id=talk.pk, actor="test")
    anew = received(number)
    assert (now_of(talk).reply_due_at, now_of(talk).first_replied_at) == (anew.at + FIRST, None)


def test_an_answer_that_was_waited_for_is_kept_with_who_gave_it(number: Connection) -> None:
    bia = a_member()
    written = timezone.now() - timedelta(minutes=12)
    answered(a_conversation(number, at=written), author=bia)
    kept = ReplyTime.objects.get()
    assert (kept.kind, kept.member, kept.is_late) == (AwaitedReply.FIRST, bia, True)
    assert 720 <= kept.seconds < 730


def test_what_nobody_waited_for_is_no_answer(number: Connection) -> None:
    talk = answered(a_conversation(number))
    answered(talk)
    assert ReplyTime.objects.count() == 1


def test_nothing_is_due_where_nothing_is_promised(company: Company) -> None:
    talk = a_conversation()
    assert (talk.reply_due_at, talk.counts_from) == (None, talk.waiting_since)


def test_a_reaction_begins_no_clock(number: Connection) -> None:
    talk = answered(a_conversation(number))
    received(number, kind="reaction", content={"emoji": "👍", "target": "wamid.none"})
    assert now_of(talk).reply_due_at is None


@pytest.mark.parametrize("rest", ["pending", "snoozed"])
def test_what_is_put_away_is_not_due_and_counts_anew_when_it_is_back(
    number: Connection, rest: str
) -> None:
    talk = a_conversation(number, at=timezone.now() - timedelta(minutes=9))
    if rest == "pending":
        status.set_pending(conversation_id=talk.pk, actor="test")
    else:
        later = timezone.now() + timedelta(hours=1)
        status.snooze(conversation_id=talk.pk, until=later, actor="test")
    assert now_of(talk).reply_due_at is None

    before = timezone.now()
    status.reopen(conversation_id=talk.pk, actor="test")
    due = now_of(talk).reply_due_at
    assert due is not None
    assert before + FIRST <= due <= timezone.now() + FIRST
    assert now_of(talk).waiting_since == talk.waiting_since


def test_what_is_late_stays_late_until_it_is_answered(number: Connection) -> None:
    talk, now = a_conversation(number), timezone.now()
    Conversation.objects.filter(pk=talk.pk).update(sla_breached_at=now, reply_due_at=now)
    status.set_pending(conversation_id=talk.pk, actor="test")
    received(number)
    assert (now_of(talk).sla_breached_at, now_of(talk).reply_due_at) == (now, now)
    assert answered(talk).sla_breached_at is None
    assert ReplyTime.objects.get().is_late


def test_what_is_resolved_waits_for_nothing(number: Connection) -> None:
    talk = a_conversation(number)
    status.resolve(conversation_id=talk.pk, actor="test")
    assert reply_clock.clock_of(now_of(talk)) == dict.fromkeys(
        ("waiting_since", *reply_clock.CLOCK)
    )


def test_a_teams_own_promise_holds_over_the_companys(number: Connection) -> None:
    team = a_team(first_reply_minutes=3)
    talk = a_conversation(number)
    assert due_under(talk, team) == timedelta(minutes=3)
    assert due_under(talk, None) == FIRST


def due_under(talk: Conversation, team: Team | None) -> timedelta:
    assignment.transfer(conversation_id=talk.pk, member=None, team=team, actor="test")
    due, since = now_of(talk).reply_due_at, now_of(talk).counts_from
    assert due is not None
    assert since is not None
    return due - since


def test_only_business_hours_count(number: Connection) -> None:
    away.change(is_on=False, slots={}, country="", closed_days=[], away_text="", actor="test")
    tomorrow = timezone.localtime() + timedelta(days=1)
    away.change(
        is_on=False,
        slots={tomorrow.weekday(): "09:00-18:00"},
        country="",
        closed_days=[],
        away_text="",
        actor="test",
    )
    forget(reply_clock.promises_key())
    due = a_conversation(number).reply_due_at
    assert due is not None
    assert timezone.localtime(due) == tomorrow.replace(hour=9, minute=10, second=0, microsecond=0)


def test_the_away_message_is_no_answer(number: Connection) -> None:
    yesterday = (timezone.localtime().weekday() - 1) % 7
    away.change(
        is_on=True,
        slots={yesterday: "09:00-10:00"},
        country="",
        closed_days=[],
        away_text="Voltamos às 9 h.",
        actor="test",
    )
    talk = a_conversation(number)
    assert away.answer(conversation_id=talk.pk)
    assert reply_clock.clock_of(now_of(talk)) == reply_clock.clock_of(talk)
    assert not ReplyTime.objects.exists()


def test_receiving_costs_no_statement_more(number: Connection) -> None:
    received(number)
    with CaptureQueriesContext(database) as promised:
        received(number, phone="5511987650002")
    promise(first_reply_minutes=None, next_reply_minutes=None)
    reply_clock.promises()
    with CaptureQueriesContext(database) as free:
        received(number, phone="5511987650003")
    assert len(promised) == len(free)
