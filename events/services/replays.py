"""Having events handled once more: one, or all that the log shows, to all who listen or to some.

Two ways, and the difference is what is never done twice:

- **Plain.** What was given up is tried again, who began to listen later hears it now, and who keys
  what it does by event and run (`events.bus.listen`: endpoints, automations) is told the same run
  once more and does what is missing. A fixed subscriber that has handled its delivery is not told
  again, so a week's facts replayed send nothing and stop nothing.
- **With effects.** Whoever has handled it does so again, as run + 1, which staff are asked twice
  about.

What still waits is left alone in both: it comes anyway. What listens inline or after the commit is
part of the fact and is never replayed.

A replay goes on by itself in slices, oldest event first, and waits while its subscribers have more
than `BACKLOG` deliveries before them: what happens now must not stand behind last month.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import agenda, realtime, scope
from core.errors import Invalid
from events import bus
from events.enums import DeliveryState, RunState
from events.events import EventsReplayed, ReplayEnded
from events.log import Filters
from events.models import Delivery, Event, Interest, Replay

KIND = "events.replay"
TOPIC = "replays"
PIECE = 200
BACKLOG = 500
BREATH = timedelta(seconds=2)
NOTHING_FITS = _("No event fits these filters.")
NOBODY = _("Nobody of this name listens. Choose from the list.")


def start(
    *,
    filters: Filters,
    subscribers: Collection[str] = (),
    with_effects: bool = False,
    actor: str = "system",
) -> Replay:
    """Begin to replay what the filters leave now; what happens later is not meant.

    Args:
        subscribers: whom alone to hand it to; empty: whoever listens.

    Raises:
        core.errors.Invalid: under `subscribers` or `filters`.
    """
    _check(subscribers)
    rows = filters.events()
    newest = rows.order_by("-uid").first()
    if newest is None:
        raise Invalid({"filters": NOTHING_FITS}, message=NOTHING_FITS)
    return _begin(
        Replay(
            query=filters.query,
            subscribers=sorted(subscribers),
            with_effects=with_effects,
            until=newest.uid,
            total=rows.count(),
            requested_by=actor,
        )
    )


@transaction.atomic
def replay_event(
    *,
    event: Event,
    subscribers: Collection[str] = (),
    with_effects: bool = False,
    actor: str = "system",
) -> Replay:
    """Replay one event before this returns; its subscribers are told by the workers as always.

    Raises:
        core.errors.Invalid: under `subscribers`.
    """
    _check(subscribers)
    replay = Replay(
        subscribers=sorted(subscribers),
        with_effects=with_effects,
        until=event.uid,
        total=1,
        requested_by=actor,
    )
    replay.save()
    _tell_start(replay)
    _hand_over(replay, [event])
    _finish(replay, RunState.DONE)
    return replay


@transaction.atomic
def stop(*, replay: Replay, actor: str = "system") -> None:
    """End it where it is; what was handed over stays so."""
    found = Replay.objects.select_for_update().get(pk=replay.pk)
    if found.state == RunState.RUNNING:
        _finish(found, RunState.STOPPED, actor)


def run(key: str) -> None:
    """The agenda's handler: two seconds of it, then the rest at the next wake-up."""
    agenda.in_slices(KIND, key, partial(_piece, UUID(key)))


