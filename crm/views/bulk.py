"""One change of many contacts, from the list: asked for, watched, undone."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from core.errors import DomainError, Invalid, NotAllowed
from core.ids import uuids_of
from crm.enums import BulkAction
from crm.listing.looks import Look
from crm.models import ContactBulk
from crm.services import bulk, lists
from team.selectors import member_of
from tenants.access import actor_of, requires
from tenants.http import MemberRequest
from tenants.permissions import allows


@require_POST
@requires("contacts.edit")
def start(request: MemberRequest) -> HttpResponse:
    """Tag, list or delete the chosen contacts, or all that the list shows."""
    action = _action(request.POST)
    look = Look.of(QueryDict(request.POST.get("query", "")))
    is_all = request.POST.get("all") == "1"
    if action in bulk.CHANGES and not allows(
        request.membership.role, bulk.CHANGES[action].permission
    ):
        raise NotAllowed
    try:
        begun = bulk.start(
            action=action,
            ids=None if is_all else uuids_of(request.POST.getlist("ids")),
            query=look.filters.query(),
            params=_params(request, action),
            by=member_of(request),
            actor=actor_of(request),
        )
    except Invalid as error:
        messages.error(request, str(next(iter(error.errors.values()))[0].message))
        return _to(request, look)
    return _to(request, look, begun)


@require_safe
@requires("contacts.view")
def show(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """How far a change is; the list shows it above its rows."""
    rows = ContactBulk.objects.select_related("undone_by")
    return render(request, "crm/_contacts_bulk.html", {"bulk": get_object_or_404(rows, pk=id)})


@require_POST
@requires("contacts.delete")
def undo(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Bring back who a deletion took."""
    deletion = get_object_or_404(ContactBulk, pk=id)
    try:
        back = bulk.undo(bulk=deletion, by=member_of(request), actor=actor_of(request))
    except DomainError as error:
        messages.error(request, error.text)
        return redirect("contacts")
    return redirect(f"{reverse('contacts')}?bulk={back.pk}")


def _action(data: QueryDict) -> str:
    """What the pressed button says."""
    action = data.get("action", "")
    if action == BulkAction.TAG and not data.get("tags") and data.get("list_name"):
        return BulkAction.LIST  # Enter in a field presses the form's first button, whatever field
    return action


def _params(request: MemberRequest, action: str) -> dict[str, Any]:
    data = request.POST
    if action in (BulkAction.TAG, BulkAction.UNTAG):
        return {"tags": data.get("tags", "").split(",")}
    if action == BulkAction.LIST:
        name = data.get("list_name", "")
        return {"list": str(lists.ensure_list(name=name, by=member_of(request)).pk)}
    return {"list": data.get("list", "")} if action == BulkAction.UNLIST else {}


def _to(request: MemberRequest, look: Look, begun: ContactBulk | None = None) -> HttpResponse:
    """The list as it was, with what was begun above it."""
    told = [f"bulk={begun.pk}"] if begun else []
    url = f"{reverse('contacts')}?{'&'.join(filter(None, [look.query(), *told]))}"
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)
