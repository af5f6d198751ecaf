"""Taking an import back: what it would do, how far it is, what stayed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import DomainError, NotFound
from crm.enums import UndoState
from crm.imports import undo_report
from crm.models import Import
from crm.services import import_undos
from team.selectors import member_of
from tenants.access import requires
from tenants.http import MemberRequest

SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
@requires("contacts.import")
def undo(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """How far the undo is; posted `action`: `check` counts, `undo` does it."""
    batch = get_object_or_404(Import.objects.select_related("undone"), pk=id)
    if request.method == "POST":
        wants_it = request.POST.get("action") == "undo"
        verb = import_undos.start_undo if wants_it else import_undos.check_undo
        try:
            verb(batch=batch, by=member_of(request))
        except DomainError as error:
            messages.error(request, error.text)
        return redirect("import-undo", batch.pk)
    name = "crm/_import_undo.html" if request.htmx else "crm/import_undo.html"
    return render(request, name, _context(batch))


@require_safe
@requires("contacts.import")
def kept(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """The rows that stayed, with the reason, as a file."""
    batch = get_object_or_404(Import.objects.select_related("undone"), pk=id)
    if getattr(batch, "undone", None) is None:
        raise NotFound
    return undo_report.response(batch)


def _context(batch: Import) -> dict[str, Any]:
    undo = getattr(batch, "undone", None)
    rows = batch.created + batch.updated
    done = sum(undo.counts.values()) if undo else 0
    is_done = undo is not None and undo.state == UndoState.DONE
    return {
        "batch": batch,
        "undo": undo,
        "can_undo": import_undos.can_undo(batch),
        "rows": rows,
        "done": done,
        "percent": min(100, 100 * done // rows) if rows else 100,
        "kept": list(undo_report.kept(batch, SHOWN)) if is_done else [],
    }
