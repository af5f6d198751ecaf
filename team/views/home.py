"""The first page of a company: what to set up first, then what happens."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from core import navigation
from tenants.access import requires
from tenants.permissions import granted_to


@require_safe
@requires("company.view")
def home(request: HttpRequest) -> HttpResponse:
    """The first-run checklist until it is done, and a short overview."""
    return render(request, "team/home.html", {"steps": _steps(request)})


def _steps(request: HttpRequest) -> list[dict[str, object]]:
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
