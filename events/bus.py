"""Publish and subscribe: how a fact reaches those above who care.

Three ways to listen, chosen by what must not happen:
- `inline`: in the transaction of the fact; both commit or neither does (the inbox row of an
  inbound message). Keep it short.
- `durable`: a Delivery row in the same transaction, handled by a worker until it succeeds; after
  five crashes it is quarantined with its cause.
- `after_commit`: best effort, once the fact is certain (hints to open pages).

These listen to a fact of every company. Who listens for a company's own sake (its endpoints, its
automations) calls `listen` once and says per company which types it wants
(`events.services.interests`): the statement that writes the event then writes its delivery.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal, cast

import structlog
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from core import agenda, statements
from events.facts import Fact
from events.models import Delivery, Event

log = structlog.get_logger(__name__)

DELIVER = "events.deliver"
_INSERT = """
    WITH event AS (
        INSERT INTO events_event (uid, type, version, data, actor, occurred_at)
        SELECT uid, type, version, data, actor, at
        FROM jsonb_to_recordset(%(events)s::jsonb) AS v(place int, uid uuid, type text, version int,
             data jsonb, actor text, at timestamptz)
        ORDER BY place
        RETURNING sequence, type),
    told AS (
        INSERT INTO events_delivery (event_id, subscriber, state, attempts, due_at, error, run)
        SELECT event.sequence, subscriber, 'pending', 0, %(now)s::timestamptz, '', 0
        FROM event JOIN events_interest USING (type) ORDER BY event.sequence
        RETURNING subscriber)
    SELECT sequence, ARRAY(SELECT DISTINCT subscriber FROM told) FROM event ORDER BY sequence
"""
Mode = Literal["inline", "durable", "after_commit"]


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who listens to a fact, and when it is told."""

    name: str  # "<app>.<verb>", the Delivery's subscriber and the agenda's key
    fact: type[Fact] | None  # None: whatever types the company asked for
    handle: Callable[[Event], None]
    mode: Mode
    # The same for many: for new deliveries (`listen`), for what is published at once
    # (`subscribe_all`).
    handle_all: Callable[[Sequence[Event]], None] | None = None


_subscribers: dict[str, Subscriber] = {}
SYSTEM = "system"
_cause: ContextVar[str] = ContextVar("cause", default=SYSTEM)
_is_history: ContextVar[bool] = ContextVar("is_history", default=False)


def subscribe(name: str, fact: type[Fact], handle: Callable[[Event], None], *, mode: Mode) -> None:
    """Listen to a fact; called once from the app's AppConfig.ready().

    Args:
        name: unique, `<app>.<verb>`.
        handle: gets the stored Event (its `data` are the fact's fields as JSON values).
    """
    _register(Subscriber(name=name, fact=fact, handle=handle, mode=mode))


def subscribe_all(
    name: str, fact: type[Fact], handle_all: Callable[[Sequence[Event]], None]
) -> None:
    """Listen `inline` to a fact, to those together that are published at once, in their order."""
    _register(Subscriber(name, fact, lambda event: handle_all([event]), "inline", handle_all))


def listen(
    name: str,
    handle: Callable[[Event], None],
    *,
    handle_all: Callable[[Sequence[Event]], None] | None = None,
) -> None:
    """Listen, durably, to the types that each company asks for (`events.services.interests`);
    called once from the app's AppConfig.ready().

    Args:
        name: unique, `<app>.<verb>`.
        handle: gets the stored Event, at least once: it keys what it does by `uid` and `run`.
        handle_all: the same for many events, oldest first, in one transaction; for those whose
            work costs less together. If it fails, nothing of it was done, and `handle` gets each
            of them alone.
    """
    _register(
        Subscriber(name=name, fact=None, handle=handle, mode="durable", handle_all=handle_all)
    )


def _register(subscriber: Subscriber) -> None:
    if subscriber.name in _subscribers:
        message = f"subscriber {subscriber.name} is registered twice"
        raise ValueError(message)
    _subscribers[subscriber.name] = subscriber


