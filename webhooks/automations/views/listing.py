"""The list of automations, and what its switches and menus do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from core.errors import Invalid, NotFound
from core.forms import show_error
from core.keyset import page_of
from team.selectors import member_of
from tenants.access import actor_of, requires
from tenants.http import MemberRequest
from webhooks.automations import describe, ready_made, selectors
from webhooks.automations.enums import AutomationState, WhenOff
from webhooks.automations.forms import NameForm
from webhooks.automations.models import Automation
from webhooks.automations.services import automations
from webhooks.automations.views.frame import row_of


@require_safe
@requires("automations.view")
def index(request: MemberRequest) -> HttpResponse:
    """All automations, the newest first."""
    state, q = request.GET.get("state", ""), request.GET.get("q", "").strip().replace("\0", "")
    rows = selectors.automation_list(q=q, state=state if state in AutomationState.values else "")
    page = page_of(rows, cursor=request.GET.get("cursor"), field="created_at")
    context = {
        "page": page,
        "rows": _rows(page.items),
        "state": state,
        "q": q,
        "states": AutomationState.choices,
        "ready_made": ready_made.READY_MADE.values(),
    }
    template = "automations/list.html#rows" if request.htmx else "automations/list.html"
    return render(request, template, context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("automations.manage")
def create(request: MemberRequest) -> HttpResponse:
    """A draft: blank, or one of those that are ready."""
    form = NameForm(request.POST if "name" in request.POST else None)
    try:
        made = _created(request, form)
    except Invalid as error:
        show_error(form, error)
        made = None
    if made is not None:
        return redirect("automation", made.pk)
    context = {"form": form, "ready_made": ready_made.READY_MADE.values()}
    status = 422 if form.errors else 200
    return render(request, "automations/new.html", context, status=status)


@require_POST
@requires("automations.manage")
def duplicate(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- the route's word
    """A draft like it."""
    copy = automations.duplicate(automation=selectors.automation(id), by=member_of(request))
    messages.success(request, _("The copy is a draft; nothing runs by it yet."))
    return redirect("automation", copy.pk)


@require_POST
@requires("automations.manage")
def delete(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Put it away; runs that wait stop."""
    automations.delete_automation(automation=selectors.automation(id), actor=actor_of(request))
    messages.success(request, _("The automation is deleted."))
    return redirect("automations")


@require_POST
@requires("automations.manage")
def switch_on(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """From now on it starts."""
    automation = selectors.automation(id)
    automations.switch_on(automation=automation, actor=actor_of(request))
    messages.success(request, _("%(name)s is on.") % {"name": automation.name})
    return _back(request, automation)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("automations.manage")
def switch_off(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Ask what becomes of the runs that wait; then nothing new starts."""
    automation = selectors.automation(id)
    if request.method != "POST":
        return render(request, "automations/_off.html", row_of(automation))
    waiting = request.POST.get("waiting", "")
    automations.switch_off(
        automation=automation,
        waiting=waiting if waiting in WhenOff.values else WhenOff.GO_ON,
        actor=actor_of(request),
    )
    messages.success(request, _("%(name)s is off.") % {"name": automation.name})
    return _back(request, automation)


def _created(request: MemberRequest, form: NameForm) -> Automation | None:
    by = member_of(request)
    if "flow" in request.POST:
        slug = request.POST["flow"]
        if slug not in ready_made.READY_MADE:
            raise NotFound
        return ready_made.create(slug=slug, by=by, actor=actor_of(request))
    if not form.is_valid():
        return None
    return automations.create(name=form.cleaned_data["name"], by=by, actor=actor_of(request))


def _back(request: MemberRequest, automation: Automation) -> HttpResponse:
    """To the list, where a switch stands; to the page of one, where a form does."""
    if request.htmx:
        return HttpResponseClientRedirect(reverse("automations"))
    return redirect("automation", automation.pk)


def _rows(page: Sequence[Automation]) -> list[dict[str, Any]]:
    """Each with its trigger in words and what its runs came to."""
    activity = selectors.activity([one.pk for one in page])
    return [
        {
            "automation": one,
            "when": describe.trigger_sentence(_definition(one).get("trigger") or {}),
            "activity": activity[one.pk],
            "waiting": activity[one.pk].waiting,
        }
        for one in page
    ]


def _definition(automation: Automation) -> dict[str, Any]:
    """What is in force, else the draft."""
    return automation.current.definition if automation.current else automation.draft
