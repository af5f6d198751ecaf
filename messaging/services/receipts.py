"""Receipts: what the provider says became of our messages. Order and repetition do not matter.

What a batch says is folded by `messaging.delivery`; here it is matched, written into the ledger
(each (message, kind, attempt) once: repetition ends there), and applied in one statement. A
receipt is also the evidence that settles an unclear send, and a failure told afterwards may be
worth another attempt.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from connections.models import Connection
from connections.providers.base import FailureClass
from connections.providers.base import Receipt as Told
from core import statements
from core.ids import uuid_of
from messaging import progress
from messaging.delivery import FAILED, UNSETTLED, Change, Line, Row, fold
from messaging.models import OrphanReceipt, Receipt
from messaging.selectors import state_of
from messaging.services import billing, preferences, setbacks

ORPHANS_KEPT = timedelta(hours=72)

_COLUMNS = ", ".join(f"m.{name}" for name in Row._fields)
# Locked in the order of ids and all at once, as everybody who locks several messages does.
_LOCK = f"""
    SELECT {_COLUMNS} FROM messaging_message m
    WHERE ({{which}}) AND m.connection_id = %(connection)s AND m.direction = 'out'
    ORDER BY m.id FOR NO KEY UPDATE
"""  # noqa: S608 -- our own column names
_OF_KEYS = "m.send_key = ANY(%(keys)s::uuid[])"
_OF_EXTERNAL_IDS = "m.external_id = ANY(%(external_ids)s::text[])"
_BY_KEY = _LOCK.format(which=_OF_KEYS)
_BY_EXTERNAL_ID = _LOCK.format(which=_OF_EXTERNAL_IDS)
_BY_EITHER = _LOCK.format(which=f"{_OF_KEYS} OR {_OF_EXTERNAL_IDS}")
_BY_ID = _LOCK.format(which="m.id = ANY(%(ids)s::uuid[])")
_WRITE_LEDGER = """
    INSERT INTO messaging_receipt (message_id, kind, attempt, at, code, detail, pricing,
                                   recorded_at)
    SELECT v.message, v.kind, v.attempt, v.at, v.code, v.detail, v.pricing, %(now)s
    FROM jsonb_to_recordset(%(lines)s::jsonb)
         AS v(message uuid, kind text, attempt int, at timestamptz, code text, detail text,
              pricing jsonb)
    ON CONFLICT (message_id, kind, attempt) DO NOTHING
    RETURNING message_id, kind, attempt
"""
# GREATEST and LEAST pass over nulls.
_APPLY = """
    UPDATE messaging_message m
    SET rank = greatest(m.rank, v.rank),
        sent_at = least(m.sent_at, v.sent_at),
        delivered_at = least(m.delivered_at, v.delivered_at),
        read_at = least(m.read_at, v.read_at),
        failed_at = CASE WHEN v.clears_failure THEN NULL ELSE least(m.failed_at, v.failed_at) END,
        code = coalesce(v.code, m.code), detail = coalesce(v.detail, m.detail),
        external_id = v.external_id, dispatch = v.dispatch,
        accepted_at = CASE v.dispatch WHEN 'accepted' THEN coalesce(m.accepted_at, %(now)s)
                                      WHEN 'retry_wait' THEN NULL ELSE m.accepted_at END,
        attempt = coalesce(v.attempt, m.attempt), due_at = coalesce(v.due_at, m.due_at),
        claim_token = NULL, lease_until = NULL
    FROM jsonb_to_recordset(%(changes)s::jsonb)
         AS v(id uuid, external_id text, dispatch text, rank int, sent_at timestamptz,
              delivered_at timestamptz, read_at timestamptz, failed_at timestamptz,
              clears_failure boolean, code text, detail text, attempt int, due_at timestamptz)
    WHERE m.id = v.id
