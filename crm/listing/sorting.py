"""The orders of the list, each with an index behind it: page 1,000 costs what page 1 costs.

Own fields have none: they are JSON, and an index for each of them would be written with every
contact.
"""

from __future__ import annotations

from functools import partial

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from core.keyset import SIZE, Page, page_of
from crm.name_order import NAME_ORDER
from crm.querysets import ContactQuerySet

# Before a cursor among those without a name, who stand behind all others in either direction.
_NAMELESS = "~"


class Sort(TextChoices):
    """As an address says it; a minus means downwards."""

    NEWEST = "-created", _("Newest first")
    OLDEST = "created", _("Oldest first")
    ACTIVE = "-active", _("Last activity first")
    QUIET = "active", _("Longest without activity first")
    NAME = "name", _("Name, A to Z")
    NAME_DOWN = "-name", _("Name, Z to A")

    @classmethod
    def of(cls, text: str | None) -> Sort:
        """As an address has it; the newest first where it says nothing known."""
        return cls(text) if text in cls.values else cls.NEWEST

    @property
    def is_ascending(self) -> bool:
        """Whether it goes upwards."""
        return not self.value.startswith("-")

    @property
    def by(self) -> str:
        """What it goes by: `created`, `active` or `name`."""
        return self.value.removeprefix("-")

    @property
    def turned(self) -> Sort:
        """The same in the other direction."""
        return Sort(f"-{self.value}" if self.is_ascending else self.by)


_TIMES = {"created": "created_at", "active": "last_active_at"}


def page(contacts: ContactQuerySet, *, sort: Sort, cursor: str | None, size: int = SIZE) -> Page:
    """The contacts behind a cursor of the same order; the first ones without."""
    field = _TIMES.get(sort.by)
    if field is None:
        return _by_name(contacts, sort.is_ascending, cursor or "", size)
    return page_of(contacts, cursor=cursor, field=field, ascending=sort.is_ascending, size=size)


def _by_name(contacts: ContactQuerySet, ascending: bool, cursor: str, size: int) -> Page:
    """Those with a name, then those without. The page on which the first end may be one longer."""
    keyed = contacts.annotate(name_order=NAME_ORDER)
    by_name = partial(page_of, field="name_order", ascending=ascending, is_text=True)
    named = Page([], "")
    if not cursor.startswith(_NAMELESS):
        named = by_name(keyed.filter(name_order__gt=""), cursor=cursor, size=size)
        if named.next_cursor:
            return named
    rest = by_name(
        keyed.filter(name_order=""),
        cursor=cursor.removeprefix(_NAMELESS) if cursor.startswith(_NAMELESS) else None,
        size=max(1, size - len(named.items)),
    )
    following = f"{_NAMELESS}{rest.next_cursor}" if rest.next_cursor else ""
    return Page([*named.items, *rest.items], following)
