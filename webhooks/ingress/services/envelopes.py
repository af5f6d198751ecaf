"""Envelopes: stored once, byte for byte; then split into the items of their companies."""

import hashlib
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, cast
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from connections import registry
from connections.providers.base import InboundMessage
from core import agenda, statements
from core.ids import uuid7
from core.microbatch import FOREVER, Microbatch
from tenants.models import Route
from webhooks.ingress import takers
from webhooks.ingress.agenda import SPLIT
from webhooks.ingress.enums import EnvelopeState
from webhooks.ingress.models import Envelope, ParkedItem
from webhooks.ingress.services import delivery

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 5
LEASE = timedelta(seconds=20)
SLICE_SECONDS = 2.0
BATCH = 100
BATCH_BYTES = 8 * 1024 * 1024
# Receipts can wait a little for each other and share one round of statements. Messages do not: what
# comes while others are seen to gathers anyway.
GATHER_SECONDS = 0.15
# Where nothing is left, the next one is awaited for a moment: a hint costs more than a look.
LINGER_SECONDS = 0.02

# A worker is told so often while callbacks come without a pause.
WAKE_EVERY_SECONDS = 0.05

# What came at once is stored at once: a commit for each would be half of what the door costs.
STORED_TOGETHER = 16
_STORE = f"""
    WITH stored AS (
        INSERT INTO public.ingress_envelope
            (id, provider, route_id, sha256, body, state, seen, attempts, items, error, received_at,
             due_at)
        SELECT id, provider, route, sha256, body, 'received', seen, 0, 0, '', coalesce(at, now()),
               now()
        FROM unnest(%(ids)s::uuid[], %(providers)s::text[], %(routes)s::uuid[], %(sha256s)s::text[],
                    %(bodies)b::bytea[], %(seen)s::int[], %(ats)s::timestamptz[])
             AS v(id, provider, route, sha256, body, seen, at)
        ON CONFLICT (provider, sha256, route_id)
        DO UPDATE SET seen = ingress_envelope.seen + excluded.seen
        RETURNING id, provider, sha256, route_id),
    fresh AS (SELECT FROM stored WHERE id = ANY(%(ids)s::uuid[])),
    errand AS ({agenda.follow_up(SPLIT, "fresh")})
    SELECT id, provider, sha256, route_id FROM stored
"""  # noqa: S608 -- names of ours

# As many as fit into the memory that a batch may take, and always the first.
_TAKE = """
    WITH due AS MATERIALIZED (
        SELECT id, due_at, octet_length(body) AS size FROM ingress_envelope
        WHERE state = 'received' AND due_at <= %(now)s AND attempts {attempts}
        ORDER BY due_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED),
    fitting AS (
        SELECT id FROM (SELECT id, sum(size) OVER (ORDER BY due_at, id) - size AS before FROM due)
            AS sizes
        WHERE before < %(bytes)s)
    UPDATE ingress_envelope e SET attempts = e.attempts + 1, due_at = %(until)s
    FROM fitting WHERE e.id = fitting.id
    RETURNING e.id, e.provider, e.route_id, e.body, e.received_at, e.attempts
"""
_FINISH = """
    UPDATE ingress_envelope e
    SET body = NULL, items = v.items, state = 'split', split_at = %(now)s, error = ''
    FROM unnest(%(ids)s::uuid[], %(items)s::int[]) AS v(id, items)
    WHERE e.id = v.id AND e.state = 'received'
    RETURNING e.id
"""


class Waiting(NamedTuple):
    """An envelope that was taken, with the attempt counted."""

    id: UUID
    provider: str
    route_id: UUID | None
    body: memoryview | bytes
    received_at: datetime
    attempts: int


class Arrived(NamedTuple):
    """What makes a callback the same one as another: its bytes (or a key) at one address."""

    provider: str
    sha256: str
    route_id: UUID | None


