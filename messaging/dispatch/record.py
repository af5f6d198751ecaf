"""Writing the outcomes of a wave: one statement, fenced, with everything that follows from them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

import structlog
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from connections.models import Connection
from connections.providers.base import FailureClass
from core import agenda, statements
from messaging import progress
from messaging.agenda import CANCEL, EXPIRE, SWEEP
from messaging.dispatch.claim import Claimed
from messaging.dispatch.outcomes import Outcome
from messaging.enums import DispatchState, StreamState
from messaging.gate_checks import sms, tiers
from messaging.models import Message, Stream
from messaging.services import preferences, receipts, spending, threads

log = structlog.get_logger(__name__)

_UNWRITABLE = (IntegrityError, DataError)
_REFUSED = (DispatchState.REJECTED, DispatchState.RETRY_WAIT)

# An answer that came after our lease ran out is still evidence: `unknown` becomes `accepted`.
# Rows are locked in the order in which receipts lock them, so that the two never wait for each
# other in a circle. The last column: somebody told of this id before we knew it.
_RECORD = """
    WITH told AS MATERIALIZED (
        SELECT v.* FROM jsonb_to_recordset(%(rows)s::jsonb)
             AS v(id uuid, dispatch text, external_id text, code text, detail text,
                  due_at timestamptz, refund int)
        JOIN messaging_message m ON m.id = v.id ORDER BY m.id FOR NO KEY UPDATE OF m)
    UPDATE messaging_message m
    SET dispatch = v.dispatch, external_id = coalesce(v.external_id, m.external_id),
        accepted_at = CASE WHEN v.dispatch = 'accepted' THEN %(now)s END,
        code = v.code, detail = v.detail, due_at = coalesce(v.due_at, m.due_at),
        attempt = m.attempt - v.refund, claim_token = NULL, lease_until = NULL
    FROM told v
    WHERE m.id = v.id AND m.claim_token = %(token)s
      AND (m.dispatch = 'sending' OR (m.dispatch = 'unknown' AND v.dispatch = 'accepted'))
    RETURNING m.id, EXISTS (
        SELECT FROM messaging_orphanreceipt o
        WHERE o.connection_id = m.connection_id AND o.external_id = m.external_id)
