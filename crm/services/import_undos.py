"""Taking an import back: counted first, then done; possible for a month. The rows themselves are
gone through by crm.imports.undoing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import agenda, locks, realtime, scope
from core.errors import Conflict
from crm.enums import ImportKind, ImportState, UndoState
from crm.events import ImportUndone
from crm.models import Import, ImportRow, ImportUndo
from crm.tag_counts import recount
from events.bus import publish
from team.models import Member
from team.services.notifications import notify

KIND = "crm.import_undo"
FORGET = "crm.import_forget"
DONE = "import.undone"
DAYS = 30
ENDED = (ImportState.DONE, ImportState.FAILED)
UNDER_WAY = (ImportState.PENDING, ImportState.RUNNING)
# Held by whoever starts an import or an undo, so that the two never run at once.
TURN = "crm.imports"
FORGOTTEN_AT_ONCE = 5_000


def check_undo(*, batch: Import, by: Member | None = None) -> ImportUndo:
    """Have it counted what an undo would do, in the background; nothing else is written.

    Raises:
        core.errors.Conflict: as `start_undo`, but for what else is under way.
    """
    with transaction.atomic():
        return _begin(batch, UndoState.CHECKING, by)


def start_undo(*, batch: Import, by: Member | None = None) -> ImportUndo:
    """Take an import back: contacts that it created and nobody used go, others get back what it
    changed unless somebody changed it since.

    Raises:
        core.errors.Conflict: `undo_of_list`, `undo_too_early`, `undo_too_late`, `undo_repeated`;
            `import_running` or `undo_running`, another one is under way.
    """
    with transaction.atomic():
        locks.hold(TURN)
        _refuse_unless_possible(batch)
        if Import.objects.filter(state__in=UNDER_WAY).exists():
            raise Conflict(
                "import_running",
                _("Another import is under way. Undo this one when that is finished."),
            )
        refuse_during_undo()
        return _begin(batch, UndoState.RUNNING, by)


def refuse_during_undo() -> None:
    """Raise while an import is being undone: what both write would be nobody's.

    Raises:
        core.errors.Conflict: `undo_running`.
    """
    if ImportUndo.objects.filter(state=UndoState.RUNNING).exists():
        raise Conflict(
            "undo_running", _("An import is being undone. Try again when that is finished.")
        )


def can_undo(batch: Import) -> bool:
    """Whether an import may still be taken back."""
    return batch.undo_until is not None and timezone.now() < batch.undo_until


def remember(batch: Import) -> None:
    """Say until when an import that ends can be taken back; in the transaction of its end."""
    if batch.kind == ImportKind.CONTACTS:
        batch.undo_until = timezone.now() + timedelta(days=DAYS)
        agenda.append(FORGET, str(batch.pk), batch.undo_until)


def finish_pass(*, undo: ImportUndo) -> None:
    """The rows are at their end: counted, or taken back. In the caller's transaction."""
    batch = undo.batch
    topic = f"import:{batch.pk}"
    if undo.state == UndoState.CHECKING:
        undo.state = UndoState.CHECKED
        realtime.push(scope.required_company_id(), topic, "import.undo_checked", str(batch.pk))
        return
    undo.state, undo.finished_at = UndoState.DONE, timezone.now()
    publish(ImportUndone(import_id=batch.pk, **_counted(undo.counts)))
    recount()
    realtime.push(scope.required_company_id(), topic, "import.undone", str(batch.pk))
    if undo.requested_by is not None:
        notify(
            code=DONE,
            member=undo.requested_by,
            data={"file": batch.filename, **_counted(undo.counts)},
            url=reverse("import-undo", args=[batch.pk]),
        )


def forget_changes(*, batch_id: UUID) -> bool:
    """Let go of what some rows changed, once the month is over; False when nothing is left.

    An undo that runs is waited for: the agenda asks again.
    """
    with transaction.atomic():
        over = Import.objects.filter(pk=batch_id, undo_until__lte=timezone.now())
        if not over.select_for_update().exists():
            return False
        if ImportUndo.objects.filter(batch=batch_id, state=UndoState.RUNNING).exists():
            return False
        rows = ImportRow.objects.filter(batch=batch_id, changes__isnull=False)
        pks = list(rows.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
        ImportRow.objects.filter(pk__in=pks).update(changes=None)
        if len(pks) < FORGOTTEN_AT_ONCE:
            over.update(undo_until=None)
            return False
        return True


def _begin(batch: Import, state: UndoState, by: Member | None) -> ImportUndo:
    batch = Import.objects.select_for_update().get(pk=batch.pk)
    _refuse_unless_possible(batch)
    undo, _made = ImportUndo.objects.update_or_create(
        batch=batch,
        defaults={
            "state": state, "cursor": 0, "counts": {}, "has_effect": False, "requested_by": by,
            "requested_at": timezone.now(),
        },
    )  # fmt: skip
    agenda.append(KIND, str(batch.pk))
    return undo


def _refuse_unless_possible(batch: Import) -> None:
    if batch.kind != ImportKind.CONTACTS:
        raise Conflict(
            "undo_of_list",
            _("A list of numbers not to write to cannot be undone. Take numbers off one by one."),
        )
    if batch.state not in ENDED:
        raise Conflict(
            "undo_too_early", _("This import is not finished. Wait for its end, then undo it.")
        )
    if ImportUndo.objects.filter(
        batch=batch, state__in=(UndoState.RUNNING, UndoState.DONE)
    ).exists():
        raise Conflict("undo_repeated", _("This import is being undone, or is undone already."))
    if not can_undo(batch):
        raise Conflict(
            "undo_too_late",
            _("An import can be undone for 30 days. They are over for this one."),
        )


def _counted(counts: Mapping[str, int]) -> dict[str, int]:
    names = ("taken_out", "given_back", "unchanged", "kept")
    return {name: counts.get(name, 0) for name in names}