@contextmanager
def caused_by(actor: str) -> Iterator[None]:
    """What happens inside without anybody's doing is this actor's: how a chain is followed."""
    token = _cause.set(actor)
    try:
        yield
    finally:
        _cause.reset(token)


@contextmanager
def history() -> Iterator[None]:
    """What happens inside is taken over from elsewhere, where it happened before anybody here
    listened: as with the rows of an import, it is neither logged nor told."""
    token = _is_history.set(True)
    try:
        yield
    finally:
        _is_history.reset(token)


def subscriber(name: str) -> Subscriber | None:
    """The subscriber of that name, or None if this version has none."""
    return _subscribers.get(name)


def durable() -> list[Subscriber]:
    """Those who have a delivery of each event, fixed ones and a company's own."""
    return [one for one in _subscribers.values() if one.mode == "durable"]


def publish(fact: Fact, *, actor: str = SYSTEM, about: Model | None = None) -> Event:
    """Write a fact into the log and to everyone who listens, in the current transaction; not so
    within `history`.

    Args:
        about: the row that the fact is about, as it was just written; it spares those who listen
            `inline` reading it (`Event.about`).

    Raises:
        RuntimeError: called outside a transaction: the fact could be told without being true.
    """
    [event] = _publish([(fact, about)], actor)
    return event


def publish_all(
    facts: Sequence[Fact], *, actor: str = SYSTEM, about: Sequence[Model] = ()
) -> list[Event]:
    """`publish` of many, in their order, by one statement.

    Args:
        about: the rows that they are about, if given one for each.
    """
    rows: Sequence[Model | None] = about or [None] * len(facts)
    return _publish(list(zip(facts, rows, strict=True)), actor)


def _publish(facts: Sequence[tuple[Fact, Model | None]], actor: str) -> list[Event]:
    if not connection.in_atomic_block:
        message = "facts must be published in the transaction that makes them true"
        raise RuntimeError(message)
    who = _cause.get() if actor == SYSTEM else actor
    events = [
        Event(type=fact.type, version=fact.version, data=fact.data(), actor=who)
        for fact, _about in facts
    ]
    if not events or _is_history.get():
        for event, (_fact, about) in zip(events, facts, strict=True):
            event.about = about
        return events
    for name in _store(events):
        agenda.append(DELIVER, name)
    by_type: dict[type[Fact], list[Event]] = defaultdict(list)
    for event, (fact, about) in zip(events, facts, strict=True):
        event.about = about
        by_type[type(fact)].append(event)
    for listener in list(_subscribers.values()):
        if listener.fact in by_type:
            _tell_all(listener, by_type[listener.fact])
    return events


def _store(events: Sequence[Event]) -> list[str]:
    """Insert them; a sender tells a fact for each wave, so this goes past the ORM.

    Returns:
        Whom the company wants to hear of them: each has its deliveries now.
    """
    rows = [
        {
            "place": place, "uid": event.uid, "type": event.type, "version": event.version,
            "data": event.data, "actor": event.actor, "at": event.occurred_at,
        }
        for place, event in enumerate(events)
    ]  # fmt: skip
    stored = statements.run(_INSERT, events=statements.rows(rows), now=timezone.now())
    for event, (sequence, _interested) in zip(events, stored, strict=True):
        event.sequence = sequence
        event._state.adding = False
    return cast("list[str]", stored[0][1])


def _tell_all(listener: Subscriber, events: Sequence[Event]) -> None:
    if listener.handle_all is not None:
        listener.handle_all(events)
        return
    for event in events:
        _tell(listener, event)


def _tell(listener: Subscriber, event: Event) -> None:
    if listener.mode == "inline":
        listener.handle(event)
    elif listener.mode == "durable":
        Delivery.objects.create(event=event, subscriber=listener.name)
        agenda.append(DELIVER, listener.name)
    else:
        transaction.on_commit(lambda: _tell_softly(listener, event))


def _tell_softly(listener: Subscriber, event: Event) -> None:
    try:
        listener.handle(event)
    except Exception:
        log.exception("events.hint_failed", subscriber=listener.name, type=event.type)
