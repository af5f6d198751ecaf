"""What becomes of rows that point at a contact when two contacts become one, and one becomes two;
what of them a person gets who asks for everything about them; and what is left of them when the
person is erased.

Every foreign key to Contact has a participant (tests/architecture/test_lifecycle.py); higher apps
register theirs in AppConfig.ready(). They run in the order of registration, which is that of the
layers, and are undone and erased in the opposite one: docs/decisions/20-merge.md, 22-erasing.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.functional import Promise

from crm.models import Contact

Moves = dict[str, Any]  # JSON
ERASED_AT_ONCE = 1000


class Erased(Enum):
    """What becomes of a row of a person who is erased, where it is not columns that go."""

    DELETED = "the row goes"
    KEPT = "it says nothing of a person: the row stays as it is"


class Participant:
    """The rows of one model that one foreign key ties to contacts.

    Args:
        clash: fields that are unique together with the contact: a row that the kept contact has
            already, by these, stays with the one that goes.
        exported: columns, as `values()` takes them, that say something about the person; none for
            rows that are about our work alone.
        erased: what is left of a row when the person is erased: nothing, all of it, or the row
            with these values.
        addresses: the column that holds an address of the person, if one does.
        label: what a certificate calls the rows; the model's name if empty.
        is_use: such a row means that somebody did something with the contact since it came in
            (crm.imports.taking_back).
    """

    def __init__(
        self,
        model: type[Model],
        *,
        field: str = "contact",
        clash: Collection[str] = (),
        exported: Sequence[str] = (),
        erased: Erased | Mapping[str, Any],
        addresses: str = "",
        label: str | Promise = "",
        is_use: bool = True,
    ) -> None:
        self.model, self.field, self._clash, self._exported = model, field, clash, exported
        self.erased, self._addresses = erased, addresses
        self.is_use = is_use
        self.label: str | Promise = label or model._meta.verbose_name_plural or ""

    @property
    def name(self) -> str:
        """How a merge names its moves: `crm.Identity.contact`."""
        return f"{self.model._meta.label}.{self.field}"

    def merge(self, kept: Contact, gone: Contact) -> Moves:
        """Give `kept` the rows of `gone`, and say which."""
        return {"moved": self.move(kept, gone)}

    def undo(self, kept: Contact, gone: Contact, moves: Moves) -> None:
        """Put back exactly what `merge` moved, as far as it still is where it was moved to."""
        rows = self.model._default_manager.filter(pk__in=moves["moved"], **{self.field: kept})
        rows.update(**{self.field: gone})

    def export(self, contact: Contact) -> list[dict[str, Any]]:
        """What these rows say about a contact, oldest first."""
        if not self._exported:
            return []
        rows = self.model._default_manager.filter(**{self.field: contact})
        return list(rows.order_by("pk").values(*self._exported))

    def addresses(self, contacts: Collection[UUID]) -> set[str]:
        """Where these contacts are or were written to, as far as these rows know."""
        if not self._addresses:
            return set()
        rows = self._of(contacts).exclude(**{self._addresses: ""})
        return set(rows.order_by().values_list(self._addresses, flat=True).distinct())

    def users(self, contacts: Collection[UUID]) -> set[UUID]:
        """Those of the contacts that have rows here."""
        rows = self.model._default_manager.filter(**{self.field: OuterRef("pk")})
        found = Contact.objects.filter(Exists(rows), pk__in=contacts)
        return set(found.values_list("pk", flat=True))

    def erase(self, contacts: Collection[UUID]) -> int:
        """Take the person out of the next thousand rows; how many changed, 0 when none is left.

        Raises:
            crm.traces.Later: something else has to end first.
        """
        if self.erased is Erased.KEPT:
            return 0
        rows = self._to_erase(contacts)
        pks = list(rows.values_list("pk", flat=True)[:ERASED_AT_ONCE])
        found = self.model._default_manager.filter(pk__in=pks)
        if isinstance(self.erased, Erased):
            found.delete()
        else:
            found.update(**self.erased)
        return len(pks)

    def _to_erase(self, contacts: Collection[UUID]) -> QuerySet[Any]:
        """Rows that still say something, locked in the order in which everybody locks them."""
        rows = self._of(contacts).order_by("pk").select_for_update(no_key=True)
        if isinstance(self.erased, Erased):
            return rows
        blank = Q()
        for name, value in self.erased.items():
            blank &= Q(**({f"{name}__isnull": True} if value is None else {name: value}))
        return rows.exclude(blank)

    def _of(self, contacts: Collection[UUID]) -> QuerySet[Any]:
        return self.model._default_manager.filter(**{f"{self.field}__in": contacts})

    def move(self, kept: Contact, gone: Contact) -> list[Any]:
        """Change the owner of all rows but those that clash; the ids of those that changed."""
        rows = self.model._default_manager.filter(**{self.field: gone})
        if self._clash:
            same = {name: OuterRef(name) for name in self._clash}
            rows = rows.exclude(
                Exists(self.model._default_manager.filter(**same, **{self.field: kept}))
            )
        ids = list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
        self.model._default_manager.filter(pk__in=ids).update(**{self.field: kept})
        return [as_json(pk) for pk in ids]


class Untouched(Participant):
    """Rows that tell what happened to this very contact: they stay with it."""

    def merge(self, kept: Contact, gone: Contact) -> Moves:
        return {"moved": []}


_participants: dict[str, Participant] = {}


def register(participant: Participant) -> None:
    """Have rows follow their contact.

    Raises:
        ValueError: the foreign key has a participant already.
    """
    if participant.name in _participants:
        raise ValueError(f"{participant.name} is registered already")
    _participants[participant.name] = participant


def participants() -> list[Participant]:
    """All of them, in the order in which they take part in a merge."""
    return list(_participants.values())


def as_json(value: Any) -> Any:
    """A column's value as a merge keeps it, to the microsecond."""
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value


def values_of(row: Model, names: Collection[str]) -> dict[str, Any]:
    """Columns of a row as a merge keeps them; foreign keys by their column (`team_id`)."""
    return {name: as_json(getattr(row, name)) for name in names}


def put_back(row: Model, *, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Give a row the values of before the merge where it still has those of after it; what
    somebody changed since stays. The row is not saved; the columns that changed are returned."""
    changed = [
        name
        for name in before
        if before[name] != after[name] and as_json(getattr(row, name)) == after[name]
    ]
    for name in changed:
        column = row._meta.get_field(name)
        setattr(row, name, column.to_python(before[name]))  # type: ignore[union-attr]
    return changed
