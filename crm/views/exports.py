"""Contacts as files: what is asked for, how far it is, and the file as long as it is kept."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import DomainError
from core.files_serve import serve
from core.forms import show_error
from core.keyset import page_of
from crm.exports.forms import ExportForm
from crm.listing.filters import Filters
from crm.models import ContactExport
from crm.services import exports
from team.selectors import member_of
from tenants.access import actor_of, requires
from tenants.http import MemberRequest


@require_safe
@requires("contacts.export")
def index(request: MemberRequest) -> HttpResponse:
    """The company's files of contacts that are still kept, newest first."""
    rows = ContactExport.objects.kept().select_related("requested_by")
    page = page_of(rows, cursor=request.GET.get("cursor"), field="created_at")
    name = "crm/exports.html#files" if request.htmx else "crm/exports.html"
    return render(request, name, {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("contacts.export")
def create(request: MemberRequest) -> HttpResponse:
    """Choose columns and format; the filters are those of the list one came from."""
    filters = Filters.of(request.GET)
    form = ExportForm(request.POST or None)
    if form.is_valid():
        try:
            exports.request_export(
                **form.cleaned_data,
                query=filters.query(),
                by=member_of(request),
                actor=actor_of(request),
            )
        except DomainError as error:
            show_error(form, error)
        else:
            messages.success(
                request, _("The file is being made. You will be told when it is ready.")
            )
            return redirect("contacts-exports")
    context = {"form": form, "filters": filters}
    return render(request, "crm/export_form.html", context, status=422 if form.errors else 200)


@require_safe
@requires("contacts.export")
def download(request: MemberRequest, id: UUID) -> HttpResponseBase:  # noqa: A002
    """The finished file."""
    return serve(exports.opened(export_id=id), inline=False, request=request)
