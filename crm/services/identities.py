"""Who is this? One contact per person, however many ways of being known arrive at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core import statements
from core.errors import Conflict
from core.ids import uuid7
from crm import phones, search
from crm.enums import IdentityKind
from crm.events import ContactCreated
from crm.models import Contact, Identity
from crm.public_ids import CONTACT
from crm.services import tombstones
from events.bus import publish

ATTEMPTS = 5
INBOUND = "inbound"
# What forms and the API call an identity, where it is not its kind.
FIELDS = {IdentityKind.EXTERNAL.value: "external_id", IdentityKind.WA_ID.value: "phone"}

# The owner of the first of these keys that has one, locked against merging, and which have one.
_HOLD = f"""
    WITH held AS MATERIALIZED (
        SELECT i.contact_id, k.place
        FROM jsonb_to_recordset(%(keys)s::jsonb) AS k(kind text, value text, scope text, place int)
        JOIN crm_identity i ON i.kind = k.kind AND i.value = k.value AND i.scope = k.scope
             AND i.released_at IS NULL)
    SELECT {statements.columns(Contact, "c")}, ARRAY(SELECT place FROM held)
    FROM crm_contact c
    WHERE c.id = (SELECT contact_id FROM held ORDER BY place LIMIT 1) AND c.deleted_at IS NULL
    FOR NO KEY UPDATE OF c
"""  # noqa: S608 -- names of ours


@dataclass(frozen=True, slots=True, order=True)
class Known:
    """One way of being known. `scope` is the connection's id for bsuid and lid, else empty."""

    kind: str
    value: str
    scope: str = ""


def resolve(
    *,
    known: Sequence[Known],
    name: str = "",
    source: str = INBOUND,
    evidence: Mapping[str, Any] | None = None,
) -> tuple[Contact, bool]:
    """The contact behind any of these identities, created if nobody is; and whether it was.

    What is new about a found contact is attached to it; the name fills an empty one only. When
    the identities belong to several contacts, the first in the given order wins and the others
    keep theirs. Safe under concurrency: the unique constraint decides and the loser looks again;
    a found contact stays locked in the caller's transaction, so that a merge waits for what is
    written about it and takes that along.

    Args:
        known: most authoritative first, phones as typed or E.164, WhatsApp ids as digits.
        source: what the fact `contact.created` says; `INBOUND` is the person's own message, and
            nothing else makes a contact of somebody who was erased.
        evidence: where we know it from, kept beside each new identity.

    Raises:
        crm.phones.BadPhone: a value of kind phone is no number.
        core.errors.Conflict: `person_erased`.
        ValueError: nothing to know anybody by.
    """
    wanted = expand(known)
    if not wanted:
        raise ValueError("no identity was given")
    for _attempt in range(ATTEMPTS):
        with transaction.atomic(savepoint=False):
            contact, missing = _hold(wanted)
            if contact is not None:
                _complete(contact, missing, name, evidence)
                return contact, False
        if source != INBOUND and tombstones.erased_among([key.value for key in wanted]):
            raise Conflict(tombstones.CODE, tombstones.SENTENCE)
        try:
            with transaction.atomic():
                return _create(wanted, name, source, evidence), True
        except IntegrityError:
            continue  # somebody else just wrote one of them
    raise Conflict


def attach(
    *, contact: Contact, known: Sequence[Known], evidence: Mapping[str, Any] | None = None
) -> None:
    """Give a contact more ways of being known.

    Raises:
        core.errors.Conflict: `contact_exists`, one of them belongs to another contact; `params`
            has its public id as `id`.
        crm.phones.BadPhone: a value of kind phone is no number.
    """
    wanted = expand(known)
    held = _held_by(contact, wanted)
    try:
        with transaction.atomic():
            _insert(contact, [key for key in wanted if key not in held], evidence)
            search.refresh(contact)
    except IntegrityError:
        _held_by(contact, wanted)  # whoever was faster is there by now
        raise Conflict from None


def _held_by(contact: Contact, keys: Sequence[Known]) -> set[Known]:
    """Those of the keys that are this contact's already; raises if one is another's."""
    owners = find(keys)
    for key, owner in owners.items():
        if owner != contact.pk:
            raise taken(owner, field=key.kind)
    return set(owners)


def taken(owner: UUID, *, field: str) -> Conflict:
    """The error that says which contact has this identity already."""
    return Conflict(
        "contact_exists",
        _("There is already a contact with this value: %(id)s."),
        field=FIELDS.get(field, field),
        params={"id": CONTACT.encode(owner)},
    )


