"""Receipts: what the provider says became of our messages. Order and repetition do not matter.

The rank only rises, each time is the first one told, read implies delivered, a failure holds only
until something was delivered (delivery.md 2.4). A receipt is also the evidence that settles an
unclear send.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection as database
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from connections.models import Connection
from connections.providers.base import FailureClass
from connections.providers.base import Receipt as Told
from core.ids import uuid_of
from crm.models import Contact
from crm.services import consents
from messaging import progress
from messaging.enums import Direction, PublicState, Rank
from messaging.models import Message, OrphanReceipt, Receipt
from messaging.selectors import public_state, state_of

ORPHANS_KEPT = timedelta(hours=72)
RANKS = {
    "sent": Rank.SENT,
    "delivered": Rank.DELIVERED,
    "read": Rank.READ,
    "played": Rank.PLAYED,
}
FAILED = "failed"

# GREATEST and LEAST pass over nulls. Where the send was unclear, the receipt proves it; where we
# took it for refused and wait to send it again, the receipt is what keeps it from leaving twice.
_APPLY = """
    UPDATE messaging_message m
    SET rank = greatest(m.rank, v.rank),
        sent_at = least(m.sent_at, v.sent_at),
        delivered_at = least(m.delivered_at, v.delivered_at),
        read_at = least(m.read_at, v.read_at),
        failed_at = CASE WHEN greatest(m.rank, v.rank) < 20
                         THEN least(m.failed_at, v.failed_at) END,
        code = CASE WHEN greatest(m.rank, v.rank) >= 20 THEN ''
                    WHEN v.failed_at IS NOT NULL THEN v.code
                    WHEN m.failed_at IS NULL AND m.dispatch IN
                         ('sending', 'unknown', 'unconfirmed', 'retry_wait', 'queued', 'claimed')
                         THEN ''
                    ELSE m.code END,
        detail = CASE WHEN greatest(m.rank, v.rank) >= 20 THEN ''
                      WHEN v.failed_at IS NOT NULL THEN v.detail ELSE m.detail END,
        external_id = coalesce(m.external_id, v.external_id),
        accepted_at = coalesce(m.accepted_at, %(now)s),
        dispatch = CASE WHEN m.dispatch IN
                         ('sending', 'unknown', 'unconfirmed', 'retry_wait', 'queued', 'claimed')
                        THEN 'accepted' ELSE m.dispatch END,
        claim_token = NULL, lease_until = NULL
    FROM unnest(%(ids)s::uuid[], %(external_ids)s::text[], %(ranks)s::int[],
                %(sent)s::timestamptz[], %(delivered)s::timestamptz[], %(read)s::timestamptz[],
                %(failed)s::timestamptz[], %(codes)s::text[], %(details)s::text[])
         AS v(id, external_id, rank, sent_at, delivered_at, read_at, failed_at, code, detail)
    WHERE m.id = v.id
    RETURNING m.id, m.thread_id, m.stream_id, m.dispatch, m.rank, m.failed_at