def store(
    *, provider: str, body: bytes, route: Route | None, key: bytes = b"", patience: float = FOREVER
) -> UUID:
    """Keep a callback whose signature held; the same one again only raises `seen`.

    In no transaction of the caller's: other threads' callbacks may go with it, or it with theirs.

    Args:
        key: what makes it the same one; its bytes if nothing is given.
        patience: how long to wait for the callbacks before, in seconds.

    Returns:
        The envelope's id. When this returns, a worker will see to it.

    Raises:
        core.microbatch.Busy: the patience is over.
    """
    arrived = Arrived(provider, digest(key or body), route.pk if route else None)
    stored = _store_one((arrived, body), patience=patience)
    _errand.run()
    return stored


def digest(key: bytes) -> str:
    """What tells a callback from others at its address."""
    return hashlib.sha256(key).hexdigest()


def store_many(
    callbacks: Sequence[tuple[Arrived, bytes]], *, came: Mapping[Arrived, datetime] | None = None
) -> list[UUID]:
    """One statement for all of them; their envelopes' ids, in order.

    Args:
        came: when they came, where that is not now.
    """
    ids = _store_together(callbacks, came=came)
    _errand.run()
    return ids


def _store_together(
    callbacks: Sequence[tuple[Arrived, bytes]], *, came: Mapping[Arrived, datetime] | None = None
) -> list[UUID]:
    numbers = {arrived: uuid7() for arrived, _ in callbacks}  # in the order in which they came
    # In one order, so that two who store the same callbacks never wait in a circle.
    bodies = dict(sorted(callbacks, key=lambda one: one[0].sha256))
    seen = Counter(arrived for arrived, _ in callbacks)
    ids = [numbers[arrived] for arrived in bodies]
    stored = statements.run(
        _STORE,
        ids=ids,
        providers=[arrived.provider for arrived in bodies],
        routes=[arrived.route_id for arrived in bodies],
        sha256s=[arrived.sha256 for arrived in bodies],
        bodies=list(bodies.values()),
        seen=[seen[arrived] for arrived in bodies],
        ats=[came[arrived] if came else None for arrived in bodies],
    )
    envelopes = {Arrived._make(row[1:]): cast(UUID, row[0]) for row in stored}
    if not set(ids).isdisjoint(envelopes.values()):
        _errand.note()
    return [envelopes[arrived] for arrived, _ in callbacks]


class _Errand:
    """Who tells a worker: one of those whose callbacks were stored, after the turn, so that the
    next ones need not wait for Redis. Whoever knows that others are about to store leaves it to
    them, but not for long; should they die, the follow-up row is there. A round trip for each
    batch was a fifth of what the door costs."""

    def __init__(self) -> None:
        self._is_new = False
        self._at = 0.0

    def note(self) -> None:
        self._is_new = True

    def run(self) -> None:
        now = time.monotonic()
        if not self._is_new or (now < self._at and _store_one.has_waiting()):
            return
        self._is_new, self._at = False, now + WAKE_EVERY_SECONDS
        agenda.wake(SPLIT)


_store_one = Microbatch(_store_together, most=STORED_TOGETHER)
_errand = _Errand()


@transaction.atomic
def try_again(ids: Collection[UUID]) -> int:
    """Have envelopes that were given up read once more, by hand; how many that were."""
    dead = Envelope.objects.filter(pk__in=ids, state=EnvelopeState.DEAD)
    revived = dead.update(state=EnvelopeState.RECEIVED, attempts=0, due_at=timezone.now(), error="")
    if revived:
        agenda.append(SPLIT)
    return revived


def split(_key: str) -> None:
    """The agenda's handler for `ingress.split`: a slice of waiting envelopes, oldest first.

    New ones are taken many at once, so that their receipts go into the ledger in one statement.
    What was tried before is taken alone and its items are left to wait in rows of their own: an
    envelope or an item that kills its worker takes nobody along.
    """
    ends_at = time.monotonic() + SLICE_SECONDS
    lingered = False
    while time.monotonic() < ends_at:
        taken = _take(fresh=True, limit=BATCH)
        pause = _split_together(taken)
        retried = [] if taken else _take(fresh=False, limit=1)
        for waiting in retried:
            _split_alone(waiting)
        is_quiet = not taken and not retried
        if is_quiet and lingered:
            return
        lingered = is_quiet
        time.sleep(LINGER_SECONDS if is_quiet else pause)
    with transaction.atomic():
        agenda.append(SPLIT)


