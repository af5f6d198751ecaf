"""Automations that no event starts: silence, dates, fixed times."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from conversations.models import Conversation
from crm.models import Contact
from crm.services.fields import create_field
from crm.services.segments import create_segment
from tenants.models import Company
from tests.crm.factories import a_contact
from tests.webhooks.automations.factories import a_step, a_talk, an_automation
from webhooks.automations.models import Automation, Run
from webhooks.automations.services import clock
from webhooks.automations.triggers import times

WAIT = a_step("wait", **{"for": {"amount": 1, "unit": "days"}})
HOUR = {"amount": 1, "unit": "hours"}
ZONE = ZoneInfo("America/Sao_Paulo")


def ticked(automation: Automation, now: datetime, *, since: datetime | None = None) -> int:
    """Have the clock look at a moment; how many runs there are then."""
    Automation.objects.filter(pk=automation.pk).update(
        clock_at=now, clock_from=since or now - timedelta(days=30)
    )
    while clock._piece(automation.pk, now):
        pass
    return Run.objects.filter(automation=automation).count()


def test_a_team_that_does_not_reply_is_found_once(company: Company) -> None:
    talk = a_talk()
    now = timezone.now()
    silent = an_automation(
        WAIT, trigger={"kind": "no_reply", "params": {"whose": "us", "for": HOUR}}
    )
    assert ticked(silent, now) == 0
    Conversation.objects.filter(pk=talk.pk).update(waiting_since=now - timedelta(hours=2))
    assert [ticked(silent, now), ticked(silent, now + timedelta(minutes=1))] == [1, 1]
    assert Run.objects.get().contact_id == talk.contact_id


def test_silence_of_before_it_was_switched_on_starts_nothing(company: Company) -> None:
    talk = a_talk()
    now = timezone.now()
    silent = an_automation(
        WAIT, trigger={"kind": "no_reply", "params": {"whose": "us", "for": HOUR}}
    )
    Conversation.objects.filter(pk=talk.pk).update(waiting_since=now - timedelta(hours=2))
    assert ticked(silent, now, since=now - timedelta(minutes=90)) == 0


def test_a_silence_is_looked_at_once(company: Company) -> None:
    talk, now = a_talk(), timezone.now()
    silent = an_automation(
        WAIT, trigger={"kind": "no_reply", "params": {"whose": "us", "for": HOUR}}
    )
    assert ticked(silent, now) == 0
    silent.refresh_from_db()
    assert silent.clock_from == now - timedelta(hours=1) - times.SETTLED
    for minutes, runs in ((180, 0), (59, 1)):
        asked_at = now - timedelta(minutes=minutes)
        Conversation.objects.filter(pk=talk.pk).update(waiting_since=asked_at)
        assert ticked(silent, now + timedelta(minutes=2), since=silent.clock_from) == runs


def test_what_is_gone_through_in_pieces_is_settled_as_of_its_first(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "PIECE", 1)
    monkeypatch.setattr(times, "PIECE", 1)
    now = timezone.now()
    silent = an_automation(
        WAIT, trigger={"kind": "no_reply", "params": {"whose": "us", "for": HOUR}}
    )
    Automation.objects.update(clock_at=now, clock_from=now - timedelta(days=1))
    Conversation.objects.filter(pk=a_talk().pk).update(waiting_since=now - timedelta(hours=2))
    assert clock._piece(silent.pk, now)
    silent.refresh_from_db()
    assert silent.clock_from == now - timedelta(days=1)
    assert not clock._piece(silent.pk, now + timedelta(minutes=30))
    silent.refresh_from_db()
    assert silent.clock_from == now - timedelta(hours=1) - times.SETTLED


def on_a_date(when: str, days: int = 0, *, yearly: bool = False) -> Automation:
    params = {
        "field": "attribute.aniversario",
        "when": when,
        "days": days,
        "at": "09:00",
        "zone": "America/Sao_Paulo",
        "yearly": yearly,
    }
    return an_automation(WAIT, trigger={"kind": "date_field", "params": params})


def at_nine(day: int, minutes: int = 1) -> datetime:
    return datetime(2026, 11, day, 9, minutes, tzinfo=ZONE)


def test_a_date_is_found_on_its_day_before_and_after(company: Company) -> None:
    create_field(label="Aniversario", kind="date")
    Contact.objects.filter(pk=a_contact().pk).update(attributes={"aniversario": "2026-11-20"})
    on, before, after = on_a_date("on"), on_a_date("before", 3), on_a_date("after", 2)
    found = {
        automation.pk: [day for day in range(15, 25) if _starts(automation, at_nine(day))]
        for automation in (on, before, after)
    }
    assert found == {on.pk: [20], before.pk: [17], after.pk: [22]}


def _starts(automation: Automation, moment: datetime) -> bool:
    before = Run.objects.filter(automation=automation).count()
    return ticked(automation, moment, since=moment - timedelta(days=1)) > before


def test_a_birthday_comes_every_year(company: Company) -> None:
    create_field(label="Aniversario", kind="date")
    Contact.objects.filter(pk=a_contact().pk).update(attributes={"aniversario": "1990-11-20"})
    assert ticked(on_a_date("on", yearly=True), at_nine(20)) == 1


def test_a_morning_that_was_missed_is_let_go(company: Company) -> None:
    create_field(label="Aniversario", kind="date")
    Contact.objects.filter(pk=a_contact().pk).update(attributes={"aniversario": "2026-11-20"})
    late = at_nine(20) + times.LATE_CLOCK
    assert ticked(on_a_date("on"), late) == 0


def test_fixed_times_run_once_or_for_each_of_an_audience(company: Company) -> None:
    people = {a_contact().pk for _number in range(3)}
    audience = create_segment(name="All", audience={"all": True})
    params = {"days": ["4"], "at": "09:00", "zone": "America/Sao_Paulo"}
    once = an_automation(WAIT, trigger={"kind": "schedule", "params": params})
    each = an_automation(
        WAIT,
        trigger={"kind": "schedule", "params": {**params, "segment": [str(audience.pk)]}},
    )
    friday, saturday = at_nine(20), at_nine(21)
    assert [ticked(once, saturday), ticked(once, friday), ticked(each, friday)] == [0, 1, 3]
    assert set(Run.objects.filter(automation=each).values_list("contact", flat=True)) == people


def test_the_next_time_is_the_next_chosen_day(company: Company) -> None:
    params = {"days": ["0"], "at": "09:00", "zone": "America/Sao_Paulo"}
    automation = an_automation(WAIT, trigger={"kind": "schedule", "params": params})
    assert automation.current is not None
    monday = automation.clock_at
    assert monday is not None
    assert (monday.astimezone(ZONE).weekday(), monday.astimezone(ZONE).hour) == (0, 9)
    assert [(str(automation.pk), monday)] == list(clock.due(None))