"""

Matched = tuple[Row, Told]


def apply(*, connection: Connection, receipts: Sequence[Told]) -> int:
    """Apply receipts of one connection, in any order and as often as they come.

    What belongs to no message of this connection is kept for 72 hours, in case we learn its id.

    Returns:
        How many found their message.
    """
    if not receipts:
        return 0
    with transaction.atomic():
        known, unknown = _match(connection.pk, receipts)
        _park(connection.pk, unknown)
        _apply(connection, known)
    return len(known)


def take_up_orphans(*, connection_id: UUID, accepted: Mapping[str, UUID]) -> None:
    """Apply what was told of messages before we knew their ids, in the accepting transaction.

    Args:
        accepted: external id → message id.
    """
    orphans = list(
        OrphanReceipt.objects.filter(
            connection_id=connection_id, external_id__in=list(accepted)
        ).select_for_update()
    )
    if not orphans:
        return
    wanted = {accepted[orphan.external_id] for orphan in orphans}
    rows = {row.id: row for row in _locked(_BY_ID, connection_id, ids=list(wanted))}
    known = [
        (row, _told(orphan))
        for orphan in orphans
        if (row := rows.get(accepted[orphan.external_id])) is not None
    ]
    _apply(Connection.objects.get(pk=connection_id), known)
    OrphanReceipt.objects.filter(pk__in=[orphan.pk for orphan in orphans]).delete()


def drop_old_orphans() -> int:
    """Forget receipts whose message never turned up."""
    old = OrphanReceipt.objects.filter(recorded_at__lt=timezone.now() - ORPHANS_KEPT)
    return old.delete()[0]


def _match(connection_id: UUID, receipts: Sequence[Told]) -> tuple[list[Matched], list[Told]]:
    """Each receipt with its message, locked, and the receipts that have none here.

    Matched by the key that we sent along, without one by the provider's id; both count only at
    this connection.
    """
    keys = [uuid_of(told.send_key) for told in receipts]
    named = [told.external_id for told, key in zip(receipts, keys, strict=True) if key is None]
    rows = _named(connection_id, [key for key in keys if key is not None], named)
    by_key = {row.send_key: row for row in rows}
    by_external_id = {row.external_id: row for row in rows}
    known: list[Matched] = []
    unknown: list[Told] = []
    for told, key in zip(receipts, keys, strict=True):
        row = by_key.get(key) if key else by_external_id.get(told.external_id)
        if row is not None:
            known.append((row, told))
        else:
            unknown.append(told)
    return known, unknown


def _named(connection_id: UUID, keys: list[UUID], external_ids: list[str]) -> list[Row]:
    """The messages that are called so, locked."""
    if keys and external_ids:
        return _locked(_BY_EITHER, connection_id, keys=keys, external_ids=external_ids)
    if keys:
        return _locked(_BY_KEY, connection_id, keys=keys)
    return _locked(_BY_EXTERNAL_ID, connection_id, external_ids=external_ids)


def _locked(statement: str, connection_id: UUID, **values: list[Any]) -> list[Row]:
    return [Row._make(row) for row in statements.run(statement, connection=connection_id, **values)]


def _apply(connection: Connection, known: Sequence[Matched]) -> None:
    if not known:
        return
    rows = {row.id: row for row, _ in known}
    fresh = _write_ledger(known)
    failed = _failed_attempts(rows, fresh)
    now = timezone.now()
    changes: list[Change] = []
    failures: list[setbacks.Setback] = []
    for key, lines in fresh.items():
        change, failure = fold(rows[key], lines, failed.get(key, ()))
        changes.append(change)
        if failure is not None:
            failures.append(setbacks.Setback(change, failure))
    setbacks.decide(failures, now)
    _update(changes, now)
    billing.book(rows, fresh, changes)
    _tell(changes)
    setbacks.follow(connection, failures)
    _opt_out(connection, rows, fresh)


def _write_ledger(known: Sequence[Matched]) -> dict[UUID, list[Line]]:
    """Append what the ledger does not have yet; returns that, by message."""
    lines: dict[tuple[UUID, str, int], Line] = {}
    for row, told in known:
        # Without our key it came by the provider's name for the attempt under way.
        attempt = told.attempt if told.send_key else row.wire_attempt
        place = (row.id, told.kind[:12], attempt)
        if place not in lines or told.at < lines[place].told.at:
            lines[place] = Line(told, attempt)
    values = [
        {
            "message": message,
            "kind": kind,
            "attempt": attempt,
            "at": line.told.at,
            "code": line.told.code[:48],
            "detail": line.told.detail[:500],
            "pricing": line.told.pricing,
        }
        for (message, kind, attempt), line in lines.items()
    ]
    fresh: dict[UUID, list[Line]] = defaultdict(list)
    written = statements.run(_WRITE_LEDGER, lines=statements.rows(values), now=timezone.now())
    for message, kind, attempt in written:
        fresh[message].append(lines[message, kind, attempt])
    return fresh


def _failed_attempts(
    rows: Mapping[UUID, Row], fresh: Mapping[UUID, Sequence[Line]]
) -> dict[UUID, set[int]]:
    """Which attempts were reported as failed; asked only of messages where it matters."""
    asked = [
        key
        for key, lines in fresh.items()
        if rows[key].dispatch in UNSETTLED and any(line.told.kind == "sent" for line in lines)
    ]
    found: dict[UUID, set[int]] = defaultdict(set)
    if asked:
        failed = Receipt.objects.filter(message__in=asked, kind=FAILED)
        for key, attempt in failed.values_list("message_id", "attempt"):
            found[key].add(attempt)
    return found


def _update(changes: Sequence[Change], now: datetime) -> None:
    values = [
        {
            "id": change.row.id,
            "external_id": change.external_id,
            "dispatch": change.dispatch,
            "rank": change.rank,
            **change.times,
            "failed_at": change.failed_at,
            "clears_failure": change.clears_failure,
            "code": change.code,
            "detail": change.detail,
            "attempt": change.attempt,
            "due_at": change.due_at,
        }
        for change in changes
    ]
    if values:
        statements.run(_APPLY, changes=statements.rows(values), now=now)


def _tell(changes: Sequence[Change]) -> None:
    """Tell which messages reached another public state."""
    moved = []
    for change in changes:
        row = change.row
        failed_at = None if change.clears_failure else change.failed_at or row.failed_at
        before = state_of(row.dispatch, row.rank, row.failed_at)
        after = state_of(change.dispatch, change.rank, failed_at)
        if before != after:
            moved.append(progress.Progress(row.id, row.thread_id, row.stream_id, after))
    progress.tell(moved)


def _opt_out(
    connection: Connection, rows: Mapping[UUID, Row], fresh: Mapping[UUID, Sequence[Line]]
) -> None:
    """Who told the provider to stop has told us, once."""
    ids = {
        rows[key].contact_id
        for key, lines in fresh.items()
        for line in lines
        if line.told.kind == FAILED and line.told.klass == FailureClass.OPTED_OUT
    }
    if ids:
        preferences.note_refusals(connection=connection, contact_ids=ids)


def _park(connection_id: UUID, receipts: Sequence[Told]) -> None:
    if receipts:
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
                    klass=told.klass or "",
                    retry_after=told.retry_after,
                    pricing=dict(told.pricing) if told.pricing else None,
                )
                for told in receipts
            ],
            ignore_conflicts=True,
        )


def _told(orphan: OrphanReceipt) -> Told:
    """What was told; of a key that is not ours, nothing is known of its attempts either."""
    return Told(
        number_id="",
        account_id="",
        external_id=orphan.external_id,
        kind=orphan.kind,
        at=orphan.at,
        code=orphan.code,
        detail=orphan.detail,
        klass=FailureClass(orphan.klass) if orphan.klass else None,
        retry_after=orphan.retry_after,
        pricing=orphan.pricing,
    )