def due(_key: str | None) -> Iterable[tuple[str, datetime]]:
    """When the next waiting envelope is due (the agenda's selector); at most one entry."""
    at = Envelope.objects.filter(state=EnvelopeState.RECEIVED).aggregate(at=Min("due_at"))["at"]
    return [("", at)] if at is not None else []


@transaction.atomic
def _take(*, fresh: bool, limit: int) -> list[Waiting]:
    """Count the attempt first and put the next one off, so that a crash is an attempt too."""
    now = timezone.now()
    statement = _TAKE.format(attempts="= 0" if fresh else "> 0")
    rows = statements.run(statement, now=now, until=now + LEASE, limit=limit, bytes=BATCH_BYTES)
    taken = sorted(map(Waiting._make, rows), key=lambda one: (one.received_at, one.id))
    if taken:
        # If we die, somebody looks again when the lease is over.
        agenda.append(SPLIT, "", now + LEASE)
    return taken


def _split_together(taken: Sequence[Waiting]) -> float:
    """Hand over what many envelopes hold; if that fails, each on its own. Returns how long the next
    ones may gather, in seconds."""
    if not taken:
        return 0.0
    try:
        opened = _split(taken, at_once=True)
    except Exception:
        log.exception("ingress.batch_failed", count=len(taken))
        for waiting in taken:
            _split_alone(waiting)
        return 0.0
    has_messages = any(isinstance(item, InboundMessage) for one in opened for item in one.items)
    return 0.0 if has_messages else GATHER_SECONDS


def _split_alone(waiting: Waiting) -> None:
    if waiting.attempts > MAX_ATTEMPTS:
        log.error("ingress.envelope_dead", envelope=str(waiting.id))
        Envelope.objects.filter(pk=waiting.id).update(state=EnvelopeState.DEAD)
        return
    try:
        _split([waiting], at_once=False)
    except Exception as error:
        log.exception("ingress.split_failed", envelope=str(waiting.id))
        Envelope.objects.filter(pk=waiting.id).update(
            error=f"{type(error).__name__}: {error}"[:500]
        )


def _split(taken: Sequence[Waiting], *, at_once: bool) -> Sequence[delivery.Opened]:
    """Hand every item over, then drop the bytes. Died of in between, it is done again, and the
    items are there already. Returns what was read."""
    ways = Route.objects.select_related("company")
    routes = ways.in_bulk({one.route_id for one in taken if one.route_id is not None})
    whole = [one for one in taken if takers.taker(one.provider) is not None]
    _hand_over_whole(whole, routes)
    opened = [
        delivery.Opened(
            id=one.id,
            provider=one.provider,
            route=routes.get(one.route_id),
            received_at=one.received_at,
            items=registry.provider(one.provider).parse(bytes(one.body)),
        )
        for one in taken
        if takers.taker(one.provider) is None
    ]
    parked = delivery.hand_over(opened, at_once=at_once)
    counts = {one.id: len(one.items) for one in opened} | {one.id: 1 for one in whole}
    _finish(counts, parked)
    return opened


def _hand_over_whole(taken: Sequence[Waiting], routes: Mapping[UUID, Route]) -> None:
    """Envelopes that are nobody's callbacks go to whoever registered for them."""
    by_provider: dict[str, list[takers.Taken]] = defaultdict(list)
    for one in taken:
        route = routes.get(one.route_id) if one.route_id is not None else None
        handed = takers.Taken(one.id, route, one.received_at, bytes(one.body))
        by_provider[one.provider].append(handed)
    for provider, handed_over in by_provider.items():
        take = takers.taker(provider)
        if take is not None:
            take(handed_over)


@transaction.atomic
def _finish(counts: Mapping[UUID, int], parked: Sequence[ParkedItem]) -> None:
    finished = statements.run(
        _FINISH, ids=list(counts), items=list(counts.values()), now=timezone.now()
    )
    ours = {key for (key,) in finished}
    ParkedItem.objects.bulk_create(item for item in parked if item.envelope_id in ours)
