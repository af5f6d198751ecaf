"""Who else a contact may be, for its page."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from crm.duplicates.words import sentences
from crm.enums import Likeness
from crm.models import Contact, MergeSuggestion
from crm.selectors import field_definitions

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Double:
    """Another contact that is likely the same person, and why."""

    contact: Contact
    evidence: list[str]


def doubles_of(contact: Contact) -> list[Double]:
    """The likeliest few that nobody decided about."""
    rows = MergeSuggestion.objects.open().filter(
        Q(first=contact) | Q(second=contact), likeness__gte=Likeness.LIKELY
    )
    found = rows.select_related("first", "second").defer("first__search", "second__search")
    shown = list(found.order_by("-likeness", "-found_at")[:SHOWN])
    definitions = field_definitions() if shown else {}
    return [
        Double(
            row.second if row.first_id == contact.pk else row.first,
            sentences(row.evidence, row.first, row.second, definitions),
        )
        for row in shown
    ]
