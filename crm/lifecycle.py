"""What becomes of rows that point at a contact when two contacts become one, and one becomes two;
and what of them a person gets who asks for everything about them.

Every foreign key to Contact has a participant (tests/architecture/test_lifecycle.py); higher apps
register theirs in AppConfig.ready(). They run in the order of registration, which is that of the
layers, and are undone in the opposite one: docs/decisions/20-merge.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, Model, OuterRef

from crm.models import Contact

Moves = dict[str, Any]  # JSON


class Participant:
    """The rows of one model that one foreign key ties to contacts.

    Args:
        clash: fields that are unique together with the contact: a row that the kept contact has
            already, by these, stays with the one that goes.
        exported: columns, as `values()` takes them, that say something about the person; none for
            rows that are about our work alone.
    """

    def __init__(
        self,
        model: type[Model],
        *,
        field: str = "contact",
        clash: Collection[str] = (),
        exported: Sequence[str] = (),
    ) -> None:
        self.model, self.field, self._clash, self._exported = model, field, clash, exported

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
