"""One delivery with its attempts, and what did not arrive."""

from __future__ import annotations

import json
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import keyset
from core.errors import DomainError
from core.ids import uuid_of
from team.selectors import member_of
from tenants.access import requires
from tenants.http import MemberRequest
from webhooks.endpoints import catalogue, selectors
from webhooks.endpoints.enums import OPEN, REDRIVABLE, DispatchState
from webhooks.endpoints.models import Dispatch, Endpoint
from webhooks.endpoints.public_facts import label_of
from webhooks.endpoints.services import redriving

HELD_STATES = [(state.value, state.label) for state in REDRIVABLE]


@require_safe
@requires("webhooks.view")
def show(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """What was sent, and what each attempt came to."""
    dispatch = _dispatch_of(id)
    context = {
        "dispatch": dispatch,
        "endpoint": dispatch.endpoint,
        "tries": selectors.tries_of(dispatch),
        "body": _pretty(dispatch.event.body),
        "is_open": dispatch.state in OPEN,
    }
    part = "#state" if request.htmx else ""
    return render(request, f"endpoints/delivery.html{part}", context)


@require_safe
@requires("webhooks.view")
def tested(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """What became of a test; the dialog asks until there is an answer."""
    dispatch = _dispatch_of(id)
    context = {
        "dispatch": dispatch,
        "endpoint": dispatch.endpoint,
        "tries": selectors.tries_of(dispatch),
        "is_done": dispatch.state not in OPEN,
    }
    response = render(request, "endpoints/_tested.html", context)
    if context["is_done"]:  # the page behind the dialog shows it, too
        response["HX-Trigger"] = "endpoints-changed"
    return response


@require_POST
@requires("webhooks.manage")
def retry(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Send it once more, now."""
    dispatch = _dispatch_of(id)
    try:
        redriving.retry(dispatch=dispatch)
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, _("It is being sent again."))
    return redirect("endpoint-delivery", id)


@require_safe
@requires("webhooks.view")
def undelivered(request: MemberRequest) -> HttpResponse:
    """What did not arrive anywhere, or at one endpoint."""
    endpoint, state, type_ = _filters(request.GET)
    page = keyset.page_of(
        selectors.undelivered(endpoint=endpoint, state=state, type_=type_),
        cursor=request.GET.get("cursor"),
        field="created_at",
    )
    context = {
        "page": page,
        "endpoint": endpoint,
        "state": state,
        "type": type_,
        "states": HELD_STATES,
        "all_endpoints": selectors.endpoint_list(),
        "types": [(name, label_of(name)) for name in catalogue.public_types()],
        "is_under_way": selectors.redrives_under_way(),
    }
    part = "#rows" if request.GET.get("cursor") else "#list" if request.htmx else ""
    return render(request, f"endpoints/undelivered.html{part}", context)


@require_POST
@requires("webhooks.manage")
def redrive(request: MemberRequest) -> HttpResponse:
    """Send all that the filter shows once more."""
    endpoint, state, type_ = _filters(request.POST)
    try:
        redriving.redrive(endpoint=endpoint, state=state, type=type_, by=member_of(request))
    except DomainError as error:
        messages.error(request, error.text)
    else:
        messages.success(request, _("They are being sent again, in the background."))
    return redirect(reverse("endpoint-undelivered"))


def _filters(given: QueryDict) -> tuple[Endpoint | None, str, str]:
    """Endpoint, state and type; what is unknown filters nothing."""
    key = uuid_of(given.get("endpoint"))
    endpoint = selectors.endpoint_list().filter(pk=key).first() if key else None
    state, type_ = given.get("state", ""), given.get("type", "")
    known = state in {DispatchState.DEAD, DispatchState.HELD}
    return endpoint, state if known else "", type_


def _dispatch_of(dispatch_id: UUID) -> Dispatch:
    rows = Dispatch.objects.select_related("event", "endpoint")
    return get_object_or_404(rows, pk=dispatch_id)


def _pretty(body: str) -> str:
    """The body as people read it; the bytes that left have no spaces."""
    return json.dumps(json.loads(body), indent=2, ensure_ascii=False) if body else ""
