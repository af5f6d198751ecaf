"""Lists of contacts: which there are; who is on one is shown by the list of contacts."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import DomainError
from crm import selectors
from crm.models import ContactList
from crm.services import lists
from crm.views.tags import sentence_of
from team.selectors import member_of
from tenants.access import requires
from tenants.http import MemberRequest


@require_http_methods(["GET", "HEAD", "POST"])
@requires("lists.view", write="lists.edit")
def index(request: MemberRequest) -> HttpResponse:
    """All lists with how many contacts are on each; posting a name makes a new one."""
    error = ""
    if request.method == "POST":
        try:
            lists.create_list(name=request.POST.get("name", ""), by=member_of(request))
            return redirect("lists")
        except DomainError as problem:
            error = sentence_of(problem)
    context = {
        "lists": selectors.lists_with_counts(),
        "error": error,
        "name": request.POST.get("name", ""),
    }
    return render(request, "crm/lists.html", context, status=422 if error else 200)


@require_POST
@requires("lists.edit")
def edit(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """Rename a list."""
    found = get_object_or_404(ContactList, pk=id)
    try:
        lists.rename_list(contact_list=found, name=request.POST.get("name", ""))
        messages.success(request, _("The list is saved."))
    except DomainError as problem:
        messages.error(request, sentence_of(problem))
    return redirect("lists")


@require_POST
@requires("lists.edit")
def delete(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Forget a list, unless something goes by it."""
    try:
        lists.delete_list(contact_list=get_object_or_404(ContactList, pk=id))
        messages.success(request, _("The list is deleted; its contacts stay."))
    except DomainError as problem:
        messages.error(request, sentence_of(problem))
    return redirect("lists")
