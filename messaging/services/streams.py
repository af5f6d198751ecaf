"""Streams: the runs that messages belong to. Every change bumps the epoch in one UPDATE, so what
was claimed before it does not leave after it.

A caller (a campaign) changes its own row and its stream in one transaction.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from core import agenda
from core.errors import Conflict
from events import bus
from messaging import progress, selectors
from messaging.agenda import CANCEL, EXPIRE, PUMP, RECOUNT
from messaging.enums import CLAIMABLE, OPEN_STATES, DispatchState, StreamState
from messaging.events import StreamProgressed
from messaging.models import Message, Stream
from messaging.services import expiry

BATCH = 2_000
PROBE_PATIENCE = timedelta(seconds=40)  # for a canary whose answer never comes
CANCELLABLE = (
    DispatchState.PLANNED,
    DispatchState.QUEUED,
    DispatchState.CLAIMED,
    DispatchState.RETRY_WAIT,
)


def create(*, kind: str, priority: int = 50) -> Stream:
    """A new run, held: rows may be planned into it, nothing leaves."""
    return Stream.objects.create(kind=kind, priority=priority, state=StreamState.HELD)


def configure(*, stream_id: UUID, **rules: Any) -> None:
    """Set what the gate and the sender ask of every message of a run.

    Args:
        rules: `rules`, `rate_per_minute`, `expires_at`, `budget`, `currency`, `content_version`
            as `Stream` documents them.
    """
    Stream.objects.filter(pk=stream_id).update(**rules)


@transaction.atomic
def run(*, stream_id: UUID) -> None:
    """Let a held or paused run go on; its rows may be claimed now, and senders hear of it.

    Raises:
        core.errors.Conflict: it is closed.
    """
    _move(stream_id, StreamState.RUNNING, (StreamState.HELD, StreamState.PAUSED))
    _end_some_day(stream_id)
    # Its last rows may have ended while it was paused; the count tells that it is over.
    agenda.append(RECOUNT, str(stream_id))
    wake(stream_id=stream_id)


@transaction.atomic
def hold(*, stream_id: UUID) -> None:
    """Take a running or paused run back to being prepared: nothing leaves until `run`.

    Raises:
        core.errors.Conflict: it is closed.
    """
    _move(stream_id, StreamState.HELD, (StreamState.RUNNING, StreamState.PAUSED))


@transaction.atomic
def pause(*, stream_id: UUID) -> None:
    """Stop a run where it stands: no wave begins after this commits.

    Waits for the waves that are just being committed, a few milliseconds: they hold the row.

    Raises:
        core.errors.Conflict: it is closed.
    """
    _move(stream_id, StreamState.PAUSED, (StreamState.RUNNING, StreamState.HELD))
    agenda.append(RECOUNT, str(stream_id))


def wake(*, stream_id: UUID) -> None:
    """Have the senders of every connection look that rows of this run may be claimed at."""
    rows = Message.objects.filter(
        stream_id=stream_id, connection=OuterRef("pk"), dispatch__in=CLAIMABLE
    )
    for pk in Connection.objects.filter(Exists(rows)).values_list("pk", flat=True):
        agenda.append(PUMP, str(pk))


def resume(*, stream_id: UUID) -> None:
    """Go on by the state of each row: nobody is skipped, nobody is written to twice.

    Raises:
        core.errors.Conflict: it is closed.
    """
    run(stream_id=stream_id)


def probe(*, stream_id: UUID) -> None:
    """Have a single message go first when the run goes on: it stopped for trouble."""
    Stream.objects.filter(pk=stream_id).update(is_probing=True, probe_until=None)


def elect_canary(*, stream_id: UUID, again: bool = False) -> bool:
    """May the caller send the one message of a probing run that goes first?

    Args:
        again: the caller's own canary came back without a verdict; it may send another.
    """
    now = timezone.now()
    rows = Stream.objects.filter(pk=stream_id, state=StreamState.RUNNING, is_probing=True)
    if not again:
        rows = rows.filter(Q(probe_until=None) | Q(probe_until__lt=now))
    return bool(rows.update(probe_until=now + PROBE_PATIENCE))


def release_canary(*, stream_id: UUID) -> None:
    """The canary did not leave: somebody else may send it."""
    Stream.objects.filter(pk=stream_id, is_probing=True).update(probe_until=None)


@transaction.atomic
def recover(*, stream_id: UUID) -> None:
    """The canary was accepted: the others follow."""
    rows = Stream.objects.filter(pk=stream_id, is_probing=True)
    if rows.update(is_probing=False, probe_until=None):
        wake(stream_id=stream_id)


@transaction.atomic
def cancel(*, stream_id: UUID) -> None:
    """Close a run for good; its open rows are cancelled in batches right after the commit."""
    _move(stream_id, StreamState.CLOSED, tuple(set(StreamState) - {StreamState.CLOSED}))
    agenda.append(CANCEL, str(stream_id))


@transaction.atomic
def close_if_done(*, stream_id: UUID) -> bool:
    """Close a run none of whose rows is open any more; False while one is (or it is not running).

    One statement decides, so that a row planned or given back meanwhile cannot be forgotten.
    """
    still_open = Message.objects.filter(stream=OuterRef("pk"), dispatch__in=OPEN_STATES)
    closed = Stream.objects.filter(
        ~Exists(still_open), pk=stream_id, state=StreamState.RUNNING
    ).update(state=StreamState.CLOSED, epoch=F("epoch") + 1)
    if closed:
        recount(stream_id=stream_id)
    return bool(closed)


@transaction.atomic
def recount(*, stream_id: UUID) -> dict[str, int]:
    """Count the rows anew into `Stream.counts` and tell `stream.progressed`.

    Told when a number changed, and when a running run has no open row: the last one may have
    ended without changing a number (unknown stays unknown when nobody confirms it).
    """
    counts = selectors.counts(stream_id)
    row = Stream.objects.filter(pk=stream_id)
    changed = row.exclude(counts=counts).update(counts=counts, counted_at=timezone.now())
    if changed or _without_open_rows(row).exists():
        bus.publish(StreamProgressed(stream_id=stream_id, counts=counts))
    return counts


def cancel_rows(*, stream_id: UUID) -> None:
    """Cancel the open rows of a closed run, for a slice; the agenda goes on with the rest.

    What is on the wire stays: its outcome is recorded when it is known.
    """
    agenda.in_slices(CANCEL, str(stream_id), partial(_cancel_batch, stream_id))


def _without_open_rows(streams: QuerySet[Stream]) -> QuerySet[Stream]:
    """Those that run although nothing of them can move any more."""
    still_open = Message.objects.filter(stream=OuterRef("pk"), dispatch__in=OPEN_STATES)
    return streams.filter(~Exists(still_open), state=StreamState.RUNNING)


@transaction.atomic
def _cancel_batch(stream_id: UUID) -> bool:
    """False when none was left."""
    ids = _some(stream_id, CANCELLABLE)
    Message.objects.filter(pk__any_of=ids).update(
        dispatch=DispatchState.CANCELLED, claim_token=None, lease_until=None, code="cancelled"
    )
    if ids:
        progress.recount_soon([stream_id])
    return len(ids) == BATCH


def cancelled(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Closed runs with rows still to cancel (the agenda's selector for `messaging.cancel`)."""
    rows = Message.objects.filter(stream=OuterRef("pk"), dispatch__in=CANCELLABLE)
    streams = Stream.objects.filter(Exists(rows), state=StreamState.CLOSED)
    if key is not None:
        streams = streams.filter(pk=key)
    now = timezone.now()
    return [(str(pk), now) for pk in streams.values_list("pk", flat=True)]


