"""Facts reach those who listen, in the way they asked for, and only when they are true."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone

from core.ids import uuid7
from core.models import AgendaRow
from events import bus, deliveries, facts
from events.enums import DeliveryState
from events.models import Delivery, Event
from events.services import interests
from tenants.models import Company


@dataclass(frozen=True, kw_only=True)
class KettleBoiled(facts.Fact):
    type: ClassVar[str] = "test.kettle_boiled"
    kettle_id: UUID
    degrees: int


@pytest.fixture
def listeners(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A registry of the test's own."""
    monkeypatch.setattr(bus, "_subscribers", {})
    return


def boil() -> Event:
    with transaction.atomic():
        return bus.publish(KettleBoiled(kettle_id=uuid7(), degrees=100), actor="member:1")


def test_a_fact_is_logged_with_its_fields_as_json(company: Company, listeners: None) -> None:
    event = boil()
    stored = Event.objects.get(pk=event.pk)
    assert (stored.type, stored.version, stored.actor) == ("test.kettle_boiled", 1, "member:1")
    assert stored.data == {"kettle_id": event.data["kettle_id"], "degrees": 100}


def test_publishing_outside_a_transaction_is_refused(
    fresh_database: None, listeners: None, django_db_blocker: pytest.FixtureRequest
) -> None:
    with django_db_blocker.unblock(), pytest.raises(RuntimeError, match="in the transaction"):
        bus.publish(KettleBoiled(kettle_id=uuid7(), degrees=1))


def test_facts_that_are_told_at_once_keep_their_order(
    company: Company, listeners: None, django_assert_num_queries: Any
) -> None:
    heard: list[list[int]] = []

    def hear(events: Sequence[Event]) -> None:
        heard.append([event.data["degrees"] for event in events])

    bus.subscribe_all("test.hear", KettleBoiled, hear)
    bus.listen("test.ask", lambda event: None)
    interests.declare(subscriber="test.ask", types={KettleBoiled.type})
    facts_told = [KettleBoiled(kettle_id=uuid7(), degrees=degrees) for degrees in (3, 1, 2)]
    with transaction.atomic(), django_assert_num_queries(2):  # the second: the agenda's row
        told = bus.publish_all(facts_told)
    stored = Event.objects.order_by("sequence").values_list("pk", "data__degrees")
    assert list(stored) == [(event.pk, event.data["degrees"]) for event in told]
    assert heard == [[3, 1, 2]]
    asked = Delivery.objects.order_by("pk").values_list("event_id", flat=True)
    assert list(asked) == [event.pk for event in told]


def test_an_inline_listener_that_fails_takes_the_fact_with_it(
    company: Company, listeners: None
) -> None:
    def refuse(event: Event) -> None:
        raise ValueError

    bus.subscribe("test.refuse", KettleBoiled, refuse, mode="inline")
    with pytest.raises(ValueError):
        boil()
    assert Event.objects.count() == 0


def test_a_durable_listener_gets_its_delivery_in_the_same_transaction(
    company: Company, listeners: None
) -> None:
    heard: list[int] = []
    bus.subscribe(
        "test.hear", KettleBoiled, lambda event: heard.append(event.data["degrees"]), mode="durable"
    )
    boil()
    assert heard == []
    errands = AgendaRow.objects.filter(kind=bus.DELIVER)
    assert list(errands.values_list("schema", "key")) == [(company.schema_name, "test.hear")]
    deliveries.deliver("test.hear")
    deliveries.deliver("test.hear")
    assert heard == [100]
    assert Delivery.objects.get().state == DeliveryState.DONE
    assert list(deliveries.due("test.hear")) == []


def test_a_delivery_that_keeps_failing_is_given_up_with_its_cause(
    company: Company, listeners: None
) -> None:
    def crash(event: Event) -> None:
        raise LookupError("no kettle")

    bus.subscribe("test.crash", KettleBoiled, crash, mode="durable")
    boil()
    for _ in range(deliveries.MAX_ATTEMPTS + 1):
        Delivery.objects.update(due_at="2020-01-01T00:00Z")
        deliveries.deliver("test.crash")
    row = Delivery.objects.get()
    assert (row.state, row.attempts) == (DeliveryState.DEAD, deliveries.MAX_ATTEMPTS)
    assert row.error == "LookupError: no kettle"


