"""The list of contacts and a contact's own page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from core.errors import DomainError, Invalid, NotAllowed
from core.forms import show_error
from core.ids import uuid_of, uuids_of
from core.keyset import page_of
from crm import field_kinds, registry, selectors
from crm.enums import Channel, ConsentAction, IdentityKind, Purpose
from crm.forms import SOURCES, ConsentForm, ContactForm
from crm.models import Contact, ContactList, Segment, Tag
from crm.services import consents, contacts, lists
from crm.tag_counts import tag_counts
from crm.views.contact_filters import Filters
from team.selectors import member_of
from tenants.access import actor_of, requires
from tenants.http import MemberRequest
from tenants.permissions import allows, granted_to

TAGS_SHOWN = 12
ROWS_OFFERED = 50  # saved audiences and lists
LEDGER_SHOWN = 8


@require_safe
@requires("contacts.view")
def index(request: MemberRequest) -> HttpResponse:
    """Contacts, newest first, found by word, phone and tag; htmx gets the rows alone."""
    filters = Filters.of(request.GET)
    page = page_of(filters.contacts, cursor=request.GET.get("cursor"), field="created_at")
    context: dict[str, Any] = {
        "rows": _rows(page.items),
        "next_url": f"{reverse('contacts')}?{filters.query()}&cursor={page.next_cursor}"
        if page.next_cursor
        else "",
        "filters": filters,
    }
    if request.htmx:
        return render(request, "crm/contacts.html#rows", context)
    context |= {
        "tags": _tag_chips(filters),
        "segments": Segment.objects.all()[:ROWS_OFFERED],
        "lists": ContactList.objects.all()[:ROWS_OFFERED],
        "deleted": uuid_of(request.GET.get("deleted")),
    }
    return render(request, "crm/contacts.html", context)


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
    context = {
        "contact": contact,
        "title": _title(contact),
        "fields": field_kinds.shown(contact.attributes, selectors.field_definitions()),
        "merges": contact.merges.filter(undone_at=None).select_related("by").order_by("-at"),
        "consent": _consent(contact),
        "sources": SOURCES,
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
            "title": _("%(name)s is deleted.") % {"name": _title(contact)},
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
def bulk(request: MemberRequest) -> HttpResponse:
    """Tag, list or delete the chosen contacts."""
    ids = uuids_of(request.POST.getlist("ids"))
    chosen = list(Contact.objects.alive().filter(pk__in=ids))
    action = request.POST.get("action")
    if action == "tag" and not request.POST.get("tags") and request.POST.get("list_name"):
        action = "list"  # Enter in a field presses the form's first button, whatever the field
    if action == "delete":
        return _delete_many(request, chosen)
    if action in ("list", "unlist"):
        return _list_many(request, chosen, adds=action == "list")
    names = [name for name in request.POST.get("tags", "").split(",") if name.strip()]
    if names and chosen:
        contacts.tag(contact_ids=[contact.pk for contact in chosen], tags=names)
        messages.success(request, _counted(_tagged, len(chosen)))
    return redirect("contacts")


def _delete_many(request: MemberRequest, chosen: list[Contact]) -> HttpResponse:
    if not allows(request.membership.role, "contacts.delete"):
        raise NotAllowed
    for contact in chosen:
        contacts.delete_contact(contact=contact, actor=actor_of(request))
    messages.success(request, _counted(_deleted, len(chosen)))
    return HttpResponseClientRedirect(reverse("contacts"))


def _list_many(request: MemberRequest, chosen: list[Contact], *, adds: bool) -> HttpResponse:
    """Put them on the list that was named (made if there is none), or off the one that is shown."""
    if not allows(request.membership.role, "lists.edit"):
        raise NotAllowed
    ids = [contact.pk for contact in chosen]
    if not adds:
        shown = get_object_or_404(ContactList, pk=uuid_of(request.POST.get("list")))
        count = lists.remove_contacts(contact_list=shown, contact_ids=ids)
        messages.success(request, _counted(_unlisted, count))
        return redirect(f"{reverse('contacts')}?list={shown.pk}")
    try:
        named = lists.ensure_list(name=request.POST.get("list_name", ""), by=member_of(request))
        lists.add_contacts(contact_list=named, contact_ids=ids)
    except Invalid:
        messages.error(request, _("Write the name of the list, of at most 80 characters."))
        return redirect("contacts")
    messages.success(request, _counted(_listed, len(ids)))
    return redirect(f"{reverse('contacts')}?list={named.pk}")


def _listed(count: int) -> str:
    return ngettext(
        "%(count)d contact is on the list.", "%(count)d contacts are on the list.", count
    )


def _unlisted(count: int) -> str:
    return ngettext(
        "%(count)d contact is off the list.", "%(count)d contacts are off the list.", count
    )


def _tagged(count: int) -> str:
    return ngettext("%(count)d contact is tagged.", "%(count)d contacts are tagged.", count)


def _deleted(count: int) -> str:
    return ngettext("%(count)d contact is deleted.", "%(count)d contacts are deleted.", count)


def _counted(sentence: Any, count: int) -> str:
    return str(sentence(count)) % {"count": count}


def _form(
    request: MemberRequest, form: ContactForm, contact: Contact | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "contact": contact,
        "sources": SOURCES,
        "tag_names": Tag.objects.values_list("name", flat=True)[:200],
    }
    status = 422 if form.errors else 200
    return render(request, "crm/contact_form.html", context, status=status)


def _contact(pk: UUID) -> Contact:
    rows = selectors.with_details(Contact.objects.alive().select_related("created_by_import"))
    return get_object_or_404(rows, pk=pk)


def _title(contact: Contact) -> str:
    return contact.name or selectors.shown_identity(contact, IdentityKind.PHONE) or _("No name")


def _rows(items: list[Contact]) -> list[dict[str, Any]]:
    """Each contact with what its row shows; consent of all in one query."""
    state = selectors.consent_state(
        [contact.pk for contact in items], Channel.WHATSAPP, Purpose.MARKETING
    )
    return [
        {
            "contact": contact,
            "title": _title(contact),
            "phone": selectors.shown_identity(contact, IdentityKind.PHONE),
            "email": selectors.shown_identity(contact, IdentityKind.EMAIL),
            "consent": state.get(contact.pk),
        }
        for contact in items
    ]


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


def _tag_chips(filters: Filters) -> list[dict[str, Any]]:
    """Chips that add a tag to the filter or take it away, the most used first.

    A tag that is younger than the counts shows without one.
    """
    ids, counts = filters.tag_ids, tag_counts()
    tags = [tag for tag in Tag.objects.order_by("key") if tag.pk in ids or counts.get(tag.pk) != 0]
    tags.sort(key=lambda tag: -counts.get(tag.pk, 0))
    return [
        {
            "tag": tag,
            "count": counts.get(tag.pk),
            "is_chosen": tag.pk in ids,
            "url": "?" + filters.query(tag_ids=ids ^ {tag.pk}),
        }
        for tag in tags[: TAGS_SHOWN + len(ids)]
    ]
