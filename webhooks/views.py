"""The webhooks manager, and what the providers told us, item by item."""

import json
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core import keyset
from tenants.access import requires
from webhooks import selectors
from webhooks.endpoints.selectors import endpoint_rows
from webhooks.enums import ItemState
from webhooks.models import Item
from webhooks.services import inbox
from webhooks.sources.selectors import source_rows


@require_safe
@requires("webhooks.view")
def manager(request: HttpRequest) -> HttpResponse:
    """Where events come in and go out, at a glance."""
    return render(
        request,
        "webhooks/manager.html",
        {
            "summary": selectors.summary(),
            "source_rows": source_rows(),
            "endpoints": endpoint_rows(),
        },
    )


@require_safe
@requires("webhooks.view")
def received(request: HttpRequest) -> HttpResponse:
    """The list, newest first."""
    state = request.GET.get("state", "")
    page = keyset.page_of(
        selectors.received_items(state=state),
        cursor=request.GET.get("cursor"),
        field="received_at",
    )
    context = {"page": page, "state": state, "states": ItemState.choices}
    part = "#rows" if request.GET.get("cursor") else ""
    return render(request, f"webhooks/received.html{part}", context)


@require_safe
@requires("webhooks.view")
def item(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """One item with everything the provider said."""
    found = _found(item_id)
    raw = json.dumps(found.data, indent=2, ensure_ascii=False, sort_keys=True)
    return render(request, "webhooks/item.html", {"item": found, "raw": raw})


@require_POST
@requires("webhooks.view", write="webhooks.manage")
def process_again(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """Have an item handled once more."""
    inbox.process_again(item=_found(item_id))
    messages.success(request, _("It is being processed again."))
    return redirect("webhook-item", item_id)


def _found(item_id: UUID) -> Item:
    found = selectors.item_with_data(item_id)
    if found is None:
        raise Http404
    return found