"""


@dataclass(slots=True)
class Folded:
    """Everything that a batch says of one message, folded to one change of its row."""

    external_id: str
    rank: int = Rank.NONE
    times: dict[str, datetime] = field(default_factory=dict)
    code: str = ""
    detail: str = ""

    def add(self, told: Told) -> None:
        """Take in one receipt."""
        self.rank = max(self.rank, RANKS.get(told.kind, Rank.NONE))
        if told.kind in ("read", "played"):
            self._first("read", told.at)
            self._first("delivered", told.at)
        elif told.kind in (*RANKS, FAILED):
            if told.kind == FAILED and told.at <= self.times.get(FAILED, told.at):
                self.code, self.detail = told.code[:48], told.detail[:500]
            self._first(told.kind, told.at)

    def _first(self, kind: str, at: datetime) -> None:
        self.times[kind] = min(self.times.get(kind, at), at)


def apply(*, connection: Connection, receipts: Sequence[Told]) -> int:
    """Apply receipts of one connection, in any order and as often as they come.

    What belongs to no message of this connection is kept for 72 hours, in case we learn its id.

    Returns:
        How many found their message.
    """
    if not receipts:
        return 0
    with transaction.atomic():
        matches = _match(connection.pk, receipts)
        known = [(matches[index], told) for index, told in enumerate(receipts) if index in matches]
        _park(connection.pk, [told for index, told in enumerate(receipts) if index not in matches])
        _apply(known)
    return len(known)


def take_up_orphans(*, connection_id: UUID, accepted: Mapping[str, UUID]) -> None:
    """Apply what was told of messages before we knew their ids, in the accepting transaction.

    Args:
        accepted: external id → message id.
    """
    rows = list(
        OrphanReceipt.objects.filter(
            connection_id=connection_id, external_id__in=list(accepted)
        ).select_for_update()
    )
    if not rows:
        return
    messages = Message.objects.select_for_update(of=("self",)).in_bulk(
        [accepted[row.external_id] for row in rows]
    )
    _apply([(messages[accepted[row.external_id]], _told(row)) for row in rows])
    OrphanReceipt.objects.filter(pk__in=[row.pk for row in rows]).delete()


def drop_old_orphans() -> int:
    """Forget receipts whose message never turned up."""
    old = OrphanReceipt.objects.filter(recorded_at__lt=timezone.now() - ORPHANS_KEPT)
    return old.delete()[0]


def _match(connection_id: UUID, receipts: Sequence[Told]) -> dict[int, Message]:
    """The message of each receipt by its index, locked in the order of ids.

    The key we sent along wins over the provider's id; both count only at this connection.
    """
    keys = {told.send_key: pk for told in receipts if (pk := uuid_of(told.send_key)) is not None}
    rows = (
        Message.objects.select_for_update(of=("self",), no_key=True)
        .filter(connection_id=connection_id, direction=Direction.OUT)
        .filter(
            Q(external_id__in={told.external_id for told in receipts})
            | Q(send_key__in=set(keys.values()))
        )
        .defer("content", "variables", "trace")
        .order_by("pk")
    )
    by_key: dict[UUID, Message] = {}
    by_external_id: dict[str, Message] = {}
    for row in rows:
        by_key[row.send_key] = row
        if row.external_id:
            by_external_id[row.external_id] = row
    found: dict[int, Message] = {}
    for index, told in enumerate(receipts):
        key = keys.get(told.send_key) if told.send_key else None
        match = (by_key.get(key) if key else None) or by_external_id.get(told.external_id)
        if match is not None:
            found[index] = match
    return found


def _apply(known: Sequence[tuple[Message, Told]]) -> None:
    if not known:
        return
    _write_ledger(known)
    folded: dict[UUID, Folded] = {}
    for message, told in known:
        folded.setdefault(message.pk, Folded(told.external_id)).add(told)
    before = {message.pk: public_state(message) for message, _ in known}
    changed = _tell(_update(folded), before)
    _opt_out([(message, told) for message, told in known if message.pk in changed])


def _write_ledger(known: Sequence[tuple[Message, Told]]) -> None:
    Receipt.objects.bulk_create(
        [
            Receipt(
                message=message,
                kind=told.kind[:12],
                attempt=told.attempt,
                at=told.at,
                code=told.code[:48],
                detail=told.detail[:500],
                pricing=dict(told.pricing) if told.pricing else None,
            )
            for message, told in known
        ],
        ignore_conflicts=True,
    )


def _update(folded: Mapping[UUID, Folded]) -> list[tuple[Any, ...]]:
    items = sorted(folded.items())
    with database.cursor() as cursor:
        cursor.execute(
            _APPLY,
            {
                "now": timezone.now(),
                "ids": [key for key, _ in items],
                "external_ids": [item.external_id for _, item in items],
                "ranks": [int(item.rank) for _, item in items],
                "sent": [item.times.get("sent") for _, item in items],
                "delivered": [item.times.get("delivered") for _, item in items],
                "read": [item.times.get("read") for _, item in items],
                "failed": [item.times.get(FAILED) for _, item in items],
                "codes": [item.code for _, item in items],
                "details": [item.detail for _, item in items],
            },
        )
        return cursor.fetchall()


def _tell(rows: Iterable[tuple[Any, ...]], before: Mapping[UUID, PublicState | None]) -> set[UUID]:
    """Tell which messages reached another state; returns their ids."""
    after = [
        progress.Progress(message, thread, stream, state_of(dispatch, rank, failed_at))
        for message, thread, stream, dispatch, rank, failed_at in rows
    ]
    changed = [item for item in after if before[item.message] != item.state]
    progress.tell(changed)
    return {item.message for item in changed}


def _opt_out(known: Sequence[tuple[Message, Told]]) -> None:
    """Who told the provider to stop has told us, once."""
    ids = {
        message.contact_id
        for message, told in known
        if told.kind == FAILED and told.klass == FailureClass.OPTED_OUT
    }
    for contact in Contact.objects.filter(pk__in=ids):
        consents.opt_out(contact=contact, source="provider")


def _park(connection_id: UUID, receipts: Sequence[Told]) -> None:
    OrphanReceipt.objects.bulk_create(
        [
            OrphanReceipt(
                connection_id=connection_id,
                external_id=told.external_id,
                send_key=told.send_key or "",
                kind=told.kind[:12],
                at=told.at,
                code=told.code[:48],
                detail=told.detail[:500],
                pricing=dict(told.pricing) if told.pricing else None,
            )
            for told in receipts
        ],
        ignore_conflicts=True,
    )


def _told(row: OrphanReceipt) -> Told:
    return Told(
        number_id="",
        account_id="",
        external_id=row.external_id,
        kind=row.kind,
        at=row.at,
        send_key=row.send_key or None,
        code=row.code,
        detail=row.detail,
        pricing=row.pricing,
    )
