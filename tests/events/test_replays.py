"""Replays: nothing is done twice unless somebody asked for it twice, and nothing is forgotten."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from django.db import transaction
from django.utils import timezone

from core.errors import Invalid
from core.ids import uuid7
from core.models import AgendaRow
from events import bus, deliveries, facts
from events.enums import DeliveryState, RunState
from events.log import Filters
from events.models import Delivery, Event, Replay
from events.services import interests, replays
from tenants.models import Company
from tests.events.conftest import inside


@dataclass(frozen=True, kw_only=True)
class BellRung(facts.Fact):
    type: ClassVar[str] = "test.bell_rung"
    number: int


HEARD = "test.hear"  # fixed: does something with each event
LISTENS = "test.listen"  # a company's own: keys what it does by event and run


@pytest.fixture
def did(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """What the handlers did, by subscriber; `broken` in it makes the fixed one fail."""
    monkeypatch.setattr(bus, "_subscribers", {})
    done: Counter[str] = Counter()
    keys: set[Any] = set()

    def hear(event: Event) -> None:
        if done["broken"]:
            raise LookupError("no bell")
        done[HEARD] += 1

    def listen(event: Event) -> None:
        done["told"] += 1
        if (event.uid, event.run) not in keys:
            keys.add((event.uid, event.run))
            done[LISTENS] += 1

    bus.subscribe(HEARD, BellRung, hear, mode="durable")
    bus.listen(LISTENS, listen)
    return done


def ring(count: int) -> list[Event]:
    with transaction.atomic():
        return [bus.publish(BellRung(number=number)) for number in range(count)]


def work() -> None:
    """What the workers do: everything that is due, whatever its time."""
    for key in Replay.objects.filter(state=RunState.RUNNING).values_list("pk", flat=True):
        while Replay.objects.filter(pk=key, state=RunState.RUNNING).exists():
            replays.run(str(key))
            hand_over()
    hand_over()


def hand_over() -> None:
    waiting = Delivery.objects.filter(state=DeliveryState.PENDING)
    while waiting.exists():
        waiting.filter(due_at__gt=timezone.now()).update(due_at=timezone.now())
        for name in (HEARD, LISTENS):
            deliveries.deliver(name)


BELLS = Filters(type=BellRung.type)


def test_c13_a_thousand_replayed_that_were_done_do_nothing(
    company: Company, did: Counter[str]
) -> None:
    interests.declare(subscriber=LISTENS, types={BellRung.type})
    ring(1_000)
    work()
    before = Counter({name: did[name] for name in (HEARD, LISTENS)})
    replay = replays.start(filters=BELLS, actor="person:1")
    work()
    replay.refresh_from_db()
    assert (replay.state, replay.total, replay.done) == (RunState.DONE, 1_000, 1_000)
    assert Counter({name: did[name] for name in (HEARD, LISTENS)}) == before
    assert did["told"] == 2_000  # who keys by run was told, and did nothing


def test_c13_what_failed_is_done_after_the_mend(company: Company, did: Counter[str]) -> None:
    did["broken"] = 1
    ring(3)
    for _ in range(deliveries.MAX_ATTEMPTS):
        Delivery.objects.update(due_at=timezone.now())
        deliveries.deliver(HEARD)
    assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.DEAD}
    did["broken"] = 0
    replays.start(filters=BELLS)
    work()
    assert did[HEARD] == 3
    assert set(Delivery.objects.values_list("state", "run")) == {(DeliveryState.DONE, 0)}


def test_with_effects_everybody_does_it_once_more(company: Company, did: Counter[str]) -> None:
    interests.declare(subscriber=LISTENS, types={BellRung.type})
    ring(2)
    work()
    replays.start(filters=BELLS, with_effects=True)
    work()
    assert (did[HEARD], did[LISTENS]) == (4, 4)
    assert set(Delivery.objects.values_list("run", flat=True)) == {1}


def test_who_began_to_listen_later_hears_what_was_before(
    company: Company, did: Counter[str]
) -> None:
    ring(2)
    work()
    interests.declare(subscriber=LISTENS, types={BellRung.type})
    replays.start(filters=BELLS, subscribers=[LISTENS])
    work()
    assert (did[HEARD], did[LISTENS]) == (2, 2)


def test_what_happens_after_the_start_is_not_meant(company: Company, did: Counter[str]) -> None:
    ring(2)
    work()
    replay = replays.start(filters=BELLS, with_effects=True)
    ring(3)
    work()
    replay.refresh_from_db()
    assert (replay.done, did[HEARD]) == (2, 2 + 2 + 3)


def test_what_still_waits_is_left_alone(company: Company, did: Counter[str]) -> None:
    ring(1)
    replay = replays.start(filters=BELLS, with_effects=True)
    replays.run(str(replay.pk))
    replay.refresh_from_db()
    assert (replay.handed, replay.left) == (0, 1)
    assert Delivery.objects.get().run == 0


def test_it_waits_while_its_subscribers_are_behind(
    company: Company, did: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replays, "BACKLOG", 2)
    ring(4)
    replay = replays.start(filters=BELLS, with_effects=True)
    AgendaRow.objects.all().delete()
    replays.run(str(replay.pk))
    replay.refresh_from_db()
    assert (replay.done, AgendaRow.objects.filter(kind=replays.KIND).count()) == (0, 1)


def test_a_replay_can_be_stopped_and_is_told(company: Company, did: Counter[str]) -> None:
    ring(1)
    replay = replays.start(filters=BELLS, actor="person:1")
    replays.stop(replay=replay, actor="person:2")
    replays.run(str(replay.pk))
    replay.refresh_from_db()
    assert (replay.state, replay.done, replay.query) == (RunState.STOPPED, 0, "")
    told = Event.objects.exclude(type=BellRung.type).order_by("sequence")
    assert list(told.values_list("type", "actor")) == [
        ("events.replayed", "person:1"),
        ("events.replay_ended", "person:2"),
    ]


def test_a_replay_of_nothing_or_to_nobody_is_refused(company: Company, did: Counter[str]) -> None:
    with pytest.raises(Invalid):
        replays.start(filters=BELLS)
    ring(1)
    with pytest.raises(Invalid):
        replays.start(filters=BELLS, subscribers=["nobody"])


def test_one_event_is_replayed_from_its_page_with_effects_only_when_sure(
    aurora: Company, client_for: Any, did: Counter[str]
) -> None:
    client = client_for(aurora)
    with inside(aurora):
        [event] = ring(1)
        work()
    page = f"/c/aurora/events/{event.sequence}/replay/"
    client.post(page, {"with_effects": "on"})
    with inside(aurora):
        assert Replay.objects.count() == 0
    client.post(page, {"with_effects": "on", "sure": "yes"})
    with inside(aurora):
        work()
        assert (did[HEARD], Delivery.objects.get().run) == (2, 1)
    client.post(page, {})
    with inside(aurora):
        work()
    assert did[HEARD] == 2


def test_the_filters_worth_asks_once_more_before_it_repeats_effects(
    aurora: Company, client_for: Any, did: Counter[str]
) -> None:
    client, page = client_for(aurora), f"/c/aurora/events/replay/?{BELLS.query}"
    with inside(aurora):
        ring(2)
        work()
    asked = client.post(page, {"with_effects": "on"})
    assert (asked.status_code, asked.context["asks"]) == (422, True)
    begun = client.post(page, {"with_effects": "on", "sure": "yes"})
    with inside(aurora):
        replay = Replay.objects.get()
    assert (begun.status_code, replay.total) == (302, 2)
    assert b"0 / 2" in client.get(begun["Location"]).content
    client.post(f"/c/aurora/events/replays/{replay.pk}/stop/")
    with inside(aurora):
        assert Replay.objects.get().state == RunState.STOPPED


def test_the_agenda_finds_replays_that_are_not_finished(
    company: Company, did: Counter[str]
) -> None:
    ring(1)
    replay = replays.start(filters=BELLS)
    assert [key for key, _ in replays.due(None)] == [str(replay.pk)]
    assert list(replays.due(str(uuid7()))) == []
