"""What would become of a file: reading, judging and planning as an import does, nothing written.

In one go, since it leaves nothing behind from which it could go on; who dies over it is followed by
somebody who starts anew. What earlier rows were about is remembered as numbers, some seventy bytes
a row.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from core import files, realtime, scope
from crm import selectors
from crm.imports import chunks, reader
from crm.imports.rows import Accepted, Refused, judge
from crm.imports.runner import in_chunks
from crm.models import Contact, ContactTag, Import
from crm.services.tags import key_of


@dataclass(slots=True)
class Forecast:
    """How many rows would do what; `done` is their sum."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)  # of rows that would come in

    @property
    def done(self) -> int:
        """How many rows were looked at."""
        return self.created + self.updated + self.unchanged + self.rejected

    def as_json(self) -> dict[str, Any]:
        """As `Import.forecast` keeps it."""
        return {
            "done": self.done, "created": self.created, "updated": self.updated,
            "unchanged": self.unchanged, "rejected": self.rejected,
            "reasons": dict(self.reasons.most_common()), "notes": dict(self.notes.most_common()),
        }  # fmt: skip


def foresee(batch: Import) -> Forecast:
    """Go through the file of a draft as it is mapped now.

    Raises:
        crm.imports.reasons.BadFile: the file cannot be read to its end.
        FileNotFoundError: it is gone.
    """
    looked = _Look(batch)
    definitions = selectors.field_definitions()
    with files.open(batch.file_key) as stored:
        rows = reader.rows(reader.binary(stored), reader.shape_of(batch))
        for chunk in in_chunks(rows):
            looked.at([judge(row, batch.mapping, definitions, batch.match_by) for row in chunk])
            realtime.push_coalesced(
                scope.required_company_id(), f"import:{batch.pk}", "import.checked", str(batch.pk)
            )
    return looked.forecast


class _Look:
    """One pass over a file, with what its earlier rows were about."""

    def __init__(self, batch: Import) -> None:
        self.forecast = Forecast()
        self._batch = batch
        self._keys: set[int] = set()  # of people who are not there yet
        self._contacts: set[int] = set()  # who are

    def at(self, judged: Sequence[Accepted | Refused]) -> None:
        """Count what would become of the next rows."""
        plan = chunks.planned(self._batch, [self._once(row) for row in judged], self._earlier)
        changed = _changed(self._batch, plan)
        result = self.forecast
        result.created += len(plan.new)
        result.updated += len(changed)
        result.unchanged += len(plan.known) - len(changed)
        refused = [code for *_, code, _raw in plan.results if code]
        result.rejected += len(refused)
        result.reasons.update(refused)
        result.notes.update(plan.notes.values())
        self._keys |= {hash(row.key) for row in plan.new.values()}
        self._contacts |= {pk.int for pk in plan.known}

    def _once(self, row: Accepted | Refused) -> Accepted | Refused:
        """The row, refused when somebody new stood in an earlier one."""
        if isinstance(row, Accepted) and hash(row.key) in self._keys:
            return Refused(number=row.number, code=chunks.repeated(self._batch), raw=row.raw)
        return row

    def _earlier(self, contact_ids: Iterable[UUID]) -> set[UUID]:
        return {pk for pk in contact_ids if pk.int in self._contacts}


def _changed(batch: Import, plan: chunks.Plan) -> set[UUID]:
    """Those of the known contacts that would be another: a value, an identity or a tag."""
    contacts = Contact.objects.defer("search").in_bulk(list(plan.known))
    changed = {pk for pk, contact in contacts.items() if chunks.apply(contact, plan.known[pk])}
    changed |= {pk for pk in plan.known if plan.keys.get(pk)}
    wanted = {
        pk: {key_of(name) for name in (*batch.tags, *row.tags)} for pk, row in plan.known.items()
    }
    held: dict[UUID, set[str]] = defaultdict(set)
    rows = ContactTag.objects.filter(contact__in=[pk for pk, keys in wanted.items() if keys])
    for contact_id, key in rows.values_list("contact_id", "tag__key"):
        held[contact_id].add(key)
    return changed | {pk for pk, keys in wanted.items() if keys - held[pk]}
