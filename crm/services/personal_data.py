"""Everything that is kept about one person, for the person (LGPD, art. 18 II and V)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm import lifecycle
from crm.events import ContactExported
from crm.models import Contact, ContactMerge
from crm.public_ids import CONTACT
from crm.selectors import blocks_of
from events.bus import publish

COLUMNS = ("name", "attributes", "language", "timezone", "created_at", "updated_at")


def export_contact(*, contact: Contact, actor: str = "system") -> dict[str, Any]:
    """All rows about a person, by the participants of `crm.lifecycle`, in one object.

    Contacts that are part of this one are told too: some of their rows stay with them.

    Returns:
        `{"contact", "exported_at", "contacts": [{"id", columns…, "records": {"crm.Identity": […],
        …}}], "blocks": […]}`; times and ids as Python has them.
    """
    with transaction.atomic():
        told = {
            "contact": CONTACT.encode(contact.pk),
            "exported_at": timezone.now(),
            "contacts": [_told(one) for one in _with_merged(contact)],
            "blocks": [
                {"channel": row.channel, "purpose": row.purpose, "reason": row.reason,
                 "since": row.created_at}
                for row in blocks_of(contact)
            ],
        }  # fmt: skip
        publish(ContactExported(contact=contact.pk), actor=actor)
    return told


def _told(contact: Contact) -> dict[str, Any]:
    records: dict[str, list[dict[str, Any]]] = {}
    for one in lifecycle.participants():
        if rows := one.export(contact):
            records[one.model._meta.label] = rows
    columns = {name: getattr(contact, name) for name in COLUMNS}
    return {"id": CONTACT.encode(contact.pk), **columns, "records": records}


def _with_merged(contact: Contact) -> Iterator[Contact]:
    """The contact, then all that became part of it, and of those."""
    yield contact
    merges = ContactMerge.objects.filter(kept=contact, undone_at=None).select_related("gone")
    for merge in merges.order_by("at"):
        yield from _with_merged(merge.gone)
