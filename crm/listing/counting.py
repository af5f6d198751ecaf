"""How many contacts a filtered list has: counted to ten thousand, beyond that as PostgreSQL
estimates it. Counting a million would cost more than the page."""

from __future__ import annotations

from dataclasses import dataclass

from core.estimates import estimated
from crm.querysets import ContactQuerySet

EXACT = 10_000


@dataclass(frozen=True, slots=True)
class Count:
    """So many; about so many where it is not exact."""

    number: int
    is_exact: bool


def count(contacts: ContactQuerySet) -> Count:
    """How many there are, or about how many where there are more than ten thousand."""
    ids = contacts.order_by().values("pk")
    counted = ids[: EXACT + 1].count()
    if counted <= EXACT:
        return Count(counted, is_exact=True)
    return Count(max(counted, _rounded(estimated(ids))), is_exact=False)


def _rounded(number: int) -> int:
    """To two digits: more would claim to know."""
    step = 10 ** max(0, len(str(number)) - 2)
    return round(number / step) * step