def due(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Replays that are not finished (the agenda's selector)."""
    running = Replay.objects.filter(state=RunState.RUNNING)
    if key is not None:
        running = running.filter(pk=key)
    return [(str(pk), at) for pk, at in running.values_list("pk", "created_at")]


def listeners(types: Collection[str]) -> list[str]:
    """Who would hear events of these types, of all types if none is named; by name."""
    return sorted({name for names in _listeners(types).values() for name in names})


@transaction.atomic
def _begin(replay: Replay) -> Replay:
    replay.save()
    agenda.append(KIND, str(replay.pk))
    _tell_start(replay)
    return replay


def _tell_start(replay: Replay) -> None:
    fact = EventsReplayed(
        replay_id=replay.pk,
        events=replay.total,
        subscribers=replay.subscribers,
        with_effects=replay.with_effects,
    )
    bus.publish(fact, actor=replay.requested_by)


@transaction.atomic
def _piece(pk: UUID) -> bool:
    """One piece and how far it came; False when there is no more to do."""
    running = Replay.objects.select_for_update().filter(state=RunState.RUNNING)
    replay = running.filter(pk=pk).first()
    if replay is None:
        return False
    if _is_crowded(replay):
        agenda.append(KIND, str(pk), timezone.now() + BREATH)
        return False
    events = _next(replay)
    _hand_over(replay, events)
    if len(events) < PIECE:
        _finish(replay, RunState.DONE)
        return False
    replay.cursor = events[-1].uid
    replay.save()
    realtime.push_coalesced(scope.required_company_id(), TOPIC, "progressed", str(replay.pk))
    return True


def _next(replay: Replay) -> list[Event]:
    rows = Filters.of_query(replay.query).events(until=replay.until)
    if replay.cursor is not None:
        rows = rows.filter(uid__gt=replay.cursor)
    return list(rows.order_by("uid")[:PIECE])


def _hand_over(replay: Replay, events: Sequence[Event]) -> None:
    """Give these events to whom the replay is for, in three statements however many they are."""
    wanted = _wanted(replay, events)
    standing = Delivery.objects.select_for_update().filter(event__in=events)
    found = {(row.event_id, row.subscriber): row for row in standing.order_by("pk")}
    verdicts = {pair: _verdict(found.get(pair), replay) for pair in wanted}
    _reopen([found[pair].pk for pair, told in verdicts.items() if told == "again"], 0)
    _reopen([found[pair].pk for pair, told in verdicts.items() if told == "anew"], 1)
    Delivery.objects.bulk_create(
        [
            Delivery(event_id=event_id, subscriber=name)
            for (event_id, name), told in verdicts.items()
            if told == "new"
        ],
        ignore_conflicts=True,
    )
    told = Counter("left" if verdict == "left" else "handed" for verdict in verdicts.values())
    replay.done += len(events)
    replay.handed += told["handed"]
    replay.left += told["left"]
    for name in sorted({name for (_pk, name), one in verdicts.items() if one != "left"}):
        agenda.append(bus.DELIVER, name)


def _verdict(row: Delivery | None, replay: Replay) -> str:
    """What becomes of one delivery: `new`, `again` (the same run), `anew` (the next) or `left`."""
    if row is None:
        return "new"
    if row.state == DeliveryState.PENDING:
        return "left"
    if row.state == DeliveryState.DEAD:
        return "again"
    if replay.with_effects:
        return "anew"
    is_done = row.state == DeliveryState.DONE
    return "again" if is_done and _keys_by_run(row.subscriber) else "left"


def _reopen(pks: Sequence[int], more_runs: int) -> None:
    Delivery.objects.filter(pk__in=pks).update(
        state=DeliveryState.PENDING,
        attempts=0,
        error="",
        due_at=timezone.now(),
        run=F("run") + more_runs,
    )


def _wanted(replay: Replay, events: Sequence[Event]) -> list[tuple[int, str]]:
    """Which event is for whom. A fixed subscriber that never heard of an event did not exist when
    it happened: plainly, it is not told now."""
    listening = _listeners({event.type for event in events})
    known = set(Delivery.objects.filter(event__in=events).values_list("event_id", "subscriber"))
    chosen = set(replay.subscribers)
    return [
        (event.pk, name)
        for event in events
        for name in sorted(listening[event.type])
        if (not chosen or name in chosen)
        and (replay.with_effects or _keys_by_run(name) or (event.pk, name) in known)
    ]


def _listeners(types: Collection[str]) -> Mapping[str, set[str]]:
    """By type: fixed subscribers of its fact, and the company's own that asked for it."""
    named: dict[str, set[str]] = defaultdict(set)
    for one in bus.durable():
        if one.fact is not None and (not types or one.fact.type in types):
            named[one.fact.type].add(one.name)
    interests = Interest.objects.all()
    if types:
        interests = interests.filter(type__in=types)
    for type_, name in interests.values_list("type", "subscriber"):
        if _is_durable(name):
            named[type_].add(name)
    return named


def _check(subscribers: Collection[str]) -> None:
    if not all(_is_durable(name) for name in subscribers):
        raise Invalid({"subscribers": NOBODY}, message=NOBODY)


def _is_durable(name: str) -> bool:
    found = bus.subscriber(name)
    return found is not None and found.mode == "durable"


def _keys_by_run(name: str) -> bool:
    """Whether it does nothing twice by itself (`events.bus.listen`)."""
    found = bus.subscriber(name)
    return found is not None and found.fact is None


def _is_crowded(replay: Replay) -> bool:
    waiting = Delivery.objects.due()
    if replay.subscribers:
        waiting = waiting.filter(subscriber__in=replay.subscribers)
    return waiting.order_by()[: BACKLOG + 1].count() > BACKLOG


def _finish(replay: Replay, state: RunState, actor: str = "") -> None:
    replay.state, replay.finished_at = state, timezone.now()
    replay.query = ""  # it may name somebody, and nothing asks for it any more
    replay.save()
    fact = ReplayEnded(replay_id=replay.pk, state=state, handed=replay.handed)
    bus.publish(fact, actor=actor or replay.requested_by)
    realtime.push(scope.required_company_id(), TOPIC, "ended", str(replay.pk))
