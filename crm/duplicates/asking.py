"""Asking for a look at contacts: in the transaction that wrote them."""

from __future__ import annotations

from uuid import UUID

from core import agenda

KIND = "crm.find_duplicates"


def look_for_new() -> None:
    """Have contacts that nobody was compared with yet compared, however many they are."""
    agenda.append(KIND)


def look_again(*contact_ids: UUID) -> None:
    """Have contacts that changed compared again."""
    for pk in contact_ids:
        agenda.append(KIND, str(pk))
