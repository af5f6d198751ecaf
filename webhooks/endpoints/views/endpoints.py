"""Endpoints: the list, the dialog that makes and changes one, and its page."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from core import keyset
from core.errors import DomainError
from core.forms import show_error
from team.selectors import member_of
from tenants.access import actor_of, requires
from tenants.http import MemberRequest
from webhooks.endpoints import selectors
from webhooks.endpoints.enums import DispatchState
from webhooks.endpoints.forms import EndpointForm, TestForm
from webhooks.endpoints.models import Endpoint
from webhooks.endpoints.public_facts import label_of
from webhooks.endpoints.services import endpoints, secrets


@require_safe
@requires("webhooks.view")
def index(request: MemberRequest) -> HttpResponse:
    """All endpoints; the table alone for htmx."""
    context = {"endpoints": selectors.endpoint_rows(q=request.GET.get("q", ""))}
    template = "endpoints/_table.html" if request.htmx else "endpoints/list.html"
    return render(request, template, context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("webhooks.manage")
def new(request: MemberRequest) -> HttpResponse:
    """The form of the dialog; afterwards the secret, this once."""
    form = EndpointForm(request.POST or None)
    if form.is_valid():
        try:
            endpoint, secret = endpoints.create_endpoint(
                **form.fields_of_service(None), by=member_of(request), actor=actor_of(request)
            )
        except DomainError as error:
            show_error(form, error)
        else:
            return _secret(request, endpoint, secret)
    return _form(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("webhooks.manage")
def edit(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """The form of the dialog for one that is there."""
    endpoint = endpoint_of(id)
    form = EndpointForm(request.POST or None, endpoint=endpoint)
    if form.is_valid():
        try:
            endpoints.update_endpoint(
                endpoint=endpoint, actor=actor_of(request), **form.fields_of_service(endpoint)
            )
        except DomainError as error:
            show_error(form, error)
        else:
            messages.success(request, _("The endpoint is saved."))
            return _went(request, reverse("endpoint", args=[id]))
    return _form(request, form, endpoint)


@require_safe
@requires("webhooks.view")
def show(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Its health, what it hears of, and its deliveries; `#health` and `#deliveries` for htmx."""
    endpoint = endpoint_of(id)
    state, type_ = request.GET.get("state", ""), request.GET.get("type", "")
    page = keyset.page_of(
        selectors.deliveries(endpoint=endpoint, state=state, type_=type_),
        cursor=request.GET.get("cursor"),
        field="created_at",
    )
    context = {
        "endpoint": endpoint,
        "row": selectors.endpoint_row(endpoint),
        "former_until": selectors.former_secret_until(endpoint),
        "page": page,
        "states": DispatchState.choices,
        "state": state,
        "type": type_,
        "types": [(name, label_of(name)) for name in endpoint.types],
    }
    part = "#rows" if request.GET.get("cursor") else "#deliveries" if request.htmx else ""
    return render(request, f"endpoints/show.html{part}", context)


@require_POST
@requires("webhooks.manage")
def rotate(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """A new secret, shown this once."""
    endpoint = endpoint_of(id)
    return _secret(
        request, endpoint, secrets.rotate(endpoint=endpoint, actor=actor_of(request)), rotated=True
    )


@require_POST
@requires("webhooks.manage")
def activate(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Send to it again, and, if wanted, what was held back."""
    sends_held = request.POST.get("held") == "on"
    endpoints.activate(
        endpoint=endpoint_of(id),
        sends_held=sends_held,
        by=member_of(request),
        actor=actor_of(request),
    )
    messages.success(request, _("The endpoint is active."))
    return _went(request, reverse("endpoint", args=[id]))


@require_POST
@requires("webhooks.manage")
def deactivate(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Send nothing more."""
    endpoints.deactivate(endpoint=endpoint_of(id), actor=actor_of(request))
    messages.success(request, _("Nothing more is sent there. What waited is held back."))
    return _went(request, reverse("endpoint", args=[id]))


@require_POST
@requires("webhooks.manage")
def delete(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Forget it."""
    endpoints.delete_endpoint(endpoint=endpoint_of(id), actor=actor_of(request))
    messages.success(request, _("The endpoint is deleted."))
    return _went(request, reverse("endpoint-list"))


@require_http_methods(["GET", "HEAD", "POST"])
@requires("webhooks.manage")
def test(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Choose a sample and send it; the answer follows in the same dialog."""
    endpoint = endpoint_of(id)
    form = TestForm(request.POST or None, endpoint=endpoint)
    if form.is_valid():
        sent = endpoints.send_test(endpoint=endpoint, type=form.cleaned_data["type"])
        context = {"dispatch": sent, "endpoint": endpoint, "tries": []}
        return render(request, "endpoints/_tested.html", context)
    context = {"form": form, "endpoint": endpoint}
    return render(request, "endpoints/_test.html", context, status=422 if form.errors else 200)


def endpoint_of(endpoint_id: UUID) -> Endpoint:
    """One that was not deleted, or 404."""
    return get_object_or_404(selectors.endpoint_list(), pk=endpoint_id)


def _went(request: MemberRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def _form(request: MemberRequest, form: EndpointForm, endpoint: Endpoint | None) -> HttpResponse:
    context = {"form": form, "endpoint": endpoint}
    status = 422 if form.errors else 200
    return render(request, "endpoints/_form.html", context, status=status)


def _secret(
    request: MemberRequest, endpoint: Endpoint, secret: str, *, rotated: bool = False
) -> HttpResponse:
    context = {"endpoint": endpoint, "secret": secret, "rotated": rotated}
    response = render(request, "endpoints/_secret.html", context)
    response["HX-Trigger"] = "endpoints-changed"
    response["Cache-Control"] = "no-store"
    return response
