"""A thousand rows into the database: two looks at who is there, then one insert per table.

Everything happens in the caller's transaction, together with the import's cursor and counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

from django.utils import timezone

from core.ids import uuid7
from crm import search
from crm.enums import Channel, ConsentAction, IdentityKind, MatchBy, Purpose
from crm.imports.changes import Changes, Values, between
from crm.imports.copying import copy_rows
from crm.imports.forgetting import without_cells_of_erased
from crm.imports.mapping import CONSENT
from crm.imports.rows import Accepted, Refused
from crm.models import Consent, Contact, ContactTag, Identity, Import, ImportRow, Tag
from crm.services import identities, tombstones
from crm.services.identities import Known
from crm.services.tags import ensure_tags, key_of

OPT_IN_CHANNELS = (Channel.WHATSAPP.value, Channel.SMS.value)
BATCH = 2000
# The columns that COPY fills.
CONTACT_FIELDS = (
    "id", "name", "attributes", "language", "timezone", "created_at", "updated_at",
    "created_by_import", "search",
)  # fmt: skip
IDENTITY_FIELDS = (
    "id", "contact_id", "kind", "value", "scope", "alias_of_id", "evidence", "created_at",
)  # fmt: skip
MARK_FIELDS = ("tag", "contact")
CONSENT_FIELDS = (
    "id", "contact", "channel", "purpose", "action", "source", "text", "text_version", "at",
    "recorded_at", "recorded_by",
)  # fmt: skip
RESULT_FIELDS = ("batch", "number", "contact", "code", "raw")
KEPT_NOTES = {
    IdentityKind.EMAIL.value: "kept_email",
    IdentityKind.EXTERNAL.value: "kept_external",
    IdentityKind.PHONE.value: "kept_phone",
}


@dataclass(slots=True)
class Tally:
    """What became of the rows; the three add up to how many there were."""

    created: int = 0
    updated: int = 0
    rejected: int = 0


# Those of some contacts that an earlier row of the same file was about.
Earlier = Callable[[Iterable[UUID]], set[UUID]]


@dataclass(slots=True)
class Plan:
    """Who each accepted row is about."""

    new: dict[UUID, Accepted] = field(default_factory=dict)
    known: dict[UUID, Accepted] = field(default_factory=dict)
    results: list[tuple[Any, ...]] = field(default_factory=list)  # RESULT_FIELDS
    # Identities to write, by contact; those that somebody else holds are not among them.
    keys: dict[UUID, list[Known]] = field(default_factory=lambda: defaultdict(list))
    # What was left out of rows that came in, by their number: crm.imports.reasons.NOTES.
    notes: dict[int, str] = field(default_factory=dict)
    # What the rows did to their contacts, noted while it is written: crm.imports.changes.
    changes: dict[UUID, Changes] = field(default_factory=lambda: defaultdict(dict))

    def is_about(self, contact_id: UUID) -> bool:
        """Whether a row before was about this contact."""
        return contact_id in self.new or contact_id in self.known

    def claim(
        self,
        key: Known,
        contact_id: UUID,
        number: int,
        owners: Mapping[Known, UUID],
        taken: dict[Known, UUID],
    ) -> None:
        """Give a row's contact a key, unless somebody else has it: then that is noted.

        Args:
            owners: who has which key already. taken: the same, with the rows before.
        """
        if taken.setdefault(key, contact_id) != contact_id:
            self.notes.setdefault(number, KEPT_NOTES[key.kind])
        elif key not in owners:
            self.keys[contact_id].append(key)

    @property
    def all(self) -> dict[UUID, Accepted]:
        return {**self.new, **self.known}


def write(batch: Import, judged: Sequence[Accepted | Refused]) -> Tally:
    """Create or update the contacts of these rows and note what became of each row.

    Raises:
        django.db.IntegrityError: somebody wrote one of the identities meanwhile; the caller
            rolls back and tries again.
    """
    plan = planned(batch, judged, partial(_contacts_of_earlier_rows, batch))
    renamed = _update_known(plan)
    _create_new(batch, plan)
    _write_identities(batch, plan)
    _refresh_search(plan, renamed)
    _tag(batch, plan)
    _record_consents(batch, plan)
    copy_rows(ImportRow, (*RESULT_FIELDS, "note", "changes"), _results(plan))
    created, updated = len(plan.new), len(plan.known)
    return Tally(created=created, updated=updated, rejected=len(judged) - created - updated)


def _results(plan: Plan) -> Iterator[tuple[Any, ...]]:
    """The rows as they are kept: those that were accepted with what was left out and changed."""
    for batch_id, number, contact_id, code, raw in plan.results:
        changes = None if code or contact_id is None else plan.changes.get(contact_id)
        yield batch_id, number, contact_id, code, raw, plan.notes.get(number, ""), changes


def planned(batch: Import, judged: Sequence[Accepted | Refused], earlier: Earlier) -> Plan:
    """Who these rows are about, and what is to be written of each; nothing is written yet."""
    plan = Plan()
    accepted = [row for row in judged if isinstance(row, Accepted)]
    owners = _owners(accepted)
    seen = earlier(owners.values())
    taken: dict[Known, UUID] = dict(owners)
    erased = _erased(accepted, owners)
    for row in judged:
        if isinstance(row, Refused):
            plan.results.append(_result(batch, row, code=row.code))
            continue
        contact_id = taken.get(row.key)
        is_repeated = contact_id is not None and (contact_id in seen or plan.is_about(contact_id))
        if is_repeated:
            code = repeated(batch)
            plan.results.append(_result(batch, row, code=code, contact_id=contact_id))
            continue
        if contact_id is None and _has_phone_of_another(row, taken):
            plan.results.append(_result(batch, row, code="phone_of_another"))
            continue
        if contact_id is None and erased.intersection(key.value for key in _keys(row)):
            plan.results.append((batch.pk, row.number, None, tombstones.CODE, None))
            continue
        if contact_id is None:
            contact_id = uuid7()
            plan.new[contact_id] = row
        else:
            plan.known[contact_id] = row
        for key in _keys(row):
            if key.value not in erased:
                plan.claim(key, contact_id, row.number, owners, taken)
        is_noted = row.number in plan.notes
        plan.results.append(_result(batch, row, contact_id=contact_id, keeps_cells=is_noted))
    plan.results = without_cells_of_erased(plan.results)
    return plan


def _erased(rows: Iterable[Accepted], owners: Mapping[Known, UUID]) -> set[str]:
    """The values in these rows of people who were erased and have not come back."""
    free = {key.value for row in rows for key in _keys(row) if key not in owners}
    return tombstones.erased_among(free)


def repeated(batch: Import) -> str:
    """The reason of a row whose contact stood in an earlier one."""
    return "duplicate_in_file" if batch.match_by == MatchBy.PHONE else "repeated_in_file"


def _has_phone_of_another(row: Accepted, taken: dict[Known, UUID]) -> bool:
    """Of somebody new: a second contact without its phone would never be written to."""
    return row.phone is not None and Known(IdentityKind.PHONE, row.phone.number) in taken


def _keys(row: Accepted) -> list[Known]:
    keys = []
    if row.phone:
        keys.append(Known(IdentityKind.PHONE, row.phone.number))
        if row.phone.alias:
            keys.append(Known(IdentityKind.PHONE, row.phone.alias))
    if row.email:
        keys.append(Known(IdentityKind.EMAIL, row.email))
    if row.external_id:
        keys.append(Known(IdentityKind.EXTERNAL, row.external_id))
    return keys


def _owners(rows: Iterable[Accepted]) -> dict[Known, UUID]:
    """Who holds the identities of these rows already. What another contact holds stays with it: the
    key says who a row is about."""
    wanted = [key for row in rows for key in _keys(row)]
    return identities.find(wanted) if wanted else {}


def _contacts_of_earlier_rows(batch: Import, contact_ids: Iterable[UUID]) -> set[UUID]:
    """Those of the contacts that an earlier row of the same file was about."""
    rows = ImportRow.objects.filter(batch=batch, contact_id__in=set(contact_ids))
    return set(rows.values_list("contact_id", flat=True))


def _result(
    batch: Import,
    row: Accepted | Refused,
    *,
    code: str = "",
    contact_id: UUID | None = None,
    keeps_cells: bool = False,
) -> tuple[Any, ...]:
    return (batch.pk, row.number, contact_id, code, list(row.raw) if code or keeps_cells else None)


def _update_known(plan: Plan) -> list[Contact]:
    """What the file says wins; what it leaves empty stays. Returns those with another name."""
    contacts = Contact.objects.select_for_update().order_by("pk").in_bulk(list(plan.known))
    before = {pk: Values.of(contact) for pk, contact in contacts.items()}
    changed = [contact for pk, contact in contacts.items() if apply(contact, plan.known[pk])]
    Contact.objects.bulk_update(
        changed, ["name", "language", "attributes", "updated_at"], batch_size=BATCH
    )
    for contact in changed:
        plan.changes[contact.pk] |= between(before[contact.pk], Values.of(contact))
    return [contact for contact in changed if contact.name != before[contact.pk].fields["name"]]


def apply(contact: Contact, row: Accepted) -> bool:
    """Give a contact what the row says, unsaved; whether anything is another now."""
    wanted = {
        "name": row.name or contact.name,
        "language": row.language or contact.language,
        "attributes": {**contact.attributes, **row.attributes},
    }
    if all(getattr(contact, name) == value for name, value in wanted.items()):
        return False
    for name, value in wanted.items():
        setattr(contact, name, value)
    contact.updated_at = timezone.now()
    return True


def _create_new(batch: Import, plan: Plan) -> None:
    now = timezone.now()
    copy_rows(
        Contact,
        CONTACT_FIELDS,
        (
            (
                pk, row.name, row.attributes, row.language, "", now, now, batch.pk,
                search.vector(row.name, [(key.kind, key.value) for key in plan.keys[pk]]),
            )
            for pk, row in plan.new.items()
        ),
    )  # fmt: skip


def _write_identities(batch: Import, plan: Plan) -> None:
    evidence = {"source": "import", "id": str(batch.pk)}
    made = [
        row
        for pk, keys in plan.keys.items()
        for row in identities.rows(pk, keys, {**evidence, "row": plan.all[pk].number})
    ]
    # In one order for everybody, so that two imports of the same people cannot deadlock.
    made.sort(key=lambda row: (row.kind, row.value))
    copy_rows(
        Identity,
        IDENTITY_FIELDS,
        ([getattr(row, name) for name in IDENTITY_FIELDS] for row in made),
    )


def _refresh_search(plan: Plan, renamed: list[Contact]) -> None:
    """For known contacts that have another name or one more way of being known."""
    contacts = {contact.pk: contact for contact in renamed}
    extended = [pk for pk in plan.keys if pk in plan.known and pk not in contacts]
    contacts |= Contact.objects.in_bulk(extended) if extended else {}
    search.refresh_all(contacts.values())


def _tag(batch: Import, plan: Plan) -> None:
    names = {name for row in plan.all.values() for name in row.tags} | set(batch.tags)
    if not names:
        return
    by_key: dict[str, Tag] = {tag.key: tag for tag in ensure_tags(names=sorted(names))}
    of_name = {name: by_key[key_of(name)].pk for name in names}
    marks = {
        (of_name[name], pk) for pk, row in plan.all.items() for name in (*batch.tags, *row.tags)
    }
    held = ContactTag.objects.filter(contact__in=plan.known, tag__in=of_name.values())
    added = sorted(marks - set(held.values_list("tag_id", "contact_id")))
    for tag_id, pk in added:
        plan.changes[pk].setdefault("tags", []).append(str(tag_id))
    copy_rows(ContactTag, MARK_FIELDS, (mark for mark in added if mark[1] in plan.new))
    ContactTag.objects.bulk_create(
        [ContactTag(tag_id=tag_id, contact_id=pk) for tag_id, pk in added if pk in plan.known],
        ignore_conflicts=True,
        batch_size=BATCH,
    )


def _record_consents(batch: Import, plan: Plan) -> None:
    """What the list says of each, as far as their own last word lets it."""
    wishes = {
        pk: action for pk, row in plan.all.items() if (action := _wish(batch, row)) is not None
    }
    if not wishes:
        return
    lines = Consent.objects.filter(
        contact_id__in=[pk for pk in wishes if pk in plan.known],
        purpose=Purpose.MARKETING,
        channel__in=OPT_IN_CHANNELS,
    )
    newest = lines.order_by("contact_id", "channel", "-at", "-id").distinct("contact_id", "channel")
    said = {(line.contact_id, line.channel): line for line in newest}
    spoken = [
        (pk, channel, action)
        for pk, action in wishes.items()
        for channel in OPT_IN_CHANNELS
        if not _is_settled(batch, action, said.get((pk, channel)))
    ]
    for pk, channel, _action in spoken:
        if pk in plan.known:
            plan.changes[pk].setdefault("consents", []).append(channel)
    now = timezone.now()
    copy_rows(
        Consent,
        CONSENT_FIELDS,
        (
            (
                uuid7(), pk, channel, Purpose.MARKETING.value, action.value,
                batch.opt_in_source, "", "", now, now, batch.created_by_id,
            )
            for pk, channel, action in spoken
        ),
    )  # fmt: skip


def _wish(batch: Import, row: Accepted) -> ConsentAction | None:
    """What a row says about marketing: by its own cell where the file has a column for it, else by
    what was said of the whole file. None: nothing."""
    if CONSENT in batch.mapping.values():
        if row.consent is None:
            return None
        return ConsentAction.OPT_IN if row.consent else ConsentAction.OPT_OUT
    return ConsentAction.OPT_IN if batch.opt_in_source else None


def _is_settled(batch: Import, action: ConsentAction, last: Consent | None) -> bool:
    """A list's yes counts for those who have not said no themselves, and once; its no for those who
    have not said no already, nor anything since the list was handed in."""
    if last is None:
        return False
    if last.action == ConsentAction.OPT_OUT:
        return True
    if action == ConsentAction.OPT_OUT:
        return last.action == ConsentAction.OPT_IN and last.at > batch.created_at
    return last.action == ConsentAction.OPT_IN and last.source == batch.opt_in_source
