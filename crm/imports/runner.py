"""Going through a file in chunks, each one transaction with its cursor: whatever dies, whenever,
the next wake-up goes on behind the last row that committed.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import Enum
from uuid import UUID

import structlog
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import F

from core import agenda, files, realtime, scope
from crm import selectors
from crm.enums import ImportKind, ImportState
from crm.imports import chunks, reader, suppressing
from crm.imports.reasons import BadFile
from crm.imports.rows import judge
from crm.models import Import
from crm.services import imports as service

log = structlog.get_logger(__name__)

CHUNK_ROWS = 1000
SLICE_SECONDS = 2.0
ATTEMPTS = 5
OPEN_STATES = (ImportState.PENDING, ImportState.RUNNING)


def due(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Imports that are not finished; the agenda's question."""
    waiting = Import.objects.filter(state__in=OPEN_STATES)
    if key is not None:
        waiting = waiting.filter(pk=key)
    return [(str(pk), at) for pk, at in waiting.values_list("pk", "created_at")]


def run(key: str) -> None:
    """Import for two seconds, then leave the rest to the next wake-up.

    Raises:
        django.db.OperationalError, django.db.InterfaceError: the database is away; the agenda
            comes back.
    """
    batch = Import.objects.filter(pk=key, state__in=OPEN_STATES).first()
    if batch is None:
        return
    try:
        outcome = _slice(batch, time.monotonic() + SLICE_SECONDS)
    except BadFile as error:
        service.finish_import(batch_id=batch.pk, error=error.code)
        return
    except FileNotFoundError:
        service.finish_import(batch_id=batch.pk, error="file_gone")
        return
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        # It would fail again at the same row for ever; better to say so than to try in silence.
        log.exception("crm.import_failed", batch=str(batch.pk))
        service.finish_import(batch_id=batch.pk, error="interrupted")
        return
    if outcome is _Outcome.FINISHED:
        service.finish_import(batch_id=batch.pk)
    elif outcome is _Outcome.MORE:
        with transaction.atomic():
            agenda.append(service.KIND, key)


class _Outcome(Enum):
    FINISHED = "the file is at its end"
    MORE = "the time is over"
    ELSEWHERE = "another worker is at it"  # and wakes itself up


def _slice(batch: Import, until: float) -> _Outcome:
    """Write chunks until the time is over."""
    shape = reader.shape_of(batch)
    with files.open(batch.file_key) as stored:
        rows = reader.rows(reader.binary(stored), shape, after=batch.cursor)
        cursor = batch.cursor
        for chunk in in_chunks(rows):
            if not _write(batch.pk, cursor, chunk):
                return _Outcome.ELSEWHERE
            cursor = chunk[-1][0]
            if time.monotonic() >= until:
                return _Outcome.MORE
    return _Outcome.FINISHED


def in_chunks(rows: Iterator[reader.Row]) -> Iterator[list[reader.Row]]:
    """Rows by the thousand, as they are written."""
    while chunk := list(itertools.islice(rows, CHUNK_ROWS)):
        yield chunk


def _write_contacts(batch: Import, rows: Sequence[reader.Row]) -> chunks.Tally:
    definitions = selectors.field_definitions()
    return chunks.write(
        batch, [judge(row, batch.mapping, definitions, batch.match_by) for row in rows]
    )


# What one chunk of each kind of file becomes.
_WRITERS: Mapping[ImportKind, Callable[[Import, Sequence[reader.Row]], chunks.Tally]] = {
    ImportKind.CONTACTS: _write_contacts,
    ImportKind.SUPPRESSIONS: suppressing.write,
}


def _write(batch_id: UUID, cursor: int, chunk: list[reader.Row]) -> bool:
    """One chunk and the cursor behind it; False when the import is not where we thought."""
    for attempt in itertools.count(1):
        try:
            with transaction.atomic():
                return _write_once(batch_id, cursor, chunk)
        except (IntegrityError, OperationalError):
            # Somebody created one of these people meanwhile, or a deadlock was broken: look again.
            if attempt == ATTEMPTS:
                raise
    raise AssertionError  # count() has no end


def _write_once(batch_id: UUID, cursor: int, chunk: list[reader.Row]) -> bool:
    batch = (
        Import.objects.select_for_update(skip_locked=True)
        .filter(pk=batch_id, cursor=cursor, state__in=OPEN_STATES)
        .first()
    )
    if batch is None:
        return False
    tally = _WRITERS[ImportKind(batch.kind)](batch, chunk)
    Import.objects.filter(pk=batch_id).update(
        state=ImportState.RUNNING,
        cursor=chunk[-1][0],
        created=F("created") + tally.created,
        updated=F("updated") + tally.updated,
        rejected=F("rejected") + tally.rejected,
    )
    realtime.push_coalesced(
        scope.required_company_id(), f"import:{batch_id}", "import.progressed", str(batch_id)
    )
    return True
