"""Answers that do not come in time: found, told once, and counted anew."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from connections.models import Connection
from conversations.enums import ConversationStatus
from conversations.models import Conversation, InboxSettings
from conversations.services import assignment, away, inbox_settings, lateness, replies, reply_clock
from core import scope
from core.agenda import slices
from core.cache import forget
from core.models import AgendaRow
from events.models import Event
from messaging import bodies
from team.models import Notification
from team.services import teams
from tenants.enums import Role
from tenants.models import Company
from tenants.services import companies
from tests.conversations.factories import a_conversation, a_member, received
from tests.conversations.teams import a_team, an_agent
from tests.messaging.factories import a_connection


@pytest.fixture
def number(company: Company) -> Connection:
    promise(10)
    return a_connection()


def promise(minutes: int | None) -> None:
    inbox_settings.change(actor="test", first_reply_minutes=minutes, next_reply_minutes=minutes)
    forget(reply_clock.promises_key())


def late(number: Connection, **fields: str) -> Conversation:
    return a_conversation(number, at=timezone.now() - timedelta(minutes=11), **fields)


def now_of(talk: Conversation) -> Conversation:
    return Conversation.objects.get(pk=talk.pk)


def test_who_looks_after_it_is_told_once_and_it_is_a_fact(number: Connection) -> None:
    talk, bia = late(number), a_member()
    a_conversation(number, phone="5511987650002")
    assignment.assign(conversation_id=talk.pk, member=bia, actor="test")
    assert [lateness.mark_late() for _ in range(2)] == [1, 0]

    [notice] = Notification.objects.filter(code="conversation.late")
    assert (notice.member, notice.data) == (bia, {"name": "Ana Souza", "minutes": 10})
    [fact] = Event.objects.filter(type="conversation.sla_breached")
    assert (fact.data["conversation_id"], fact.data["reply"]) == (str(talk.pk), "first")
    assert now_of(talk).sla_breached_at is not None


def test_what_nobody_has_is_told_to_its_team_else_to_who_manages_the_inbox(
    number: Connection,
) -> None:
    ana, _other = an_agent("Ana"), an_agent("Bia")
    boss = an_agent("Rui", role=Role.MANAGER)
    team = a_team(ana, assigns_automatically=False, is_default=False)
    of_team, of_nobody = late(number), late(number, phone="5511987650002")
    assignment.transfer(conversation_id=of_team.pk, member=None, team=team, actor="test")
    lateness.watch("")

    told = Notification.objects.filter(code="conversation.late")
    assert [one.member for one in told.filter(url__contains=str(of_team.pk))] == [ana]
    assert boss in [one.member for one in told.filter(url__contains=str(of_nobody.pk))]
    assert ana not in [one.member for one in told.filter(url__contains=str(of_nobody.pk))]


@pytest.mark.parametrize(
    "status",
    [ConversationStatus.PENDING, ConversationStatus.SNOOZED, ConversationStatus.RESOLVED],
)
def test_what_was_put_away_is_never_late(number: Connection, status: str) -> None:
    talk = late(number)
    rest = timezone.now() if status == ConversationStatus.SNOOZED else None
    Conversation.objects.filter(pk=talk.pk).update(status=status, snoozed_until=rest)
    assert lateness.mark_late() == 0


def test_another_wait_is_told_again(number: Connection) -> None:
    talk = late(number)
    lateness.mark_late()
    answered = Conversation.objects.select_related("contact", "thread__connection").get(pk=talk.pk)
    replies.reply(conversation=answered, body=bodies.text("Oi!"), author=None)
    received(number)
    Conversation.objects.filter(pk=talk.pk).update(reply_due_at=timezone.now())
    assert lateness.mark_late() == 1


def test_a_company_is_watched_while_anything_is_promised(number: Connection) -> None:
    assert AgendaRow.objects.filter(kind="conversations.watch_replies").exists()
    [(key, at)] = lateness.watch_due(None)
    assert key == ""
    assert timezone.now() < at <= timezone.now() + lateness.EVERY
    promise(None)
    assert lateness.watch_due(None) == []


def test_nothing_follows_where_nothing_is_promised(company: Company) -> None:
    a_team()
    away.change(is_on=False, slots={}, country="", closed_days=[], away_text="", actor="test")
    assert not AgendaRow.objects.filter(kind="conversations.watch_replies").exists()
    assert not InboxSettings.objects.exists()


def test_another_promise_counts_who_waits_already(company: Company) -> None:
    number = a_connection()
    talk = a_conversation(number)
    promise(10)
    assert lateness.recount_due(None) != []
    lateness.recount("")
    assert lateness.recount_due(None) == []
    assert now_of(talk).reply_due_at == due(talk, 10)

    promise(None)
    lateness.recount("")
    assert now_of(talk).reply_due_at is None


def test_who_waited_too_long_before_anything_was_promised_is_late_and_nobody_is_told(
    company: Company,
) -> None:
    talk = a_conversation(a_connection())
    Conversation.objects.update(waiting_since=timezone.now() - timedelta(hours=3), counts_from=None)
    promise(10)
    lateness.recount("")
    assert now_of(talk).sla_breached_at is not None
    assert lateness.mark_late() == 0
    assert not Event.objects.filter(type="conversation.sla_breached").exists()


def test_a_teams_promise_counts_its_customers_anew(number: Connection) -> None:
    team = a_team(assigns_automatically=False, is_default=False)
    talk = a_conversation(number)
    assignment.transfer(conversation_id=talk.pk, member=None, team=team, actor="test")
    teams.update_team(team_id=team.pk, first_reply_minutes=2, actor="test")
    lateness.recount("")
    assert now_of(talk).reply_due_at == due(talk, 2)

    teams.delete_team(team_id=team.pk, actor="test")
    lateness.recount("")
    assert now_of(talk).reply_due_at == due(talk, 10)


def test_another_time_zone_counts_who_waits_by_its_clock(company: Company) -> None:
    slots = dict.fromkeys(range(7), "09:00-12:00")
    away.change(is_on=False, slots=slots, country="", closed_days=[], away_text="", actor="test")
    promise(10)
    asked = datetime(2036, 11, 20, 3, 0, tzinfo=UTC)  # at night in Brazil
    talk = a_conversation(a_connection())
    Conversation.objects.update(waiting_since=asked, counts_from=asked)
    for zone, hour in (("America/Sao_Paulo", 12), ("America/Manaus", 13)):
        move_to(company, zone)
        assert lateness.recount_due(None) != []
        with scope.surroundings(company):
            lateness.recount("")
        assert now_of(talk).reply_due_at == datetime(2036, 11, 20, hour, 10, tzinfo=UTC)
    move_to(company, "America/Manaus")
    assert lateness.recount_due(None) == []


def move_to(company: Company, zone: str) -> None:
    companies.update_settings(
        company=company, name=company.name, slug=company.slug, language="en", timezone=zone
    )


def test_a_recount_goes_through_all_in_pieces(
    number: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lateness, "RECOUNTED_AT_ONCE", 2)
    talks = [a_conversation(number, phone=f"551198765000{index}") for index in range(5)]
    promise(20)
    lateness.recount("")
    assert [now_of(talk).reply_due_at for talk in talks] == [due(talk, 20) for talk in talks]


def test_a_recount_that_takes_long_goes_on_at_the_next_wake_up(
    number: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lateness, "RECOUNTED_AT_ONCE", 2)
    monkeypatch.setattr(slices, "SECONDS", 0.0)
    talks = [a_conversation(number, phone=f"551198765000{index}") for index in range(3)]
    promise(20)
    rows = AgendaRow.objects.filter(kind="conversations.recount_replies")
    before = rows.count()
    lateness.recount("")
    assert [now_of(talk).reply_due_at == due(talk, 20) for talk in talks] == [True, True, False]
    assert rows.count() == before + 1
    lateness.recount("")
    assert now_of(talks[2]).reply_due_at == due(talks[2], 20)


def due(talk: Conversation, minutes: int) -> object:
    assert talk.waiting_since is not None
    return talk.waiting_since + timedelta(minutes=minutes)