def expand(known: Sequence[Known]) -> list[Known]:
    """The keys that are matched and stored: canonical spellings first, then their aliases.

    A WhatsApp id that is a number also stands for that number.
    """
    keys: dict[Known, None] = {}
    for item in known:
        keys.update(dict.fromkeys(_keys(item)))
    return list(keys)


def owner(known: Sequence[Known]) -> Contact | None:
    """The contact behind any of these identities, the first in the given order; None if nobody is.

    Raises:
        crm.phones.BadPhone: a value of kind phone is no number.
    """
    keys = expand(known)
    return _first(keys, find(keys))


def find(keys: Sequence[Known]) -> dict[Known, UUID]:
    """Who holds which of these keys now, in one query."""
    rows = (
        Identity.objects.held()
        .filter(kind__in={key.kind for key in keys}, value__in={key.value for key in keys})
        .values_list("kind", "value", "scope", "contact_id")
    )
    wanted = set(keys)
    held = {Known(kind, value, scope): owner for kind, value, scope, owner in rows}
    return {key: owner for key, owner in held.items() if key in wanted}


def rows(
    contact_id: UUID, keys: Sequence[Known], evidence: Mapping[str, Any] | None
) -> list[Identity]:
    """Unsaved identities for these keys, aliases pointing at their canonical number."""
    made = [
        Identity(
            id=uuid7(), contact_id=contact_id, kind=key.kind, value=key.value, scope=key.scope,
            evidence=dict(evidence or {}),
        )
        for key in keys
    ]  # fmt: skip
    by_number = {row.value: row for row in made if row.kind == IdentityKind.PHONE}
    for row in by_number.values():
        number = by_number.get(phones.canonical(row.value))
        if number is not None and number is not row:
            row.alias_of = number
    return made


def _keys(item: Known) -> list[Known]:
    if item.kind == IdentityKind.PHONE:
        return _phone_keys(phones.parse(item.value))
    if item.kind == IdentityKind.EMAIL:
        return [Known(item.kind, item.value.strip().lower())]
    if item.kind != IdentityKind.WA_ID:
        return [item]
    try:
        return [item, *_phone_keys(phones.parse_wa_id(item.value))]
    except phones.BadPhone:
        return [item]


def _phone_keys(phone: phones.Phone) -> list[Known]:
    spellings = [phone.number, phone.alias] if phone.alias else [phone.number]
    return [Known(IdentityKind.PHONE, spelling) for spelling in spellings]


def _first(keys: Sequence[Known], owners: Mapping[Known, UUID]) -> Contact | None:
    """The owner of the first key that has one, alive."""
    first = next((owners[key] for key in keys if key in owners), None)
    return None if first is None else Contact.objects.alive().filter(pk=first).first()


def _hold(keys: Sequence[Known]) -> tuple[Contact | None, list[Known]]:
    """The same, and the keys that nobody has. Nobody merges the contact away until the transaction
    ends; who was merged while we waited for the lock is not alive any more, and the caller looks
    again."""
    asked = [{**asdict(key), "place": place} for place, key in enumerate(keys)]
    for row in statements.run(_HOLD, keys=statements.text(asked)):
        held = set(row[-1])
        missing = [key for place, key in enumerate(keys) if place not in held]
        return statements.instance(Contact, row), missing
    return None, list(keys)


def _create(
    keys: Sequence[Known], name: str, source: str, evidence: Mapping[str, Any] | None
) -> Contact:
    contact = Contact.objects.create(name=name.strip()[:200])
    _insert(contact, keys, evidence)
    search.refresh(contact)
    publish(ContactCreated(contact=contact.pk, source=source))
    return contact


def _complete(
    contact: Contact, missing: Sequence[Known], name: str, evidence: Mapping[str, Any] | None
) -> None:
    """Attach what nobody holds yet. Whoever is faster may attach it elsewhere; that is fine."""
    fills_name = bool(name.strip()) and not contact.name
    if not missing and not fills_name:
        return
    with transaction.atomic():
        if fills_name:
            contact.name = name.strip()[:200]
            contact.save(update_fields=["name", "updated_at"])
        _insert(contact, missing, evidence, ignore_conflicts=True)
        search.refresh(contact)


def _insert(
    contact: Contact,
    keys: Sequence[Known],
    evidence: Mapping[str, Any] | None,
    *,
    ignore_conflicts: bool = False,
) -> None:
    # Everybody inserts in the same order, so that two who race wait for each other only one way.
    made = sorted(rows(contact.pk, keys, evidence), key=lambda row: (row.kind, row.value))
    Identity.objects.bulk_create(made, ignore_conflicts=ignore_conflicts)
