"""The first page of a company: what to set up first, then what happens."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core import navigation
from events.selectors import open_incidents
from team import overview
from tenants.access import requires
from tenants.http import MemberRequest
from tenants.permissions import granted_to


@require_safe
@requires("company.view")
def home(request: MemberRequest) -> HttpResponse:
    """The first-run checklist until it is done, and a short overview."""
    steps = _steps(request)
    can = granted_to(request.membership.role)
    context = {
        "troubles": open_incidents() if "incidents.view" in can else [],
        "steps": [] if all(step["done"] for step in steps) else steps,
        "tiles": overview.visible(request),
    }
    return render(request, "team/home.html", context)


@require_safe
@requires("company.view")
def badges(request: MemberRequest) -> HttpResponse:
    """The small numbers of the sidebar, fetched anew when something of theirs changed."""
    return render(request, "shell/badges.html")


def _steps(request: MemberRequest) -> list[dict[str, object]]:
    """The checklist's items for this member; the first open one is the current one."""
    can = granted_to(request.membership.role)
    items: list[dict[str, object]] = []
    for step in navigation.steps:
        if step.permission not in can:
            continue
        items.append(
            {
                "title": step.title,
                "text": step.why,
                "done": step.is_done(),
                "url": reverse(step.url_name),
                "action": step.action,
            }
        )
    open_items = [item for item in items if not item["done"]]
    if open_items:
        open_items[0]["current"] = True
    return items
