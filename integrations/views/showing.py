"""One integration: how it is doing, what it is told, what was read, and what people change."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import DomainError
from core.forms import show_error
from core.keyset import page_of
from integrations import selectors
from integrations.enums import PushState
from integrations.forms import IntervalForm, PreferencesForm
from integrations.models import Integration, Push
from integrations.services import connecting, queueing, settings, syncing
from tenants.access import actor_of, requires


@require_safe
@requires("integrations.view")
def show(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """How it is doing, and what was read."""
    return render(request, "integrations/show.html", _shown(_integration(id)))


@require_http_methods(["GET", "HEAD", "POST"])
@requires("integrations.view", write="integrations.manage")
def preferences(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """What is told to it, and which field is which there."""
    integration = _integration(id)
    typed = request.POST if request.method == "POST" else None
    form = PreferencesForm(typed, integration=integration)
    if form.is_valid():
        try:
            settings.choose(
                integration=integration, preferences=form.preferences(), actor=actor_of(request)
            )
        except DomainError as error:
            show_error(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("integration-preferences", id)
    context = {**_shown(integration), "form": form}
    status = 422 if form.errors else 200
    return render(request, "integrations/preferences.html", context, status=status)


@require_safe
@requires("integrations.view")
def queue(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """What is told to it: what waits, failed and is done."""
    integration = _integration(id)
    state = request.GET.get("state", "")
    page = page_of(
        selectors.pushes_of(integration, state=state),
        cursor=request.GET.get("cursor"),
        field="created_at",
    )
    rows = [(push, selectors.reason_of(push.code)) for push in page.items]
    context = {
        **_shown(integration),
        "rows": rows,
        "page": page,
        "state": state,
        "states": PushState.choices,
    }
    template = "integrations/queue.html#rows" if request.htmx else "integrations/queue.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@require_POST
@requires("integrations.manage")
def retry(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Send once more all that failed."""
    count = queueing.retry_failed(integration=_integration(id))
    text = ngettext("%(n)d is sent again.", "%(n)d are sent again.", count) % {"n": count}
    messages.success(request, text)
    return redirect("integration-queue", id)


@require_POST
@requires("integrations.manage")
def retry_one(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Send once more one that failed."""
    push = get_object_or_404(Push, pk=id)
    queueing.retry(push=push)
    messages.success(request, _("It is sent again."))
    return redirect("integration-queue", push.integration_id)


@require_POST
@requires("integrations.manage")
def fields(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Fetch which fields the other system has."""
    settings.fetch_fields(integration=_integration(id))
    messages.success(request, _("Fetched."))
    return redirect("integration-preferences", id)


@require_POST
@requires("integrations.manage")
def interval(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """How often it is read by itself."""
    form = IntervalForm(request.POST)
    integration = _integration(id)
    if not form.is_valid():
        context = {**_shown(integration), "interval_form": form}
        return render(request, "integrations/show.html", context, status=422)
    settings.set_interval(
        integration=integration,
        minutes=form.cleaned_data["interval_minutes"],
        actor=actor_of(request),
    )
    messages.success(request, _("Saved."))
    return redirect("integration", id)


@require_POST
@requires("integrations.manage")
def sync(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Read it now."""
    syncing.start(integration=_integration(id))
    messages.success(request, _("It is read now."))
    return redirect("integration", id)


@require_POST
@requires("integrations.manage")
def stop(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """End the reading that is under way."""
    if syncing.stop(integration=_integration(id)):
        messages.success(request, _("Stopped. What was taken over stays."))
    return redirect("integration", id)


@require_POST
@requires("integrations.manage")
def disconnect(request: HttpRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Let it go."""
    integration = _integration(id)
    connecting.disconnect(integration=integration, actor=actor_of(request))
    messages.success(request, _("Disconnected. Nothing is sent or read any more."))
    return redirect("integrations")


def _integration(integration_id: UUID) -> Integration:
    return get_object_or_404(Integration, pk=integration_id)


def _shown(integration: Integration) -> dict[str, Any]:
    overview = selectors.overview_of(integration)
    return {
        "integration": integration,
        "overview": overview,
        "provider": overview.provider,
        "running": selectors.running_of(integration),
        "runs": selectors.latest_runs(integration),
        "interval_form": IntervalForm(initial={"interval_minutes": integration.interval_minutes}),
    }
