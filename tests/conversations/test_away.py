"""Outside the business hours customers are told so, once a day."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone, translation

from conversations.hours_form import BusinessHoursForm
from conversations.models import BusinessHours, Conversation
from conversations.services import away
from core import scope
from core.errors import Invalid
from core.models import AgendaRow
from events.models import Event
from messaging.enums import Direction, Origin
from messaging.models import Message
from tenants.enums import Role
from tenants.models import Company
from tests.conversations.factories import a_conversation, closed_window, received

PAGE = "/c/aurora/settings/hours/"
ALWAYS = dict.fromkeys(range(7), "00:00-24:00")
NEVER: dict[int, str] = {}


@pytest.fixture(autouse=True)
def forgotten() -> None:
    cache.clear()


def set_hours(slots: dict[int, str], **fields: Any) -> None:
    wanted = {"is_on": True, "country": "", "closed_days": [], "away_text": "Back at eight."}
    away.change(slots=slots, actor="system", **{**wanted, **fields})


def said(conversation: Conversation) -> list[tuple[str, str]]:
    rows = Message.objects.filter(thread=conversation.thread, direction=Direction.OUT)
    return [(row.content["text"], row.origin) for row in rows]


def is_considered(conversation: Conversation) -> bool:
    rows = AgendaRow.objects.filter(kind="conversations.away", key=str(conversation.pk))
    return rows.exists()


def test_who_writes_outside_the_hours_is_told_once_and_still_waits(company: Company) -> None:
    set_hours(NEVER)
    conversation = a_conversation()
    assert is_considered(conversation)
    assert [key for key, _at in away.due(None)] == [str(conversation.pk)]
    assert [away.answer(conversation_id=conversation.pk) for _ in range(2)] == [True, False]
    assert said(conversation) == [("Back at eight.", Origin.SYSTEM)]
    before = conversation.waiting_since
    conversation.refresh_from_db()
    assert conversation.waiting_since == before is not None
    assert away.due(None) == []


def test_who_writes_on_another_day_is_told_anew(company: Company) -> None:
    set_hours(NEVER)
    conversation = a_conversation()
    away.answer(conversation_id=conversation.pk)
    conversation.away_notices.update(day=timezone.localdate() - timedelta(days=1))
    received(conversation.thread.connection, "Olá?")
    assert away.answer(conversation_id=conversation.pk)
    assert len(said(conversation)) == 2


@pytest.mark.parametrize(("slots", "is_on"), [(ALWAYS, True), (NEVER, False)])
def test_within_the_hours_or_switched_off_nothing_is_said(
    company: Company, slots: dict[int, str], is_on: bool
) -> None:
    set_hours(slots, is_on=is_on)
    conversation = a_conversation()
    assert not is_considered(conversation)
    assert not away.answer(conversation_id=conversation.pk)
    assert (said(conversation), away.due(None)) == ([], [])


def test_without_hours_nothing_is_said(company: Company) -> None:
    conversation = a_conversation()
    assert (is_considered(conversation), away.due(None)) == (False, [])


def test_who_was_answered_meanwhile_or_wrote_long_ago_is_not_told(company: Company) -> None:
    set_hours(NEVER)
    conversation = a_conversation()
    thread = conversation.thread
    thread.last_inbound_at = timezone.now() - away.RECENT - timedelta(minutes=1)
    thread.save(update_fields=["last_inbound_at"])
    assert not away.answer(conversation_id=conversation.pk)
    thread.last_inbound_at = timezone.now()
    thread.save(update_fields=["last_inbound_at"])
    Conversation.objects.filter(pk=conversation.pk).update(waiting_since=None)
    assert not away.answer(conversation_id=conversation.pk)


def test_what_may_not_be_sent_is_not_tried_again_that_day(company: Company) -> None:
    set_hours(NEVER)
    conversation = a_conversation()
    closed_window(conversation)
    assert not away.answer(conversation_id=conversation.pk)
    assert (said(conversation), away.due(None)) == ([], [])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"slots": {0: "whenever"}}, "day_0"),
        ({"closed_days": ["24/12"]}, "closed_days"),
        ({"closed_days": [f"2026-{m:02}-{d:02}" for m in range(1, 6) for d in range(1, 22)]},
         "closed_days"),
        ({"away_text": " "}, "away_text"),
        ({"away_text": "x" * 1025}, "away_text"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_is_named(
    company: Company, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        set_hours(**{"slots": NEVER, **wrong})
    assert list(refused.value.errors) == [field]
    assert not BusinessHours.objects.exists()


def test_a_manager_sets_the_hours_on_a_page(aurora: Company, client_for: Any) -> None:
    client = client_for(aurora, Role.MANAGER)
    assert client.get(PAGE).status_code == 200
    posted = {
        "is_on": "on",
        "away_text": "Back at eight.",
        "country": "BR",
        "closed_days": "2026-12-24\n2026-12-31",
        "day_0": "8-12, 13-18",
    }
    for _ in range(2):
        assert client.post(PAGE, posted)["Location"] == PAGE
    with scope.opened(aurora):
        hours = BusinessHours.objects.get()
        assert hours.slots == {"0": [["08:00", "12:00"], ["13:00", "18:00"]]}
        assert (hours.country, hours.closed_days) == ("BR", ["2026-12-24", "2026-12-31"])
        assert Event.objects.filter(type="business_hours.changed").count() == 2
    assert b'value="08:00-12:00, 13:00-18:00"' in client.get(PAGE).content
    refused = client.post(PAGE, {**posted, "day_6": "always"})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["day_6"])
    assert client_for(aurora, Role.AGENT).get(PAGE).status_code == 403


def test_closed_days_are_written_as_the_readers_country_writes_dates(
    aurora: Company, client_for: Any
) -> None:
    with translation.override("pt-br"):
        form = BusinessHoursForm({"closed_days": "24/12/2026\n2026-12-31"})
        assert form.is_valid()
        assert form.values["closed_days"] == ["2026-12-24", "2026-12-31"]
        hours = BusinessHours(closed_days=form.values["closed_days"])
        assert form.values_of(hours)["closed_days"] == "24/12/2026\n31/12/2026"
    refused = client_for(aurora, Role.MANAGER).post(PAGE, {"closed_days": "Christmas"})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["closed_days"])
