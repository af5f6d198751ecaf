"""Versions of an automation: what changed from one to the next, and taking one back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.errors import Conflict
from core.ids import uuid_of
from tenants.access import requires
from tenants.http import MemberRequest
from webhooks.automations import selectors
from webhooks.automations.builder.comparison import Line, differences
from webhooks.automations.builder.outline import lines_of
from webhooks.automations.models import Automation
from webhooks.automations.services import automations
from webhooks.automations.views.frame import frame

SHOWN = 30


@require_safe
@requires("automations.view")
def index(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- the route's word
    """The newest first, each with what it changed."""
    automation = selectors.automation(id)
    current = automation.current
    context = {
        **frame(automation, "versions"),
        "versions": _versions(automation),
        "has_changes": current is not None and automation.draft != current.definition,
    }
    return render(request, "automations/versions.html", context)


@require_POST
@requires("automations.manage")
def restore(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Take a former one into the draft."""
    automation = selectors.automation(id)
    pk = uuid_of(request.POST.get("version"))
    version = automation.versions.filter(pk=pk).first() if pk else None
    if version is None:
        raise Conflict("version_gone", _("Choose one of the versions below."))
    automations.restore(automation=automation, version=version)
    told = _("Version %(number)s is in the draft now. Publish it to put it in force.")
    messages.success(request, told % {"number": version.number})
    return redirect("automation", automation.pk)


def _versions(automation: Automation) -> list[dict[str, Any]]:
    rows = list(selectors.versions(automation.pk)[: SHOWN + 1])
    said: list[list[Line]] = [lines_of(row.definition) for row in rows]
    before: list[list[Line]] = [*said[1:], []]
    return [
        {
            "version": row,
            "is_current": row.pk == automation.current_id,
            "differences": differences(old, new),
        }
        for row, new, old in zip(rows, said, before, strict=False)
    ][:SHOWN]
