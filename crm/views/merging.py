"""Two contacts that are one person: choose the other, look at the result, merge; and undo."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from core.errors import DomainError, Invalid
from core.ids import uuid_of
from crm import field_kinds, selectors
from crm.models import Contact, ContactMerge
from crm.services import merging
from team.selectors import member_of
from tenants.access import actor_of, requires
from tenants.http import MemberRequest

FOUND = 10


@require_http_methods(["GET", "HEAD", "POST"])
@requires("contacts.delete")
def merge(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """Search for the other (`?q=`), look at the result (`?with=`), and post to merge."""
    kept = _contact(id)
    sent = request.POST if request.method == "POST" else request.GET
    other = uuid_of(sent.get("with"))
    gone = _contact(other) if other and other != kept.pk else None
    if request.method == "POST" and gone is not None:
        try:
            merging.merge_contacts(
                kept=kept, gone=gone, by=member_of(request), actor=actor_of(request)
            )
            messages.success(request, _("They are one contact now. You can undo it here."))
            return redirect("contact", kept.pk)
        except Invalid as error:
            messages.error(request, str(next(iter(error.errors.values()))[0].message))
        except DomainError as error:
            messages.error(request, error.text)
    q = request.GET.get("q", "").strip()
    context: dict[str, Any] = {"contact": kept, "q": q, "other": gone}
    if gone is None:
        found = selectors.find_contacts(q, FOUND + 1) if q else []
        context["found"] = [_card(row) for row in found if row.pk != kept.pk][:FOUND]
    else:
        context |= _compared(kept, gone)
    template = "crm/merge.html#found" if request.htmx else "crm/merge.html"
    return render(request, template, context)


@require_POST
@requires("contacts.delete")
def undo(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Make them two again."""
    made = get_object_or_404(ContactMerge, pk=id)
    try:
        merging.undo_merge(merge=made, by=member_of(request), actor=actor_of(request))
        messages.success(request, _("They are two contacts again."))
    except DomainError as error:
        messages.error(request, error.text)
    return redirect("contact", made.kept_id)


def _contact(pk: UUID) -> Contact:
    return get_object_or_404(selectors.with_details(Contact.objects.alive()), pk=pk)


def _card(contact: Contact) -> dict[str, Any]:
    """A contact as the lists of this page show it."""
    known: list[Any] = contact.held_identities  # type: ignore[attr-defined]
    return {"contact": contact, "known": known, "tags": list(contact.tags.all())}


def _compared(kept: Contact, gone: Contact) -> dict[str, Any]:
    """Both contacts and what they make together."""
    result = merging.preview(kept=kept, gone=gone)
    definitions = selectors.field_definitions()
    mine, theirs = _card(kept), _card(gone)
    return {
        "mine": mine,
        "theirs": theirs,
        "result": result,
        "known": [*mine["known"], *theirs["known"]],
        "tags": sorted({tag.name for tag in (*mine["tags"], *theirs["tags"])}),
        "fields": field_kinds.shown(result.attributes, definitions),
        "hidden": field_kinds.shown(result.hidden, definitions),
    }
