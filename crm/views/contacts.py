"""A contact's own page: seen, made, changed, deleted and brought back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from core.errors import DomainError
from core.forms import show_error
from crm import field_kinds, registry, selectors
from crm.duplicates.reading import doubles_of
from crm.enums import Channel, ConsentAction, IdentityKind, Purpose
from crm.forms import SOURCES, ConsentForm, ContactForm, TagsField
from crm.models import Contact, Identity, Tag
from crm.services import consents, contacts
from team.selectors import member_of
from tenants.access import actor_of, requires
from tenants.http import MemberRequest
from tenants.permissions import granted_to

TAGS_SHOWN = 12
ROWS_OFFERED = 50  # saved audiences and lists
LEDGER_SHOWN = 8
TECHNICAL = (IdentityKind.WA_ID, IdentityKind.BSUID, IdentityKind.LID)  # for programs alone


@require_http_methods(["GET", "HEAD", "POST"])
@requires("contacts.edit")
def create(request: MemberRequest) -> HttpResponse:
    """A new contact."""
    form = ContactForm(request.POST or None)
    if form.is_valid():
        try:
            contact = contacts.create_contact(
                **form.new_contact, by=member_of(request), actor=actor_of(request)
            )
        except DomainError as error:
            show_error(form, error)
        else:
            messages.success(request, _("The contact is saved."))
            return redirect("contact", contact.pk)
    return _form(request, form)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("contacts.edit")
def edit(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002 -- named by the URL
    """Change a contact."""
    contact = _contact(id)
    form = ContactForm(request.POST or None, contact=contact)
    if form.is_valid():
        try:
            contacts.update_contact(contact=contact, changes=form.changes, actor=actor_of(request))
        except DomainError as error:
            show_error(form, error)
        else:
            messages.success(request, _("The contact is saved."))
            return redirect("contact", contact.pk)
    return _form(request, form, contact)


@require_safe
@requires("contacts.view")
def show(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """A contact: who it is, what it allowed, what happened."""
    contact = _contact(id)
    can = granted_to(request.membership.role)
    held: list[Identity] = contact.held_identities  # type: ignore[attr-defined]
    context = {
        "contact": contact,
        "technical": TECHNICAL,
        "has_technical": any(one.kind in TECHNICAL for one in held),
        "title": selectors.shown_name(contact),
        "fields": field_kinds.shown(contact.attributes, selectors.field_definitions()),
        "doubles": doubles_of(contact),
        "merges": contact.merges.filter(undone_at=None).select_related("by").order_by("-at"),
        "consent": _consent(contact),
        "sources": SOURCES,
        "tag_names": _tag_names(),
        "timeline": registry.entries_of(contact, can),
        "panels": [
            render_to_string(
                panel.template, {"contact": contact, **panel.context(request, contact)}, request
            )
            for panel in registry.panels
            if panel.permission in can
        ],
    }
    return render(request, "crm/contact.html", context)


@require_POST
@requires("contacts.delete")
def delete(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Delete a contact; the answer offers to undo it."""
    contact = _contact(id)
    contacts.delete_contact(contact=contact, actor=actor_of(request))
    if request.headers.get("HX-Target", "").startswith("contact-"):
        toast = {
            "tone": "success",
            "title": _("%(name)s is deleted.") % {"name": selectors.shown_name(contact)},
            "url": reverse("contact-restore", args=[contact.pk]),
            "action": _("Undo"),
        }
        return trigger_client_event(HttpResponse(), "toast", toast)
    return HttpResponseClientRedirect(f"{reverse('contacts')}?deleted={contact.pk}")


@require_POST
@requires("contacts.delete")
def restore(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Undo a deletion."""
    contact = get_object_or_404(Contact, pk=id)
    contacts.restore_contact(contact=contact, actor=actor_of(request))
    messages.success(request, _("The contact is back."))
    url = reverse("contact", args=[contact.pk])
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


@require_POST
@requires("contacts.edit")
def consent(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Write down what a contact said about being written to."""
    contact = _contact(id)
    form = ConsentForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say where they said so."))
        return redirect("contact", contact.pk)
    said = dict(form.cleaned_data)
    is_opt_in = said.pop("action") == ConsentAction.OPT_IN
    verb = consents.opt_in if is_opt_in else consents.opt_out
    verb(contact=contact, **said, by=member_of(request), actor=actor_of(request))
    messages.success(request, _("Opt-in recorded.") if is_opt_in else _("Opt-out recorded."))
    return redirect("contact", contact.pk)


@require_POST
@requires("contacts.edit")
def tag(request: MemberRequest, id: UUID) -> HttpResponse:  # noqa: A002
    """Put tags on a contact; those it has stay."""
    contact = _contact(id)
    names = TagsField().clean(request.POST.get("tags", ""))
    try:
        contacts.tag(contact_ids=[contact.pk], tags=names, actor=actor_of(request))
    except DomainError as error:
        messages.error(request, error.text)
    return redirect("contact", contact.pk)


def _form(
    request: MemberRequest, form: ContactForm, contact: Contact | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "contact": contact,
        "sources": SOURCES,
        "tag_names": _tag_names(),
    }
    status = 422 if form.errors else 200
    return render(request, "crm/contact_form.html", context, status=status)


def _tag_names() -> QuerySet[Tag, str]:
    """Tags to choose from while somebody types."""
    return Tag.objects.values_list("name", flat=True)[:200]


def _contact(pk: UUID) -> Contact:
    rows = selectors.with_details(Contact.objects.alive().select_related("created_by_import"))
    return get_object_or_404(rows, pk=pk)


def _consent(contact: Contact) -> dict[str, Any]:
    """What holds for WhatsApp marketing, what is on the ledger, and which blocks there are."""
    state = selectors.consent_state([contact.pk], Channel.WHATSAPP, Purpose.MARKETING)
    blocks = selectors.blocks_of(contact)
    return {
        "state": state.get(contact.pk),
        "blocks": blocks,
        "is_blocked": any(
            line.channel == Channel.WHATSAPP and line.purpose in ("", Purpose.MARKETING)
            for line in blocks
        ),
        "ledger": contact.consents.select_related("recorded_by").order_by("-at", "-id")[
            :LEDGER_SHOWN
        ],
        "channels": Channel.choices,
    }
