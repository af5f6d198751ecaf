"""Saved audiences, and the builder that campaigns use too."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from core.errors import DomainError, Invalid
from core.forms import show_error
from core.ids import uuid_of
from core.keyset import page_of
from crm import audiences, registry
from crm.audience_form import Builder, new_row
from crm.forms import SegmentForm
from crm.models import Segment
from crm.services import segments
from team.selectors import member_of
from tenants.access import requires
from tenants.http import MemberRequest

# What the count listens to: a row came, went or changed its shape.
CHANGED = "rules-changed"


@require_safe
@requires("segments.view")
def index(request: MemberRequest) -> HttpResponse:
    """All saved audiences, newest first."""
    page = page_of(
        Segment.objects.select_related("created_by"),
        cursor=request.GET.get("cursor"),
        field="created_at",
    )
    template = "crm/segments.html#rows" if request.htmx else "crm/segments.html"
    return render(request, template, {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@requires("segments.edit")
def create(request: MemberRequest) -> HttpResponse:
    """A new one."""
    return _edit(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("segments.view", write="segments.edit")
def show(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """Its rules, with the live count; who may not edit reads them."""
    return _edit(request, get_object_or_404(Segment, pk=id))


@require_POST
@requires("segments.edit")
def delete(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Forget it, unless something needs it."""
    segment = get_object_or_404(Segment, pk=id)
    try:
        segments.delete_segment(segment=segment)
    except DomainError as error:
        messages.error(request, error.text)
        return redirect("segment", segment.pk)
    messages.success(request, _("The audience is deleted; its contacts stay."))
    return redirect("segments")


@require_safe
@requires("segments.view")
def rule(request: MemberRequest) -> HttpResponse:
    """A row of the builder: a new one of `?list=`, or the one that was sent, in its new shape."""
    rows = Builder(request.GET).rows or [new_row(request.GET.get("list", ""))]
    answer = render(request, "crm/_rule.html", {"row": rows[0]})
    return trigger_client_event(answer, CHANGED, {})


@require_safe
@requires("segments.view")
def count(request: MemberRequest) -> HttpResponse:
    """How many contacts fit the rules so far (nothing while one is not complete), or those of
    `?segment=`."""
    segment_id = uuid_of(request.GET.get("segment"))
    wanted = {"segment": segment_id} if segment_id else Builder(request.GET).audience
    try:
        number = audiences.count(audiences.validate(wanted))
    except Invalid:
        number = None
    return render(request, "crm/_audience_count.html", {"count": number})


def _edit(request: MemberRequest, segment: Segment | None) -> HttpResponse:
    sent = request.POST if request.method == "POST" else None
    form = SegmentForm(sent, initial={"name": segment.name} if segment else None)
    builder = Builder(sent, audience=segment.audience if segment else None)
    if form.is_valid():
        try:
            _save(request, segment, form.cleaned_data["name"], builder)
        except Invalid as error:
            builder.show_error(error)
            show_error(form, error)
        except DomainError as error:
            show_error(form, error)
        else:
            messages.success(request, _("The audience is saved."))
            return redirect("segments")
    context = {
        "form": form,
        "builder": builder,
        "segment": segment,
        "sentences": audiences.describe(segment.audience) if segment else [],
        "uses": registry.uses_of(segment.pk) if segment else [],
    }
    return render(request, "crm/segment.html", context, status=422 if form.errors else 200)


def _save(request: MemberRequest, segment: Segment | None, name: str, builder: Builder) -> None:
    if segment is None:
        segments.create_segment(name=name, audience=builder.audience, by=member_of(request))
    else:
        segments.update_segment(segment=segment, name=name, audience=builder.audience)
