"""A file of contacts on its way in: upload, columns, progress, report."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import files
from core.errors import DomainError, Invalid, NotFound
from core.forms import show_error
from core.keyset import page_of
from crm.enums import ImportState
from crm.forms import SOURCES, MappingForm, UploadForm
from crm.imports import reader, report
from crm.imports.reasons import sentence
from crm.models import Import, ImportRow, Tag
from crm.services import import_undos, imports
from team.selectors import member_of
from tenants.access import requires
from tenants.http import MemberRequest

REFUSED_SHOWN = 20


@require_safe
@requires("contacts.import")
def index(request: MemberRequest) -> HttpResponse:
    """All imports, newest first."""
    page = page_of(
        Import.objects.of_contacts().select_related("created_by"),
        cursor=request.GET.get("cursor"),
        field="created_at",
    )
    return render(request, "crm/imports.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("contacts.import")
def upload(request: MemberRequest) -> HttpResponse:
    """Choose a file; its columns come next."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            batch = imports.create_import(file=file, filename=file.name, by=member_of(request))
        except DomainError as error:
            show_error(form, error)
        else:
            return redirect("import", batch.pk)
    context = {"form": form, "steps": _steps()}
    return render(request, "crm/import_upload.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("contacts.import")
def show(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """A draft's columns, or what would become of it once it was checked; afterwards how far it is
    and what was refused."""
    batch = get_object_or_404(Import.objects.select_related("created_by", "undone"), pk=id)
    if batch.state == ImportState.DRAFT:
        wants_columns = request.method == "POST" or "columns" in request.GET
        is_checked = batch.forecast and not wants_columns
        return _forecast(request, batch) if is_checked else _mapping(request, batch)
    if request.method == "POST":  # sent twice: it runs already
        return redirect("import", batch.pk)
    context = _progress(batch)
    if request.htmx:
        return render(request, "crm/_import_progress.html", context)
    return render(request, "crm/import.html", {**context, "steps": _steps()})


@require_POST
@requires("contacts.import")
def start(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Import a draft as it was checked."""
    batch = get_object_or_404(Import, pk=id)
    try:
        imports.start_checked(batch=batch)
    except DomainError as error:
        messages.error(request, error.text)
    return redirect("import", batch.pk)


@require_POST
@requires("contacts.import")
def sheet(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Take another sheet of the workbook."""
    batch = get_object_or_404(Import, pk=id)
    try:
        imports.choose_sheet(batch=batch, sheet=request.POST.get("sheet", ""))
    except Invalid as error:
        for wrong in error.errors["sheet"]:
            messages.error(request, str(wrong.message))
    return redirect(f"{reverse('import', args=[batch.pk])}?columns")


@require_POST
@requires("contacts.import")
def discard(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Forget a draft."""
    imports.discard_import(batch=get_object_or_404(Import, pk=id))
    return redirect("import-new")


@require_safe
@requires("contacts.import")
def refused(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """The refused rows as a file; with `?notes` those that came in without something."""
    batch = get_object_or_404(Import, pk=id)
    if "notes" in request.GET:
        return report.noted_response(batch)
    if not batch.rejected:
        raise NotFound
    return report.response(batch)


def _mapping(request: MemberRequest, batch: Import) -> HttpResponse:
    form = MappingForm(request.POST or None, batch=batch)
    if form.is_valid():
        verb = imports.check_import if "check" in request.POST else imports.start_import
        try:
            verb(batch=batch, **form.settings)
        except DomainError as error:
            show_error(form, error)
        else:
            return redirect("import", batch.pk)
    context = {
        "batch": batch,
        "form": form,
        "columns": [form[name] for name in form.columns],
        "sample": _sample(batch),
        "sources": SOURCES,
        "tag_names": Tag.objects.values_list("name", flat=True)[:200],
        "steps": _steps(),
    }
    return render(request, "crm/import_mapping.html", context, status=422 if form.errors else 200)


def _forecast(request: MemberRequest, batch: Import) -> HttpResponse:
    counts = batch.forecast
    context = {
        "batch": batch,
        "counts": counts,
        "is_open": counts["state"] == "pending",
        "error": sentence(counts["error"]) if counts.get("error") else "",
        "reasons": [
            {"reason": sentence(code), "count": count}
            for code, count in counts.get("reasons", {}).items()
        ],
        "notes": [
            {"reason": sentence(code), "count": count}
            for code, count in counts.get("notes", {}).items()
        ],
        "steps": _steps(),
    }
    name = "crm/_import_forecast.html" if request.htmx else "crm/import_forecast.html"
    return render(request, name, context)


def _sample(batch: Import) -> list[list[str]]:
    """The first ten rows, each as wide as the header."""
    shape = reader.shape_of(batch)
    width = len(batch.header)
    with files.open(batch.file_key) as stored:
        rows = reader.rows(reader.binary(stored), shape)
        first = [cells for _number, cells in zip(range(reader.SAMPLE_ROWS), rows, strict=False)]
    return [[*cells[1][:width], *[""] * (width - len(cells[1]))] for cells in first]


def _progress(batch: Import) -> dict[str, Any]:
    done = batch.created + batch.updated + batch.rejected
    return {
        "batch": batch,
        "done": done,
        "percent": 100 * done // batch.total if batch.total else 0,
        "is_open": batch.state in (ImportState.PENDING, ImportState.RUNNING),
        "error": sentence(batch.error) if batch.error else "",
        "undo": getattr(batch, "undone", None),
        "can_undo": import_undos.can_undo(batch) and batch.created + batch.updated,
        "refused": _shown(report.refused(batch)),
        "noted": _shown(report.noted(batch)),
    }


def _shown(rows: QuerySet[ImportRow]) -> list[dict[str, Any]]:
    """The first of these rows, each with what stood there, whom it became and why it is told."""
    return [
        {
            "number": row.number,
            "content": " · ".join(cell for cell in row.raw or [] if cell),
            "contact": row.contact_id,
            "reason": sentence(row.code or row.note),
        }
        for row in rows[:REFUSED_SHOWN]
    ]


def _steps() -> list[dict[str, str]]:
    return [{"label": _("File")}, {"label": _("Columns")}, {"label": _("Import")}]
