"""What must be true after every fault, told by the rows and the provider's ledger alone."""

from collections import Counter
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from connections.models import Connection
from connections.providers.base import Receipt
from core.models import AgendaRow
from messaging import selectors
from messaging.agenda import RECOUNT
from messaging.dispatch import sweep
from messaging.enums import OPEN_STATES, DispatchState
from messaging.models import Budget, Message, Stream
from messaging.services import receipts, spending, streams
from tests.faults import audit, tally

PARTS = ("queued", "sending", "sent", "failed", "skipped", "cancelled", "unknown")


def check(stream: Stream, ledger: list[dict[str, Any]], *, planned: int) -> None:
    """The invariants I1 to I3, I5 and I6 of reliability.md 0.3 (I4: `settle`)."""
    counts = selectors.counts(stream.pk)
    repeated = {key: number for key, number in Counter(_keys(ledger)).items() if number > 1}
    told = tally.line()
    told.planned, told.sends = planned, len(ledger)
    told.lost, told.twice = planned - counts["total"], len(repeated)
    told.unclear = sum(number for what, number in witnessed().items() if what != audit.RANK_FELL)
    told.settled = told.unclear - counts["unknown"]

    assert counts["total"] == planned  # I1: nobody was lost
    assert sum(counts[part] for part in PARTS) == planned  # I1: the states are a partition

    assert repeated == {}  # I2: nobody was written to twice

    rows = {str(row.send_key): row for row in Message.objects.filter(stream=stream)}
    assert set(_keys(ledger)) <= set(rows)  # I3: everything sent has its row
    reached = {DispatchState.ACCEPTED, DispatchState.UNKNOWN, DispatchState.UNCONFIRMED}
    states = {rows[key].dispatch for key in _keys(ledger)}
    assert states <= reached  # I3: and that row says so, or says that it does not know
    claimed_sent = {key for key, row in rows.items() if row.dispatch == DispatchState.ACCEPTED}
    assert claimed_sent <= set(_keys(ledger))  # nothing is said to be sent that was not

    kept = Stream.objects.values_list("counts", flat=True).get(pk=stream.pk)
    is_due = AgendaRow.objects.filter(kind=RECOUNT, key=str(stream.pk)).exists()
    assert kept == counts or is_due  # I5: what is kept is what the rows say, or about to be counted
    assert streams.recount(stream_id=stream.pk) == counts  # I5
    kept_money = _budgets()
    with transaction.atomic():
        spending.recount()
    assert _budgets() == kept_money  # I5: what is held and spent is what the rows cost

    assert witnessed()[audit.RANK_FELL] == 0  # I6: what the provider said never went back


def witnessed() -> Counter[str]:
    """What the audit saw (tests.faults.audit), with how often."""
    with connection.cursor() as cursor:
        cursor.execute(audit.READ)
        return Counter(dict(cursor.fetchall()))


def unknown(stream: Stream) -> int:
    return Message.objects.filter(stream=stream, dispatch=DispatchState.UNKNOWN).count()


def is_quiet(stream: Stream) -> bool:
    """Whether nothing of the run is due, claimed or on the wire any more."""
    busy = set(OPEN_STATES) - {DispatchState.UNKNOWN}
    return not Message.objects.filter(stream=stream, dispatch__in=busy).exists()


def settle(stream: Stream, number: Connection, ledger: list[dict[str, Any]]) -> None:
    """Let the provider's receipts come, then the wait for evidence run out; then the run is over.

    I4: a completed run has no open row. Exactly what is in the ledger was sent.
    """
    told = [
        Receipt(
            number_id=number.external_id,
            account_id=number.account_id,
            external_id=item["wamid"],
            kind="sent",
            at=timezone.now(),
            send_key=item["key"].partition(":")[0],
        )
        for item in ledger
    ]
    receipts.apply(connection=number, receipts=told)
    Message.objects.filter(stream=stream, dispatch=DispatchState.UNKNOWN).update(
        due_at=timezone.now()
    )
    sweep.sweep("")

    assert streams.close_if_done(stream_id=stream.pk)
    assert not Message.objects.filter(stream=stream, dispatch__in=OPEN_STATES).exists()
    accepted = Message.objects.filter(stream=stream, dispatch=DispatchState.ACCEPTED)
    assert sorted(str(key) for key in accepted.values_list("send_key", flat=True)) == sorted(
        _keys(ledger)
    )
    tally.line().settled = tally.line().unclear  # accepted by evidence, or shown as unconfirmed


def _budgets() -> set[tuple[Any, ...]]:
    """What is used of each budget that anything is used of."""
    rows = Budget.objects.filter(used__gt=0)
    return set(rows.values_list("month", "stream", "currency", "used"))


def _keys(ledger: list[dict[str, Any]]) -> list[str]:
    return [item["key"].partition(":")[0] for item in ledger]
