"""The delivery axis, pure: what a batch of receipts makes of a row (delivery.md 2.4).

The rank only rises, each time is the first one told, read implies delivered. A failure of the
attempt that is under way holds until something was delivered; one of an older attempt is history.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from connections.providers.base import Receipt as Told
from messaging.enums import DispatchState, Rank

RANKS = {
    "sent": Rank.SENT,
    "delivered": Rank.DELIVERED,
    "read": Rank.READ,
    "played": Rank.PLAYED,
}
FAILED = "failed"
# The provider has it, which a failure told afterwards takes back.
TAKEN = frozenset({"accepted", "sent"})
_TIMES = {
    "sent": ("sent_at",),
    "delivered": ("delivered_at",),
    "read": ("delivered_at", "read_at"),
    "played": ("delivered_at", "read_at"),
}
# Where the send is unclear, a receipt proves it; where we took it for refused and wait to send it
# again, the receipt is what keeps it from leaving twice.
UNSETTLED = frozenset(
    {
        DispatchState.SENDING,
        DispatchState.UNKNOWN,
        DispatchState.UNCONFIRMED,
        DispatchState.RETRY_WAIT,
        DispatchState.QUEUED,
        DispatchState.CLAIMED,
    }
)


OPEN_TO_RECEIPTS = UNSETTLED | {DispatchState.ACCEPTED}


class Row(NamedTuple):
    """What the axis has to know of a message; the columns of the query that locks them."""

    id: UUID
    send_key: UUID
    external_id: str | None
    dispatch: str
    attempt: int
    rank: int
    failed_at: datetime | None
    expires_at: datetime | None
    is_billed: bool
    thread_id: UUID | None
    stream_id: UUID | None
    contact_id: UUID
    template_id: UUID | None

    @property
    def wire_attempt(self) -> int:
        """The last attempt that may have been on the wire: a claim counts before it leaves."""
        return self.attempt - (self.dispatch == DispatchState.CLAIMED)


@dataclass(frozen=True, slots=True)
class Line:
    """A receipt that the ledger did not have yet, with the attempt it speaks of."""

    told: Told
    attempt: int


@dataclass(slots=True)
class Change:
    """What is to be written. Of the times the earlier one counts, the row's or this; a code of
    None leaves the row's."""

    row: Row
    dispatch: str
    external_id: str | None
    rank: int
    times: dict[str, datetime] = field(default_factory=dict)
    code: str | None = None
    detail: str | None = None
    failed_at: datetime | None = None
    clears_failure: bool = False
    attempt: int | None = None
    due_at: datetime | None = None

    def settle(self, told: Told) -> None:
        """The provider has it: whatever we thought of the send is over."""
        self.dispatch = DispatchState.ACCEPTED
        self.external_id = self.external_id or told.external_id
        self.code = self.detail = ""

    def fail(self, line: Line) -> None:
        """The provider did not deliver it, and that is final."""
        self.settle(line.told)
        self.failed_at = line.told.at
        self.code, self.detail = line.told.code[:48], line.told.detail[:500]

    def requeue(self, line: Line, due_at: datetime) -> None:
        """The provider did not deliver it; another attempt, with a value of its own, may."""
        self.dispatch, self.external_id = DispatchState.RETRY_WAIT, None
        self.attempt, self.due_at = line.attempt, due_at
        self.code, self.detail = line.told.code[:48], line.told.detail[:500]


def fold(row: Row, told: Sequence[Line], failed: Collection[int]) -> tuple[Change, Line | None]:
    """Fold everything new about one message into one change of its row.

    Args:
        failed: the attempts that the provider reported as failed, now or ever: that they had been
            sent proves nothing any more.

    Returns:
        The change, and the failure that still has to be decided (`Change.fail` or `.requeue`).
    """
    change = Change(row, row.dispatch, row.external_id, rank=row.rank)
    for line in told:
        _raise(change, line.told)
    if row.dispatch not in OPEN_TO_RECEIPTS:
        return change, None
    proof = next((line.told for line in told if _is_proof(line, failed)), None)
    if proof is not None and row.dispatch in UNSETTLED:
        change.settle(proof)
    if change.rank >= Rank.DELIVERED:
        change.clears_failure = True
        change.code = change.detail = ""
        return change, None
    return change, _failure(row, told)


def _raise(change: Change, told: Told) -> None:
    change.rank = max(change.rank, RANKS.get(told.kind, Rank.NONE))
    for name in _TIMES.get(told.kind, ()):
        change.times[name] = min(change.times.get(name, told.at), told.at)


def _is_proof(line: Line, failed: Collection[int]) -> bool:
    if line.told.kind in TAKEN:
        return line.attempt not in failed
    return RANKS.get(line.told.kind, Rank.NONE) >= Rank.DELIVERED


def _failure(row: Row, lines: Sequence[Line]) -> Line | None:
    """The failure of the attempt under way; an older attempt's is history."""
    found = [
        line for line in lines if line.told.kind == FAILED and line.attempt >= row.wire_attempt
    ]
    return max(found, key=lambda line: line.attempt, default=None)
