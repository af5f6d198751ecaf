"""Some hundred rows of an import, taken back: what each did to its contact, as far as nobody built
on it since.

`judge` reads and decides, `take_back` writes; a count before the undo is the first without the
second. Everything happens in the caller's transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from core.ids import uuid7
from crm import lifecycle, search
from crm.enums import ConsentAction, Purpose, UndoState
from crm.imports.chunks import CONSENT_FIELDS, OPT_IN_CHANNELS
from crm.imports.copying import copy_rows
from crm.imports.mapping import CONSENT
from crm.imports.undo_reasons import ATTRIBUTE, CHANGED, PARTLY, USED, Outcome
from crm.models import (
    Consent,
    Contact,
    ContactMerge,
    ContactTag,
    Identity,
    Import,
    ImportRow,
)
from crm.services.contacts import put_away

BATCH = 1000
MERGED = "crm.ContactMerge.kept"  # the participant of crm.lifecycle


@dataclass(slots=True)
class Verdict:
    """What is to become of a row's contact.

    Attributes:
        code: why something stays (crm.imports.undo_reasons), `about`: what, or who knows it.
        fields, attributes: the values of before; None: there was no such attribute.
        tags: that go. identities: rows that go. consents: channels whose opt-in is taken back, each
            with the line that held before it, if there was one.
    """

    row: ImportRow
    contact: Contact
    outcome: Outcome = Outcome.UNCHANGED
    code: str = ""
    about: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    tags: list[UUID] = field(default_factory=list)
    identities: list[UUID] = field(default_factory=list)
    consents: dict[str, Consent | None] = field(default_factory=dict)

    @property
    def gives_back(self) -> bool:
        """Whether anything of the contact is to be another."""
        return bool(self.fields or self.attributes or self.tags or self.identities or self.consents)

    @property
    def has_effect(self) -> bool:
        """Whether anything is to be another, or gone."""
        return self.outcome == Outcome.TAKEN_OUT or self.gives_back

    def keep(self, code: str, about: Iterable[str] = ()) -> Verdict:
        """The whole row stays as it is."""
        self.outcome, self.code, self.about = Outcome.KEPT, code, list(about)
        return self


def judge(batch: Import, rows: Sequence[ImportRow], contacts: dict[UUID, Contact]) -> list[Verdict]:
    """What an undo would make of accepted rows.

    Args:
        contacts: theirs, by id; locked by whoever takes them back afterwards.
    """
    known = _Known(batch, contacts)
    return [
        _judge_created(known, row, contact)
        if contact.created_by_import_id == batch.pk
        else _judge_updated(known, row, contact)
        for row in rows
        if row.contact_id and (contact := contacts.get(row.contact_id)) is not None
    ]


def take_back(batch: Import, verdicts: Sequence[Verdict]) -> None:
    """Do it, and write down on each row what became of it."""
    is_gone = {one.contact.pk: one.outcome == Outcome.TAKEN_OUT for one in verdicts}
    # One fact tells of them all.
    put_away(ids=[pk for pk, gone in is_gone.items() if gone], at=timezone.now())
    _give_back([one for one in verdicts if one.gives_back and not is_gone[one.contact.pk]])
    copy_rows(Consent, CONSENT_FIELDS, _restored(batch, verdicts))
    _note(verdicts)


class _Known:
    """What rows say about some contacts, loaded at once."""

    def __init__(self, batch: Import, contacts: dict[UUID, Contact]) -> None:
        ids = list(contacts)
        self.batch = batch
        self.uses: dict[UUID, list[str]] = defaultdict(list)
        self.addresses: set[str] = set()
        for one in lifecycle.participants():
            if one.is_use:
                for pk in one.users(ids):
                    self.uses[pk].append(one.name)
            if one.model is not Identity:
                self.addresses |= one.addresses(ids)
        self.tags: dict[UUID, set[UUID]] = defaultdict(set)
        marks = ContactTag.objects.filter(contact__in=ids)
        for contact_id, tag_id in marks.values_list("contact_id", "tag_id"):
            self.tags[contact_id].add(tag_id)
        self.identities: dict[UUID, list[Identity]] = defaultdict(list)
        for identity in Identity.objects.held().filter(contact__in=ids):
            self.identities[identity.contact_id].append(identity)
        self.consents: dict[UUID, list[Consent]] = defaultdict(list)
        for line in Consent.objects.filter(contact__in=ids).order_by("-at", "-id"):
            self.consents[line.contact_id].append(line)
        self.elsewhere = self._in_other_files(ids)
        merged = ContactMerge.objects.filter(kept__in=ids, undone_at=None, at__gt=batch.created_at)
        has_column = CONSENT in batch.mapping.values()
        self._claims = {ConsentAction.OPT_IN} | ({ConsentAction.OPT_OUT} if has_column else set())
        self.merged = set(merged.values_list("kept_id", flat=True))

    def is_ours(self, row: Consent | Identity) -> bool:
        """Whether this import wrote it."""
        if isinstance(row, Identity):
            return row.evidence.get("id") == str(self.batch.pk)
        return (
            row.action in self._claims
            and row.purpose == Purpose.MARKETING
            and row.channel in OPT_IN_CHANNELS
            and row.source == self.batch.opt_in_source
            and self.batch.created_at <= row.recorded_at <= (self.batch.finished_at or row.at)
        )

    def _in_other_files(self, ids: list[UUID]) -> set[UUID]:
        """Those that another file named, if that was not undone."""
        rows = ImportRow.objects.filter(contact__in=ids, code="").exclude(batch=self.batch)
        rows = rows.exclude(batch__undone__state=UndoState.DONE)
        return set(rows.values_list("contact_id", flat=True))


def _judge_created(known: _Known, row: ImportRow, contact: Contact) -> Verdict:
    verdict = Verdict(row, contact)
    if contact.deleted_at is not None:
        return verdict
    if known.uses.get(contact.pk):
        return verdict.keep(USED, known.uses[contact.pk])
    tags = {UUID(pk) for pk in (row.changes or {}).get("tags", ())}
    consents = known.consents[contact.pk]
    stays = {
        "known_by": not all(map(known.is_ours, known.identities[contact.pk])),
        "tagged": known.tags[contact.pk] != tags,
        "consent": not all(map(known.is_ours, consents)),
        "other_import": contact.pk in known.elsewhere,
        CHANGED: contact.updated_at != contact.created_at,
    }
    code = next((code for code, is_so in stays.items() if is_so), "")
    if code:
        return verdict.keep(code)
    verdict.outcome = Outcome.TAKEN_OUT
    verdict.consents = dict.fromkeys(line.channel for line in consents)
    return verdict


def _judge_updated(known: _Known, row: ImportRow, contact: Contact) -> Verdict:
    verdict = Verdict(row, contact)
    if contact.deleted_at is not None:
        return verdict
    if contact.pk in known.merged:  # the row may be that of the one who went
        return verdict.keep(USED, [MERGED])
    changes = row.changes or {}
    now = {name: getattr(contact, name) for name in changes.get("fields", ())}
    verdict.fields, kept = _unless_changed(changes.get("fields", {}), now)
    verdict.attributes, others = _unless_changed(changes.get("attributes", {}), contact.attributes)
    kept += [f"{ATTRIBUTE}{key}" for key in others]
    verdict.tags = [pk for pk in map(UUID, changes.get("tags", ())) if pk in known.tags[contact.pk]]
    verdict.identities = _free(known, contact)
    if len(verdict.identities) < sum(map(known.is_ours, known.identities[contact.pk])):
        kept.append("identity")
    for channel in changes.get("consents", ()):
        lines = [
            line
            for line in known.consents[contact.pk]
            if line.channel == channel and line.purpose == Purpose.MARKETING
        ]
        if lines and known.is_ours(lines[0]):
            verdict.consents[channel] = next(
                (line for line in lines if not known.is_ours(line)), None
            )
        elif "consent" not in kept:
            kept.append("consent")
    if kept:
        return verdict.keep(PARTLY if verdict.gives_back else CHANGED, kept)
    if verdict.gives_back:
        verdict.outcome = Outcome.GIVEN_BACK
    return verdict


def _unless_changed(
    pairs: dict[str, list[Any]], now: dict[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """The values of before where those of the file still stand, and the names of the others."""
    back, kept = {}, []
    for name, (before, after) in pairs.items():
        if now.get(name) == after:
            back[name] = before
        elif now.get(name) != before:
            kept.append(name)
    return back, kept


def _free(known: _Known, contact: Contact) -> list[UUID]:
    """Identities of this import that nothing was sent to and without which the contact is still
    known by something."""
    held = known.identities[contact.pk]
    ours = [row for row in held if known.is_ours(row)]
    if len(ours) == len(held):
        return []
    used = {row.pk for row in ours if row.value in known.addresses}
    used |= {row.alias_of_id for row in ours if row.pk in used and row.alias_of_id}
    return [row.pk for row in ours if row.pk not in used and row.alias_of_id not in used]


def _give_back(verdicts: Sequence[Verdict]) -> None:
    now = timezone.now()
    for one in verdicts:
        for name, before in one.fields.items():
            setattr(one.contact, name, before)
        attributes = {**one.contact.attributes, **one.attributes}
        one.contact.attributes = {
            key: value for key, value in attributes.items() if value is not None
        }
        one.contact.updated_at = now
    Contact.objects.bulk_update(
        [one.contact for one in verdicts],
        ["name", "language", "attributes", "updated_at"],
        batch_size=BATCH,
    )
    marks = Q()
    for one in verdicts:
        if one.tags:
            marks |= Q(contact=one.contact.pk, tag__in=one.tags)
    if marks:
        ContactTag.objects.filter(marks).delete()
    Identity.objects.filter(pk__in=[pk for one in verdicts for pk in one.identities]).delete()
    search.refresh_all(one.contact for one in verdicts if one.identities or "name" in one.fields)


def _restored(batch: Import, verdicts: Sequence[Verdict]) -> Iterator[tuple[Any, ...]]:
    """A line more for each opt-in of the file: what was on record before holds again."""
    now = timezone.now()
    by = batch.undone.requested_by_id
    for one in verdicts:
        for channel, line in one.consents.items():
            said = (
                (ConsentAction.UNDONE.value, batch.opt_in_source, "", "")
                if line is None
                else (line.action, line.source, line.text, line.text_version)
            )
            purpose = Purpose.MARKETING.value
            yield (uuid7(), one.contact.pk, channel, purpose, *said, now, now, by)


def _note(verdicts: Sequence[Verdict]) -> None:
    """What became of each row; of what it changed only the names of what stayed are left."""
    kept = [one.row for one in verdicts if one.outcome == Outcome.KEPT]
    for one in verdicts:
        if one.outcome == Outcome.KEPT:
            one.row.undo, one.row.changes = one.code, {"kept": one.about}
    ImportRow.objects.bulk_update(kept, ["undo", "changes"], batch_size=BATCH)
    for outcome in (Outcome.TAKEN_OUT, Outcome.GIVEN_BACK, Outcome.UNCHANGED):
        pks = [one.row.pk for one in verdicts if one.outcome == outcome]
        ImportRow.objects.filter(pk__in=pks).update(undo=outcome.value, changes=None)
