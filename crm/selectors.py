"""Reads of contacts: set-based loaders for the send gate, rows for pages and the API."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, OuterRef, Prefetch, Q, QuerySet, When
from django.utils.translation import gettext as _

from core.errors import Invalid, InvalidId
from crm import phones, search
from crm.enums import Channel, ConsentAction, IdentityKind, ImportState
from crm.models import (
    Consent,
    Contact,
    ContactList,
    FieldDefinition,
    Identity,
    Import,
    ListMember,
    Suppression,
    Tag,
)
from crm.public_ids import TAG
from crm.querysets import ContactQuerySet
from crm.services.tags import key_of
from crm.suppression_key import digests

LAST_DIGITS = 4  # what a mask shows of a number
PHONE_ALONE: dict[str, int] = {IdentityKind.PHONE: 0}
# How a contact is written to on WhatsApp; smaller is better.
ADDRESS_RANK: dict[str, int] = {
    IdentityKind.WA_ID: 0,
    IdentityKind.PHONE: 1,
    IdentityKind.BSUID: 2,
    IdentityKind.LID: 3,
}


def consent_state(contact_ids: Collection[UUID], channel: str, purpose: str) -> dict[UUID, bool]:
    """What each contact said last: True opted in, False opted out; silent ones are left out."""
    lines = (
        Consent.objects.filter(contact__any_of=contact_ids, channel=channel, purpose=purpose)
        .order_by("contact_id", "-at", "-id")
        .distinct("contact_id")
        .values_list("contact_id", "action")
    )
    said = ((contact_id, said_by(action)) for contact_id, action in lines)
    return {contact_id: word for contact_id, word in said if word is not None}


def said_by(action: str) -> bool | None:
    """What the newest line of the ledger says: True opted in, False opted out, None nothing."""
    return None if action == ConsentAction.UNDONE else action == ConsentAction.OPT_IN


def suppressed(addresses: Collection[str], channel: str, purpose: str) -> set[str]:
    """Those of `addresses` (E.164, WhatsApp ids or other ids) that must not be written to."""
    if not addresses:
        return set()
    by_address = digests(addresses)
    hit = set(
        Suppression.objects.filter(
            address_hmac__any_of=by_address.values(), channel=channel, purpose__in=("", purpose)
        ).values_list("address_hmac", flat=True)
    )
    return {address for address, hmac in by_address.items() if hmac in hit}


def blocks_of(contact: Contact) -> list[Suppression]:
    """The lines of the suppression list that are about any address of a contact, newest first."""
    addresses = contact.identities.filter(kind__in=ADDRESS_RANK, alias_of=None)
    hmacs = set(digests(addresses.values_list("value", flat=True)).values())
    return list(Suppression.objects.filter(address_hmac__in=hmacs).order_by("-created_at"))


def suppression_list(*, q: str = "", reason: str = "") -> QuerySet[Suppression]:
    """The suppression list, found by a whole number in any spelling or by its last four digits."""
    rows = Suppression.objects.all()
    if reason:
        rows = rows.filter(reason=reason)
    digits = re.sub(r"\D", "", q)
    if q.strip() and len(digits) == LAST_DIGITS:
        return rows.filter(masked__endswith=digits)
    return rows.filter(address_hmac__in=_hmacs_of(q)) if q.strip() else rows


def _hmacs_of(text: str) -> set[str]:
    """The HMACs that an address may have: as people write numbers, and as it stands."""
    spellings = {text.strip()}
    with contextlib.suppress(phones.BadPhone):
        spellings.add(phones.parse(text).number)
    return set(digests(spellings).values())


def addresses_for(
    contact_ids: Collection[UUID],
    connection_id: UUID | None = None,
    *,
    channel: str = Channel.WHATSAPP,
) -> dict[UUID, str]:
    """Where each contact is written to on a channel; contacts without any address are left out.

    On WhatsApp the id it told us, else its phone; people known only by a business-scoped id get
    that of the connection. By SMS the phone alone. A WhatsApp id is digits, a phone E.164 with
    plus.
    """
    kinds = ADDRESS_RANK if channel == Channel.WHATSAPP else PHONE_ALONE
    rank = Case(*(When(kind=kind, then=place) for kind, place in kinds.items()))
    rows = (
        Identity.objects.held()
        .filter(contact__any_of=contact_ids, kind__in=kinds, alias_of=None)
        # An id of another connection means nothing here.
        .filter(Q(scope="") | Q(scope=str(connection_id or "")))
        # Of two WhatsApp ids the newer is the one that last wrote to us.
        .order_by("contact_id", rank, "-created_at")
        .distinct("contact_id")
    )
    return dict(rows.values_list("contact_id", "value"))


def address_for(
    contact: Contact, connection_id: UUID | None = None, *, channel: str = Channel.WHATSAPP
) -> str:
    """`addresses_for` of one contact; empty when it has none."""
    return addresses_for([contact.pk], connection_id, channel=channel).get(contact.pk, "")


def contact_list(
    *,
    q: str = "",
    tag_ids: Iterable[UUID] = (),
    among: ContactQuerySet | None = None,
    list_id: UUID | None = None,
) -> ContactQuerySet:
    """Contacts that match the search and have all the tags, with what a list shows of them.

    Args:
        among: only these (`crm.audiences.select` of a saved audience).
        list_id: only who is on this list.
    """
    contacts = Contact.objects.alive() if among is None else among
    condition = search.matches(q)
    if condition is not None:
        contacts = contacts.filter(condition)
    for tag_id in tag_ids:
        contacts = contacts.filter(contact_tags__tag_id=tag_id)
    if list_id is not None:
        on_list = ListMember.objects.filter(contact=OuterRef("pk"), list=list_id)
        contacts = contacts.filter(Exists(on_list))
    return with_details(contacts)


def with_details(contacts: ContactQuerySet) -> ContactQuerySet:
    """The same contacts with tags and identities fetched in two more queries; without the search
    column, which is for PostgreSQL alone."""
    return contacts.defer("search").prefetch_related(
        Prefetch("tags", Tag.objects.order_by("key")),
        Prefetch(
            "identities",
            Identity.objects.held().filter(alias_of=None).order_by("created_at"),
            to_attr="held_identities",
        ),
    )


def shown_identity(contact: Contact, kind: str) -> str:
    """The first identity of a kind of a contact from `with_details`; empty without one."""
    rows: list[Identity] = contact.held_identities  # type: ignore[attr-defined]
    return next((row.value for row in rows if row.kind == kind), "")


def shown_name(contact: Contact) -> str:
    """What a contact from `with_details` is called: by its name, else by its phone."""
    return contact.name or shown_identity(contact, IdentityKind.PHONE) or _("No name")


def attribute_labels() -> dict[str, str]:
    """What people call the fields that contacts carry besides their name, by key: those the company
    defined, then others as far as the newest contacts show."""
    newest = Contact.objects.alive().order_by("-created_at", "-id").values("attributes")[:500]
    defined = {key: row.label for key, row in field_definitions().items()}
    others = sorted({key for row in newest for key in row["attributes"]} - defined.keys())
    return defined | dict(zip(others, others, strict=True))


def attribute_keys() -> list[str]:
    """The keys alone, in the same order."""
    return list(attribute_labels())


def field_definitions() -> dict[str, FieldDefinition]:
    """The company's own fields in use, by key, in their order."""
    return {row.key: row for row in FieldDefinition.objects.filter(archived_at=None)}