def test_what_was_tried_before_is_taken_alone_and_what_is_new_together(
    company: Company, listeners: None
) -> None:
    """So an event that kills its worker counts as one try of those taken with it, and no more."""

    class Killed(BaseException):
        """The worker dies."""

    def kill(event: Event) -> None:
        raise Killed

    bus.subscribe("test.kill", KettleBoiled, kill, mode="durable")
    boil(), boil()
    attempts = []
    for _ in range(2):
        Delivery.objects.update(due_at="2020-01-01T00:00Z")
        with pytest.raises(Killed):
            deliveries.deliver("test.kill")
        attempts.append(list(Delivery.objects.order_by("pk").values_list("attempts", flat=True)))
    assert attempts == [[1, 1], [2, 1]]


def test_a_failure_holds_up_none_and_is_tried_again_later(
    company: Company, listeners: None
) -> None:
    heard: list[int] = []

    def fail_once(event: Event) -> None:
        heard.append(event.pk)
        if len(heard) == 1:
            raise LookupError("no kettle")

    bus.subscribe("test.fail", KettleBoiled, fail_once, mode="durable")
    first, second = boil(), boil()
    deliveries.deliver("test.fail")
    assert heard == [first.pk, second.pk]
    [(_, again_at)] = deliveries.due("test.fail")
    assert timedelta(seconds=4) < again_at - timezone.now() < timedelta(seconds=6)

    Delivery.objects.update(due_at=timezone.now())
    deliveries.deliver("test.fail")
    assert heard == [first.pk, second.pk, first.pk]
    assert list(deliveries.due("test.fail")) == []


class Batches:
    """Listens to many at once, and fails over what is too hot."""

    def __init__(self) -> None:
        self.together: list[list[int]] = []
        self.alone: list[int] = []

    def hear(self, event: Event) -> None:
        if event.data["degrees"] > 100:
            raise LookupError("no kettle")
        self.alone.append(event.data["degrees"])

    def hear_all(self, events: Sequence[Event]) -> None:
        self.together.append([event.data["degrees"] for event in events])
        if max(self.together[-1]) > 100:
            raise LookupError("no kettle")


def a_batch_listener() -> Batches:
    batches = Batches()
    bus.listen("test.batch", batches.hear, handle_all=batches.hear_all)
    interests.declare(subscriber="test.batch", types={KettleBoiled.type})
    return batches


def heat(*degrees: int) -> None:
    for one in degrees:
        with transaction.atomic():
            bus.publish(KettleBoiled(kettle_id=uuid7(), degrees=one))


def test_who_takes_many_at_once_gets_the_new_ones_together(
    company: Company, listeners: None
) -> None:
    batches = a_batch_listener()
    heat(80, 90)
    deliveries.deliver("test.batch")
    assert (batches.together, batches.alone) == ([[80, 90]], [])
    assert set(Delivery.objects.values_list("state", "attempts")) == {(DeliveryState.DONE, 1)}


def test_one_that_fails_takes_no_other_along(company: Company, listeners: None) -> None:
    batches = a_batch_listener()
    heat(80, 101, 90)
    deliveries.deliver("test.batch")
    assert (batches.together, batches.alone) == ([[80, 101, 90]], [80, 90])
    states = list(Delivery.objects.order_by("pk").values_list("state", "attempts", "error"))
    assert states == [
        (DeliveryState.DONE, 1, ""),
        (DeliveryState.PENDING, 1, "LookupError: no kettle"),
        (DeliveryState.DONE, 1, ""),
    ]
    Delivery.objects.filter(state=DeliveryState.PENDING).update(due_at=timezone.now())
    deliveries.deliver("test.batch")
    assert len(batches.together) == 1  # what was tried before goes alone


def test_a_soft_listener_never_fails_its_cause(
    company: Company, listeners: None, django_capture_on_commit_callbacks: object
) -> None:
    def crash(event: Event) -> None:
        raise LookupError

    bus.subscribe("test.soft", KettleBoiled, crash, mode="after_commit")
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        boil()
    assert Event.objects.count() == 1


def test_what_is_taken_over_as_history_is_neither_logged_nor_told(
    company: Company, listeners: None
) -> None:
    heard: list[Event] = []
    bus.subscribe("test.hear", KettleBoiled, heard.append, mode="inline")
    with bus.history():
        boil()
    assert (heard, Event.objects.count()) == ([], 0)
    boil()
    assert (len(heard), Event.objects.count()) == (1, 1)
