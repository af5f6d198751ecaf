"""The catalogue of events: what each type says, as schema and sample."""

from __future__ import annotations

import json

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tenants.access import requires
from tenants.http import MemberRequest
from webhooks.endpoints import catalogue
from webhooks.endpoints.catalogue import PublicType


@require_safe
@requires("webhooks.view")
def index(request: MemberRequest) -> HttpResponse:
    """All types by group, or those that a search finds; `?type=` opens one beside them."""
    words = request.GET.get("q", "").casefold().split()
    groups: dict[str, list[PublicType]] = {}
    for each in catalogue.public_types().values():
        text = f"{each.name} {each.description} {each.group_label}".casefold()
        if all(word in text for word in words):
            groups.setdefault(str(each.group_label), []).append(each)
    chosen = catalogue.public_types().get(request.GET.get("type", ""))
    context = {
        "groups": groups,
        "q": request.GET.get("q", ""),
        "chosen": chosen,
        "schema": _pretty(chosen.schema) if chosen else "",
        "sample": _pretty(chosen.sample) if chosen else "",
    }
    part = ""
    if request.htmx:
        part = "#type" if chosen else "#list"
    return render(request, f"endpoints/catalogue.html{part}", context)


def _pretty(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
