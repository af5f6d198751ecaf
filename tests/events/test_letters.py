"""Dead letters: seen, told of once, tried again or thrown away, and gone when they are mended."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from django.db import transaction

from events import bus, deliveries, facts
from events.causes import meaning
from events.dead_letters import boxes
from events.enums import DeliveryState, LetterAction, RunState
from events.models import Delivery, Event, Incident, LetterRun
from events.services import letters
from tenants.models import Company, IncidentRollup
from tests.events.conftest import inside


@dataclass(frozen=True, kw_only=True)
class DoorSlammed(facts.Fact):
    type: ClassVar[str] = "test.door_slammed"
    number: int


NAME = "test.crash"


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A subscriber that fails as long as `error` is set."""
    monkeypatch.setattr(bus, "_subscribers", {})
    state: dict[str, Any] = {"error": LookupError, "did": 0}

    def handle(event: Event) -> None:
        if state["error"]:
            raise state["error"](f"door {event.data['number']} of {event.uid}")
        state["did"] += 1

    bus.subscribe(NAME, DoorSlammed, handle, mode="durable")
    return state


def slam(count: int) -> None:
    with transaction.atomic():
        for number in range(count):
            bus.publish(DoorSlammed(number=number))


def work(times: int = 1) -> None:
    for _ in range(times):
        Delivery.objects.filter(state=DeliveryState.PENDING).update(due_at="2020-01-01T00:00Z")
        deliveries.deliver(NAME)


def die(count: int) -> None:
    slam(count)
    work(deliveries.MAX_ATTEMPTS)


def test_letters_that_died_of_the_same_are_one_group(
    company: Company, broken: dict[str, Any]
) -> None:
    die(2)
    broken["error"] = KeyError
    die(1)
    first, second = boxes[deliveries.BOX].causes()
    assert (first.text, first.count) == ("LookupError: door # of #", 2)
    assert (second.text, second.count) == ("KeyError: 'door # of #'", 1)
    assert meaning(second.text) == "A part is missing, or cannot be read."
    [letter] = boxes[deliveries.BOX].letters(cause=second.text)
    assert (letter.title, letter.of, letter.attempts) == (DoorSlammed.type, NAME, 5)


def test_the_first_that_is_given_up_opens_one_incident_and_the_last_mended_closes_it(
    company: Company, broken: dict[str, Any]
) -> None:
    die(3)
    incident = Incident.objects.get(kind=letters.INCIDENT)
    assert (incident.times, incident.closed_at) == (3, None)
    assert IncidentRollup.objects.get(pk=incident.pk).times == 3
    assert Event.objects.filter(type="dead_letters.quarantined").count() == 1
    broken["error"] = None
    letters.begin(box=boxes[deliveries.BOX], action="redrive")
    letters.run(str(LetterRun.objects.get().pk))
    assert not Incident.objects.filter(closed_at=None).exists()
    work()
    assert broken["did"] == 3
    assert LetterRun.objects.get().state == RunState.DONE


def test_a_group_is_gone_through_in_slices_and_each_letter_once(
    company: Company, broken: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "PIECE", 2)
    die(5)
    run = letters.begin(box=boxes[deliveries.BOX], action="redrive", actor="person:1")
    letters.run(str(run.pk))
    run.refresh_from_db()
    assert (run.done, run.total, run.state) == (5, 5, RunState.DONE)
    work(deliveries.MAX_ATTEMPTS)  # they die again, and nobody takes them up by itself
    letters.run(str(run.pk))
    assert Delivery.objects.filter(state=DeliveryState.DEAD).count() == 5


def test_what_is_discarded_is_neither_dead_nor_done(
    company: Company, broken: dict[str, Any]
) -> None:
    die(2)
    box = boxes[deliveries.BOX]
    key = box.letters()[0].key
    assert letters.act_on(box=box, action=LetterAction.DISCARD, keys=[key, "nonsense"]) == 1
    assert box.count() == 1
    letters.begin(box=box, action="discard", cause="LookupError: door # of #")
    letters.run(str(LetterRun.objects.get().pk))
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.DROPPED}
    assert not Incident.objects.filter(closed_at=None).exists()


def test_what_nobody_told_of_is_found_by_looking(company: Company, broken: dict[str, Any]) -> None:
    slam(1)
    Delivery.objects.update(state=DeliveryState.DEAD, error="x")
    letters.look()
    letters.look()
    assert Incident.objects.get(kind=letters.INCIDENT).times == 1
    Delivery.objects.all().delete()
    letters.look()
    assert not Incident.objects.filter(closed_at=None).exists()


def test_the_page_shows_causes_and_acts_on_one_and_on_all(
    aurora: Company, client_for: Any, broken: dict[str, Any]
) -> None:
    client, page = client_for(aurora), "/c/aurora/events/dead-letters/"
    box = boxes[deliveries.BOX]
    with inside(aurora):
        die(2)
        key = box.letters()[0].key
    assert b"LookupError: door # of #" in client.get(page).content
    broken["error"] = None
    client.post(f"{page}act/", {"box": box.code, "action": "redrive", "key": key})
    with inside(aurora):
        work()
        assert (broken["did"], box.count()) == (1, 1)
    client.post(f"{page}act/", {"box": box.code, "action": "redrive"})
    with inside(aurora):
        letters.run(str(LetterRun.objects.get().pk))
        work()
        assert (broken["did"], box.count()) == (2, 0)
    assert client.post(f"{page}act/", {"box": "no", "action": "redrive"}).status_code == 302
    assert b"Nothing was given up" in client.get(page).content


def test_the_agenda_finds_runs_that_are_not_finished(
    company: Company, broken: dict[str, Any]
) -> None:
    die(1)
    run = letters.begin(box=boxes[deliveries.BOX], action="redrive")
    assert [key for key, _ in letters.due(None)] == [str(run.pk)]


def test_a_group_whose_error_has_several_lines_is_named_as_forms_send_it(
    aurora: Company, broken: dict[str, Any], client_for: Any
) -> None:
    with inside(aurora):
        broken["error"] = lambda text: LookupError("no key\nDETAIL: 1 of 2")
        die(2)
    client, page = client_for(aurora), "/c/aurora/events/dead-letters/"
    cause = "LookupError: no key\r\nDETAIL: # of #"
    client.post(f"{page}act/", {"box": "events", "action": "discard", "cause": ""})
    with inside(aurora):
        assert LetterRun.objects.count() == 0
    client.post(f"{page}act/", {"box": "events", "action": "discard", "cause": cause})
    with inside(aurora):
        assert [run.total for run in LetterRun.objects.all()] == [2]
