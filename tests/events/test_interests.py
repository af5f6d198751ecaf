"""A company's own subscribers hear of the types they asked for, and of nothing else."""

from dataclasses import dataclass
from typing import ClassVar

import pytest
from django.db import transaction

from core.models import AgendaRow
from events import bus, deliveries, facts
from events.models import Delivery, Event
from events.services import interests
from tenants.models import Company


@dataclass(frozen=True, kw_only=True)
class DoorOpened(facts.Fact):
    type: ClassVar[str] = "test.door_opened"


@dataclass(frozen=True, kw_only=True)
class DoorClosed(facts.Fact):
    type: ClassVar[str] = "test.door_closed"


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    monkeypatch.setattr(bus, "_subscribers", {})
    events: list[tuple[str, int]] = []
    bus.listen("test.hear", lambda event: events.append((event.type, event.run)))
    return events


def publish(*told: facts.Fact) -> list[Event]:
    with transaction.atomic():
        return [bus.publish(fact) for fact in told]


def test_only_what_was_asked_for_has_a_delivery(
    company: Company, heard: list[tuple[str, int]]
) -> None:
    interests.declare(subscriber="test.hear", types={"test.door_opened"})
    opened, _ = publish(DoorOpened(), DoorClosed())
    assert list(Delivery.objects.values_list("event", "subscriber")) == [(opened.pk, "test.hear")]
    errands = AgendaRow.objects.filter(kind=bus.DELIVER)
    assert list(errands.values_list("schema", "key")) == [(company.schema_name, "test.hear")]
    deliveries.deliver("test.hear")
    assert heard == [("test.door_opened", 0)]


def test_what_is_not_named_any_more_ends(company: Company, heard: list[tuple[str, int]]) -> None:
    interests.declare(subscriber="test.hear", types={"test.door_opened"})
    interests.declare(subscriber="test.hear", types={"test.door_closed"})
    publish(DoorOpened(), DoorClosed())
    assert [row.event.type for row in Delivery.objects.select_related("event")] == [
        "test.door_closed"
    ]


def test_a_delivery_that_is_run_again_says_so(
    company: Company, heard: list[tuple[str, int]]
) -> None:
    interests.declare(subscriber="test.hear", types={"test.door_opened"})
    publish(DoorOpened())
    Delivery.objects.update(run=2)
    deliveries.deliver("test.hear")
    assert heard == [("test.door_opened", 2)]
