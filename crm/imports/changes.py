"""What a row of a file changed about its contact, kept for a month so that it can be taken back.

`ImportRow.changes` of a row that found its contact, parts that are empty left out:

    {"fields": {"name": ["Ana", "Ana Souza"]},           before and after
     "attributes": {"cidade": [null, "Recife"]},         null: there was none
     "tags": ["0192…"],                                  tags that it had not yet
     "consents": ["whatsapp", "sms"]}                    channels an opt-in was recorded for

A row that created its contact has its tags alone: all else about that contact came from the file.
Identities are not listed: their evidence names the import.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from crm.models import Contact

FIELDS = ("name", "language")
Changes = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Values:
    """What a file may say about a contact itself."""

    fields: dict[str, str]
    attributes: dict[str, Any]

    @classmethod
    def of(cls, contact: Contact) -> Self:
        """As the contact stands now; later changes to it are not seen."""
        return cls({name: getattr(contact, name) for name in FIELDS}, dict(contact.attributes))


def between(before: Values, after: Values) -> Changes:
    """What is another afterwards, each with both values."""
    parts = {
        "fields": _pairs(before.fields, after.fields),
        "attributes": _pairs(before.attributes, after.attributes),
    }
    return {name: pairs for name, pairs in parts.items() if pairs}


def _pairs(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[Any]]:
    return {
        key: [before.get(key), value] for key, value in after.items() if before.get(key) != value
    }
