"""The company's own fields of contacts: which there are, and their order."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import DomainError
from core.forms import show_error
from crm.field_inputs import FieldForm
from crm.models import FieldDefinition
from crm.selectors import field_definitions
from crm.services import fields
from tenants.access import requires
from tenants.http import MemberRequest


@require_http_methods(["GET", "HEAD", "POST"])
@requires("fields.view", write="fields.edit")
def index(request: MemberRequest) -> HttpResponse:
    """All fields in their order, and those put away; posting makes a new one."""
    form = FieldForm(request.POST or None)
    if form.is_valid():
        try:
            fields.create_field(**form.cleaned_data)
            messages.success(request, _("The field is saved."))
            return redirect("fields")
        except DomainError as error:
            show_error(form, error)
    context = {
        "form": form,
        "rows": list(field_definitions().values()),
        "archived": FieldDefinition.objects.exclude(archived_at=None).order_by("-archived_at")[:50],
    }
    return render(request, "crm/fields.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("fields.edit")
def edit(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """Rename a field, or give it other choices."""
    definition = get_object_or_404(FieldDefinition, pk=id)
    form = FieldForm(request.POST or None, definition=definition)
    if form.is_valid():
        try:
            fields.update_field(definition=definition, **form.cleaned_data)
            messages.success(request, _("The field is saved."))
            return redirect("fields")
        except DomainError as error:
            show_error(form, error)
    context = {"form": form, "definition": definition}
    return render(request, "crm/field.html", context, status=422 if form.errors else 200)


@require_POST
@requires("fields.edit")
def move(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Move a field one place up (`to=up`) or down."""
    definition = get_object_or_404(FieldDefinition, pk=id, archived_at=None)
    order = [row.pk for row in field_definitions().values()]
    step = -1 if request.POST.get("to") == "up" else 1
    fields.move_field(definition=definition, to=order.index(definition.pk) + step)
    return redirect("fields")


@require_POST
@requires("fields.edit")
def archive(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Put a field away, or take it back (`back=1`)."""
    definition = get_object_or_404(FieldDefinition, pk=id)
    try:
        if request.POST.get("back"):
            fields.restore_field(definition=definition)
            messages.success(request, _("The field is back."))
        else:
            fields.archive_field(definition=definition)
            messages.success(request, _("The field is put away; contacts keep what they have."))
    except DomainError as error:
        messages.error(request, error.text)
    return redirect("fields")