def field_definition(key: str) -> FieldDefinition | None:
    """The company's field in use that has this key, whatever text that is."""
    if not key.isprintable():  # none has such a key, and PostgreSQL takes no NUL
        return None
    return FieldDefinition.objects.filter(archived_at=None, key=key).first()


def last_import_of(header: Sequence[str]) -> Import | None:
    """The newest import of contacts that was started with these titles; None for files without."""
    if all(title.isdecimal() for title in header):
        return None
    started = Import.objects.of_contacts().exclude(state=ImportState.DRAFT)
    return started.filter(header=list(header)).order_by("-created_at").first()


def tags_with_counts() -> QuerySet[Any]:
    """All tags by name, each with `contact_count`: living contacts that have it."""
    return Tag.objects.annotate(
        contact_count=Count("contact_tags", filter=Q(contact_tags__contact__deleted_at=None))
    ).order_by("key")


def lists_with_counts() -> QuerySet[Any]:
    """All lists by name, each with `contact_count`: living contacts on it."""
    return ContactList.objects.annotate(
        contact_count=Count("members", filter=Q(members__contact__deleted_at=None))
    ).order_by("key")


def tags_named(names: Iterable[str]) -> list[UUID]:
    """The tags that a filter names, by name or public id.

    Raises:
        core.errors.Invalid: under `tag`, there is no such tag.
    """
    found = []
    for name in names:
        condition = Q(key=key_of(name))
        with contextlib.suppress(InvalidId):
            condition |= Q(pk=TAG.decode(name))
        tag_id = Tag.objects.filter(condition).values_list("pk", flat=True).first()
        if tag_id is None:
            raise Invalid({"tag": _("There is no tag %(name)s.") % {"name": name}})
        found.append(tag_id)
    return found


def find_contacts(text: str, limit: int) -> list[Contact]:
    """The newest few that match, for the palette."""
    if search.matches(text) is None:
        return []
    return list(contact_list(q=text).order_by("-created_at", "-id")[:limit])
