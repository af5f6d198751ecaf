"""Going through an import's rows to take them back, in chunks as they came in: each one transaction
with its cursor and counts, so whatever dies, the next wake-up goes on behind the last that
committed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core import agenda, realtime, scope
from core.agenda import slices
from crm.enums import UndoState
from crm.imports.taking_back import judge, take_back
from crm.models import Contact, Import, ImportRow, ImportUndo
from crm.services.import_undos import FORGET, KIND, finish_pass, forget_changes

CHUNK_ROWS = 500
LATER = timedelta(hours=1)
OPEN_STATES = (UndoState.CHECKING, UndoState.RUNNING)


def due(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Undos that are not finished, by import; the agenda's question."""
    waiting = ImportUndo.objects.filter(state__in=OPEN_STATES)
    if key is not None:
        waiting = waiting.filter(batch__pk=key)
    return [(str(pk), at) for pk, at in waiting.values_list("batch_id", "requested_at")]


def run(key: str) -> None:
    """Two seconds of counting or taking back, then the rest at the next wake-up."""
    agenda.in_slices(KIND, key, partial(_chunk, UUID(key)))


def due_to_forget(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Imports whose month of undoing ends, or ended; the agenda's question."""
    kept = Import.objects.filter(undo_until__isnull=False)
    if key is not None:
        kept = kept.filter(pk=key)
    times = kept.values_list("pk", "undo_until")
    return [(str(pk), at) for pk, at in times if at is not None]


def forget(key: str) -> None:
    """Let go of what the rows of an import changed, when its month is over."""
    until = time.monotonic() + slices.SECONDS
    while forget_changes(batch_id=UUID(key)):
        if time.monotonic() >= until:
            break
    left = Import.objects.filter(pk=key, undo_until__lte=timezone.now()).exists()
    if left:  # more rows, or an undo that runs
        with transaction.atomic():
            agenda.append(FORGET, key, timezone.now() + LATER)


@transaction.atomic
def _chunk(batch_id: UUID) -> bool:
    """The next rows and the cursor behind them; False when there is nothing more to do here."""
    open_ = ImportUndo.objects.select_for_update(of=("self",)).select_related("batch")
    undo = open_.filter(batch=batch_id, state__in=OPEN_STATES).first()
    if undo is None:
        return False
    rows = list(_rows(undo)[:CHUNK_ROWS])
    if rows:
        is_real = undo.state == UndoState.RUNNING
        verdicts = judge(undo.batch, rows, _contacts(rows, is_locked=is_real))
        if is_real:
            take_back(undo.batch, verdicts)
        found = Counter(one.outcome.value for one in verdicts)
        undo.counts = dict(Counter(undo.counts) + found)
        undo.has_effect |= any(one.has_effect for one in verdicts)
        undo.cursor = rows[-1].number
    else:
        finish_pass(undo=undo)
    undo.save(update_fields=["state", "cursor", "counts", "has_effect", "finished_at"])
    _tell(batch_id)
    return bool(rows)


def _rows(undo: ImportUndo) -> QuerySet[ImportRow]:
    rows = ImportRow.objects.filter(batch=undo.batch_id, number__gt=undo.cursor, code="")
    return rows.filter(contact__isnull=False).order_by("number")


def _contacts(rows: Iterable[ImportRow], *, is_locked: bool) -> dict[UUID, Contact]:
    """Theirs, locked in the order in which everybody locks them."""
    contacts = Contact.objects.filter(pk__in=[row.contact_id for row in rows]).order_by("pk")
    found = contacts.select_for_update(of=("self",)) if is_locked else contacts
    return {contact.pk: contact for contact in found.defer("search")}


def _tell(batch_id: UUID) -> None:
    realtime.push_coalesced(
        scope.required_company_id(), f"import:{batch_id}", "import.undoing", str(batch_id)
    )