"""


def record(
    outcomes: Sequence[Outcome],
    items: Mapping[UUID, Claimed],
    token: UUID,
    *,
    wait_seconds: float,
    recounts: progress.Recounts | None = None,
) -> None:
    """Write outcomes and what they cause: orphan receipts, opt-outs, facts.

    Rows that are no longer ours stay as they are (and are logged). When the provider gives an id
    that another row has, or words that cannot be stored, the rest is written all the same and
    that one becomes unknown.

    Args:
        wait_seconds: how long evidence for such a one may take.
        recounts: the slice's, which has its runs counted now and then.
    """
    try:
        with transaction.atomic():
            _record(outcomes, items, token, recounts)
    except _UNWRITABLE:
        log.exception("dispatch.answer_unwritable", count=len(outcomes))
        for outcome in outcomes:
            _record_alone(outcome, items, token, wait_seconds, recounts)


def _record(
    outcomes: Sequence[Outcome],
    items: Mapping[UUID, Claimed],
    token: UUID,
    recounts: progress.Recounts | None,
) -> None:
    written = _write(outcomes, token)
    if len(written) < len(outcomes):
        log.warning("dispatch.fenced", rows=len(outcomes) - len(written))
    kept = [outcome for outcome in outcomes if outcome.id in written]
    awaited = {
        outcome.external_id: outcome.id
        for outcome in kept
        if outcome.external_id is not None and written[outcome.id]
    }
    _learn_addresses(kept, items)
    _opt_out(kept, items)
    _have_unknown_settled(kept)
    _have_late_ones_expired(kept, items)
    _cancel_late(kept, items)
    _give_back(kept)
    progress.tell(
        (
            progress.Progress(
                message=outcome.id,
                thread=items[outcome.id].thread_id,
                stream=items[outcome.id].stream_id,
                state=progress.state_of_dispatch(outcome.dispatch),
            )
            for outcome in kept
        ),
        recounts=recounts,
    )
    if awaited:
        connection_id = items[kept[0].id].connection_id
        receipts.take_up_orphans(connection_id=connection_id, accepted=awaited)


def _record_alone(
    outcome: Outcome,
    items: Mapping[UUID, Claimed],
    token: UUID,
    wait_seconds: float,
    recounts: progress.Recounts | None,
) -> None:
    try:
        with transaction.atomic():
            _record([outcome], items, token, recounts)
    except _UNWRITABLE:
        settles_at = timezone.now() + timedelta(seconds=wait_seconds)
        unclear = Outcome(outcome.id, DispatchState.UNKNOWN, code="bad_answer", due_at=settles_at)
        with transaction.atomic():
            _record([unclear], items, token, recounts)


def _write(outcomes: Sequence[Outcome], token: UUID) -> dict[UUID, bool]:
    """The rows that were changed, each with whether receipts wait for it."""
    written = statements.run(
        _RECORD,
        token=token,
        now=timezone.now(),
        rows=statements.rows(
            {
                "id": outcome.id,
                "dispatch": outcome.dispatch.value,
                "external_id": outcome.external_id,
                "code": outcome.code,
                "detail": outcome.detail,
                "due_at": outcome.due_at,
                "refund": int(outcome.refund),
            }
            for outcome in outcomes
        ),
    )
    return dict(written)


def _learn_addresses(outcomes: Sequence[Outcome], items: Mapping[UUID, Claimed]) -> None:
    """Write next time to where the provider says it wrote."""
    told = {
        item.contact_id: threads.Place(item.contact_id, item.connection_id, outcome.address)
        for outcome in outcomes
        if outcome.address and outcome.address != (item := items[outcome.id]).address.lstrip("+")
    }
    threads.readdress(told.values())


def _opt_out(outcomes: Sequence[Outcome], items: Mapping[UUID, Claimed]) -> None:
    """Who told the provider to stop has told us."""
    told = [outcome.id for outcome in outcomes if outcome.klass == FailureClass.OPTED_OUT]
    if not told:
        return
    Message.objects.filter(pk__in=told).update(opted_out_at=timezone.now())
    number = Connection.objects.get(pk=items[told[0]].connection_id)
    preferences.note_refusals(
        connection=number, contact_ids={items[key].contact_id for key in told}
    )


def _cancel_late(outcomes: Sequence[Outcome], items: Mapping[UUID, Claimed]) -> None:
    """What came back from the wire to wait, although its run was cancelled meanwhile."""
    waiting = [item for item in outcomes if item.dispatch == DispatchState.RETRY_WAIT]
    ids = {pk for outcome in waiting if (pk := items[outcome.id].stream_id) is not None}
    if ids:
        closed = Stream.objects.filter(pk__in=ids, state=StreamState.CLOSED)
        for stream_id in closed.values_list("pk", flat=True):
            agenda.append(CANCEL, str(stream_id))


def _give_back(outcomes: Sequence[Outcome]) -> None:
    """What was taken for messages that the provider refused: money, room in its limit, the right
    to be the only one that says it."""
    refused = [outcome.id for outcome in outcomes if outcome.dispatch in _REFUSED]
    spending.release(refused)
    tiers.release(refused)
    sms.release(refused)


def _have_unknown_settled(outcomes: Sequence[Outcome]) -> None:
    """Have the sweeper look when the wait for evidence is over."""
    times = [
        outcome.due_at
        for outcome in outcomes
        if outcome.dispatch == DispatchState.UNKNOWN and outcome.due_at is not None
    ]
    if times:
        agenda.append(SWEEP, "", max(times))


def _have_late_ones_expired(outcomes: Sequence[Outcome], items: Mapping[UUID, Claimed]) -> None:
    """What waits for another attempt does so until its time is over (a run's own end is known)."""
    ends = [
        end
        for outcome in outcomes
        if outcome.dispatch == DispatchState.RETRY_WAIT
        and (end := items[outcome.id].expires_at) is not None
    ]
    if ends:
        agenda.append(EXPIRE, "", min(ends))
