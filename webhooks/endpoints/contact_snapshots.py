"""What an event says of its contact: as it is when the event leaves, and gone when it is erased."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from core.ids import WIDTH
from crm import public_ids
from crm.enums import IdentityKind
from crm.models import Contact
from crm.selectors import shown_identity, with_details
from webhooks.endpoints.samples import sample_id

CONTACT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "pattern": f"^con_[0-9A-Za-z]{{{WIDTH}}}$"},
        "name": {"type": "string"},
        "phone": {"type": "string", "description": "E.164, with plus; empty if not known."},
        "email": {"type": "string"},
    },
    "required": ["id", "name", "phone", "email"],
}
CONTACT_SAMPLE: dict[str, Any] = {
    "id": sample_id("con"),
    "name": "Ana Souza",
    "phone": "+5511987654321",
    "email": "ana@example.com",
}


class Snapshots:
    """Contacts of a batch of events, read in two statements however many they are."""

    def __init__(self, contact_ids: Collection[UUID]) -> None:
        rows = Contact.objects.filter(pk__in=contact_ids) if contact_ids else Contact.objects.none()
        self._found = {row.pk: row for row in with_details(rows)} if contact_ids else {}

    def of(self, contact_id: UUID) -> dict[str, str]:
        """One of them; of somebody who is not there any more, the id alone says something."""
        contact = self._found.get(contact_id)
        return {
            "id": public_ids.CONTACT.encode(contact_id),
            "name": contact.name if contact else "",
            "phone": shown_identity(contact, IdentityKind.PHONE) if contact else "",
            "email": shown_identity(contact, IdentityKind.EMAIL) if contact else "",
        }