def uncounted(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Runs whose counts may be behind: the open ones, and those never counted."""
    due = Stream.objects.filter(Q(counted_at=None) | Q(state=StreamState.RUNNING))
    if key is None:
        now = timezone.now()
        return [(str(pk), now) for pk in due.values_list("pk", flat=True)]
    # A lost hint is made good by the next progress; a follow-up never asks for a second count.
    return []


def _end_some_day(stream_id: UUID) -> None:
    """A run that begins without an end gets one; when it comes, what waits is written off."""
    rows = Stream.objects.filter(pk=stream_id)
    rows.filter(expires_at=None).update(expires_at=expiry.run_end(timezone.now()))
    agenda.append(EXPIRE, str(stream_id), rows.values_list("expires_at", flat=True).get())


def _move(stream_id: UUID, state: StreamState, sources: tuple[StreamState, ...]) -> None:
    moved = Stream.objects.filter(pk=stream_id, state__in=sources).update(
        state=state, epoch=F("epoch") + 1
    )
    if not moved and not Stream.objects.filter(pk=stream_id, state=state).exists():
        raise Conflict("stream_closed", _("This run has ended. Start a new one."))


def _some(stream_id: UUID, states: Iterable[DispatchState]) -> list[UUID]:
    rows = Message.objects.filter(stream_id=stream_id, dispatch__in=tuple(states))
    return list(
        rows.order_by("id")
        .select_for_update(skip_locked=True, of=("self",))
        .values_list("pk", flat=True)[:BATCH]
    )
