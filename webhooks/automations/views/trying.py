"""Dry runs: what a draft would have done with the events of a period (X11)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from core.errors import Invalid
from team.selectors import member_of
from tenants.access import requires
from tenants.http import MemberRequest
from webhooks.automations import event_types, registry, selectors, words
from webhooks.automations.enums import DryRunState
from webhooks.automations.forms import CURRENT, DryRunForm
from webhooks.automations.models import DryRun, DryRunItem
from webhooks.automations.services import dry_runs
from webhooks.automations.views.frame import frame
from webhooks.automations.views.running import who

SHOWN, PAGE = 20, 50
STARTS, DIFFERS, ALL = "starts", "differs", "all"
VIEWS = {STARTS: _("Would start"), DIFFERS: _("Different"), ALL: _("All")}


@require_http_methods(["GET", "HEAD", "POST"])
@requires("automations.view", write="automations.manage")
def index(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- the route's word
    """The tries so far, and a new one."""
    automation = selectors.automation(id)
    version = automation.current
    form = DryRunForm(request.POST or None, has_version=version is not None)
    refused: list[str] = []
    if form.is_valid():
        is_current = form.cleaned_data["what"] == CURRENT and version is not None
        try:
            made = dry_runs.start(
                automation=automation,
                definition=version.definition if is_current and version else None,
                since=timezone.now() - timedelta(days=form.cleaned_data["days"]),
                by=member_of(request),
            )
        except Invalid as error:
            refused = list(dict.fromkeys(
                str(one.message) for found in error.errors.values() for one in found
            ))  # fmt: skip
        else:
            return redirect("automation-dry-run", made.pk)
    context = {
        **frame(automation, "tries"),
        "form": form,
        "refused": refused,
        "rows": selectors.dry_runs(automation.pk)[:SHOWN],
    }
    status = 422 if refused or form.errors else 200
    return render(request, "automations/dry_runs.html", context, status=status)


@require_safe
@requires("automations.view")
def show(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """How far it is; at its end what it found."""
    dry = selectors.dry_run(id)
    if request.htmx and dry.state != DryRunState.RUNNING:
        return HttpResponseClientRefresh()
    context: dict[str, Any] = {"dry_run": dry, "counts": dry.counts}
    if dry.state != DryRunState.RUNNING:
        context |= _found(dry, request.GET.get("show", ""), request.GET.get("after", ""))
    return render(request, "automations/dry_run.html", context)


@require_POST
@requires("automations.manage")
def cancel(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Look at no more events."""
    dry_runs.cancel(dry_run=selectors.dry_run(id))
    return redirect("automation-dry-run", id)


def _found(dry: DryRun, view: str, after: str) -> dict[str, Any]:
    shown = view if view in VIEWS else STARTS
    rows = _items(dry, shown)
    if after.isdecimal() and len(after) < 19:
        rows = rows.filter(pk__gt=int(after))
    items = list(rows[: PAGE + 1])
    is_more = len(items) > PAGE
    items = items[:PAGE]
    counts = dry.counts
    return {
        "show": shown,
        "views": [
            (name, label, name == shown)
            for name, label in VIEWS.items()
            if name != DIFFERS or dry.against
        ],
        "items": list(_shown(dry, items)),
        "next_url": f"?show={shown}&after={items[-1].pk}" if is_more else "",
        "actions": _labelled(counts.get("actions"), _step_label),
        "refused": _labelled(counts.get("refused"), words.reason),
    }


def _items(dry: DryRun, view: str) -> QuerySet[DryRunItem]:
    return selectors.dry_run_items(
        dry.pk,
        starts=True if view == STARTS else None,
        differs=True if view == DIFFERS else None,
    )


def _shown(dry: DryRun, items: list[DryRunItem]) -> Iterator[dict[str, Any]]:
    old = dry.against.definition if dry.against else None
    for item in items:
        yield {
            "who": who(item.contact),
            "cause": event_types.label_of(item.event_type),
            "at": item.event_at,
            "starts": item.starts,
            "differs": item.differs,
            "lines": [_line(line, dry.definition) for line in item.lines],
            "old_lines": [_line(line, old) for line in item.old_lines or ()],
        }


def _line(kept: Mapping[str, Any], definition: Mapping[str, Any] | None) -> words.Line:
    """A line that is kept as JSON, its time as a text."""
    return replace(words.line(kept, definition), at=parse_datetime(str(kept.get("at") or "")))


def _labelled(counts: Any, label: Any) -> list[tuple[str, int]]:
    found = counts if isinstance(counts, Mapping) else {}
    ordered = sorted(found.items(), key=lambda pair: -pair[1])
    return [(label(name), number) for name, number in ordered]


def _step_label(kind: str) -> str:
    found = registry.action_of(kind) or registry.wait_of(kind)
    return str(found.label) if found else kind
