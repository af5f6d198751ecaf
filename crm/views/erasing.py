"""Erasing a person: what goes, a word to type, and the certificate afterwards."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import DomainError
from core.keyset import page_of
from crm import selectors
from crm.erasures import Erasure
from crm.forms import ErasureForm
from crm.models import Contact
from crm.services import erasing
from team.selectors import member_of
from tenants.access import actor_of, requires
from tenants.http import MemberRequest


@require_http_methods(["GET", "HEAD", "POST"])
@requires("contacts.erase")
def erase(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """Ask for the reason and the typed word, then begin."""
    contact = get_object_or_404(selectors.with_details(Contact.objects.alive()), pk=id)
    form = ErasureForm(request.POST or None)
    if form.is_valid():
        try:
            erasure = erasing.erase(
                contact=contact,
                reason=form.cleaned_data["reason"],
                by=member_of(request),
                actor=actor_of(request),
            )
        except DomainError as error:
            messages.error(request, error.text)
        else:
            return redirect("erasure", erasure.pk)
    context: dict[str, Any] = {"contact": contact, "form": form}
    status = 422 if form.errors else 200
    return render(request, "crm/erase.html", context, status=status)


@require_safe
@requires("contacts.erase")
def index(request: MemberRequest) -> HttpResponse:
    """Who was erased when, without saying who: the newest first."""
    rows = Erasure.objects.select_related("requested_by").defer("subject")
    page = page_of(rows, cursor=request.GET.get("cursor"), field="requested_at")
    return render(request, "crm/erasures.html", {"page": page})


@require_safe
@requires("contacts.erase")
def show(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """The certificate; while it runs the page asks for it again."""
    rows = Erasure.objects.select_related("requested_by").defer("subject")
    erasure = get_object_or_404(rows, pk=id)
    context = {
        "erasure": erasure,
        "lines": erasing.lines_of(erasure),
        "company": request.company,
    }
    return render(request, "crm/erasure.html", context)
