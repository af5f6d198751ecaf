"""Creating, changing, tagging, deleting and restoring contacts."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, FieldError, Invalid
from crm import field_kinds, phones, search, selectors
from crm.duplicates.asking import look_again, look_for_new
from crm.enums import Channel, ConsentAction, IdentityKind, Purpose
from crm.erasures import Erasure
from crm.events import (
    ContactCreated,
    ContactDeleted,
    ContactRestored,
    ContactsTagged,
    ContactsUntagged,
    ContactUpdated,
)
from crm.field_kinds import BadField
from crm.models import Contact, ContactMerge, ContactTag, Identity
from crm.phones import BadPhone
from crm.services import consents, identities, tombstones
from crm.services.identities import Known
from crm.services.tags import ensure_tags
from crm.tag_counts import recount
from events.bus import publish
from team.models import Member

NAME_LENGTH = 200
EMAIL_LENGTH = 254
MAX_ATTRIBUTES = 50
ATTRIBUTE_KEY_LENGTH = 60
ATTRIBUTE_LENGTH = 1000
# What a form or the API calls an identity, and its kind.
IDENTITY_FIELDS = {
    "phone": IdentityKind.PHONE,
    "email": IdentityKind.EMAIL,
    "external_id": IdentityKind.EXTERNAL,
}


@dataclass(frozen=True, slots=True)
class OptIn:
    """An agreement to be written to: where it was given, and when if known."""

    source: str
    at: datetime | None = None
    channel: str = Channel.WHATSAPP
    purpose: str = Purpose.MARKETING
    text: str = ""
    text_version: str = ""


class Changes(TypedDict, total=False):
    """What may be changed about a contact; an empty text takes the value away."""

    name: str
    phone: str
    email: str
    external_id: str
    language: str
    timezone: str
    attributes: Mapping[str, Any]  # merged by key; None takes a key away
    tags: Iterable[str]  # names; replaces all


def create_contact(
    *,
    name: str = "",
    phone: str = "",
    email: str = "",
    external_id: str = "",
    tags: Iterable[str] = (),
    attributes: Mapping[str, Any] | None = None,
    language: str = "",
    opt_in: OptIn | None = None,
    source: str = "manual",
    by: Member | None = None,
    actor: str = "system",
) -> Contact:
    """A new contact, known by at least one of phone, e-mail and external id.

    Args:
        source: how it came in, for the fact and the evidence of its identities.
        opt_in: recorded as consent; it does not lift an earlier suppression of the address.

    Raises:
        core.errors.Invalid: fields that do not fit, each with its reason; `person_erased` where the
            value is of somebody who was erased.
        core.errors.Conflict: `contact_exists`, somebody has this phone, e-mail or external id;
            `params["id"]` is that contact's public id.
    """
    values = {"phone": phone, "email": email, "external_id": external_id}
    known = _known(values)
    if not known:
        raise Invalid({"phone": BadPhone("phone_missing").error})
    contact = Contact(name=_name(name), language=language, attributes=_merged({}, attributes or {}))
    with transaction.atomic():
        contact.save()
        _refuse_erased(known)
        identities.attach(contact=contact, known=known, evidence={"source": source})
        publish(ContactCreated(contact=contact.pk, source=source), actor=actor)
        _replace_tags(contact, tags, actor)
        look_for_new()
        if opt_in is not None:
            _record(contact, opt_in, by, actor)
    return contact


def update_contact(*, contact: Contact, changes: Changes, actor: str = "system") -> Contact:
    """Change what is named in `changes` and nothing else.

    A new phone takes the place of the old one and of the WhatsApp id that went with it.

    Raises:
        core.errors.Invalid, core.errors.Conflict: as in create_contact.
    """
    values = {name: str(changes.get(name) or "") for name in IDENTITY_FIELDS if name in changes}
    wanted = _known(values)
    with transaction.atomic():
        contact = Contact.objects.select_for_update().get(pk=contact.pk)
        changed = _change_fields(contact, changes)
        if values and _replace_identities(contact, values, wanted):
            changed.append("identities")
        if "tags" in changes and _replace_tags(contact, changes["tags"], actor):
            changed.append("tags")
        if changed:
            contact.save()
            search.refresh(contact)
            publish(ContactUpdated(contact=contact.pk, changed=changed), actor=actor)
            look_again(contact.pk)
    return contact


def delete_contact(*, contact: Contact, actor: str = "system") -> None:
    """Take a contact out of every list and free its identities; consent and suppression stay."""
    delete_contacts(ids=[contact.pk], at=timezone.now(), actor=actor)


def delete_contacts(*, ids: Collection[UUID], at: datetime, actor: str = "system") -> int:
    """The same for a few hundred; how many were there.

    Args:
        at: the moment that is written on them, by which one undo finds them all.
    """
    with transaction.atomic():
        alive = Contact.objects.alive().filter(pk__in=ids).order_by("pk").select_for_update()
        found = list(alive.values_list("pk", flat=True))
        put_away(ids=found, at=at)
        for pk in found:
            publish(ContactDeleted(contact=pk), actor=actor)
        return len(found)


def put_away(*, ids: Collection[UUID], at: datetime) -> None:
    """Delete contacts without a fact of each, for a caller that tells of them all; they are alive
    and locked, in its transaction."""
    Contact.objects.filter(pk__in=ids).update(deleted_at=at)
    Identity.objects.held().filter(contact__in=ids).update(released_at=at)


def restore_contact(*, contact: Contact, actor: str = "system") -> None:
    """Undo a deletion.

    Raises:
        core.errors.Conflict: `contact_exists`, one of its identities is another contact's by now;
            `contact_merged`, it is part of another contact, and that is what has to be undone;
            `contact_erased`, there is nothing to bring back.
    """
    with transaction.atomic():
        contact = Contact.objects.select_for_update().get(pk=contact.pk)
        if contact.deleted_at is None:
            return
        if ContactMerge.objects.filter(gone=contact, undone_at=None).exists():
            raise Conflict(
                "contact_merged",
                _("This contact is part of another one. Undo the merge on that contact's page."),
            )
        if Erasure.objects.filter(contacts__contains=[str(contact.pk)]).exists():
            raise Conflict(
                "contact_erased", _("This person was erased: nothing is left to restore.")
            )
        released = Identity.objects.filter(contact=contact, released_at=contact.deleted_at)
        keys = [Known(*key) for key in released.values_list("kind", "value", "scope")]
        for key, owner in identities.find(keys).items():
            raise identities.taken(owner, field=key.kind)
        try:
            with transaction.atomic():
                released.update(released_at=None)
        except IntegrityError:
            raise Conflict from None
        Contact.objects.filter(pk=contact.pk).update(deleted_at=None)
        publish(ContactRestored(contact=contact.pk), actor=actor)


def set_tags(*, contact: Contact, tags: Iterable[str], actor: str = "system") -> None:
    """Give a contact exactly these tags, by name; missing ones are created."""
    update_contact(contact=contact, changes={"tags": tags}, actor=actor)


def tag(*, contact_ids: Collection[UUID], tags: Iterable[str], actor: str = "system") -> int:
    """Add tags to many contacts; returns how many marks were new."""
    with transaction.atomic():
        new = 0
        for item in ensure_tags(names=tags):
            marks = ContactTag.objects.filter(tag=item, contact_id__in=contact_ids)
            before = set(marks.values_list("contact_id", flat=True))
            added = sorted(set(contact_ids) - before)
            ContactTag.objects.bulk_create(
                [ContactTag(contact_id=contact_id, tag=item) for contact_id in added],
                ignore_conflicts=True,
            )
            new += len(added)
            if added:
                publish(ContactsTagged(tag=item.pk, contacts=added), actor=actor)
        recount()
        return new


def untag(
    *, contact_ids: Collection[UUID], tag_ids: Collection[UUID], actor: str = "system"
) -> int:
    """Take tags off many contacts; returns how many marks went."""
    with transaction.atomic():
        marks = ContactTag.objects.filter(contact_id__in=contact_ids, tag_id__in=tag_ids)
        held: dict[UUID, list[UUID]] = {}
        for tag_id, contact_id in marks.order_by("pk").values_list("tag_id", "contact_id"):
            held.setdefault(tag_id, []).append(contact_id)
        removed = marks.delete()[0]
        for tag_id, contacts in held.items():
            publish(ContactsUntagged(tag=tag_id, contacts=contacts), actor=actor)
        recount()
        return removed


def _record(contact: Contact, opt_in: OptIn, by: Member | None, actor: str) -> None:
    try:
        consents.record(
            contact=contact, channel=opt_in.channel, purpose=opt_in.purpose,
            action=ConsentAction.OPT_IN, source=opt_in.source, at=opt_in.at, text=opt_in.text,
            text_version=opt_in.text_version, by=by, actor=actor,
        )  # fmt: skip
    except Invalid as error:
        raise Invalid({f"opt_in.{field}": why for field, why in error.errors.items()}) from None


def _name(text: str) -> str:
    name = " ".join(text.replace("\x00", "").split())
    if len(name) > NAME_LENGTH:
        raise Invalid({"name": _("A name has at most 200 characters.")})
    return name


def _known(values: Mapping[str, str]) -> list[Known]:
    """The identities that forms and the API name; empty values are none."""
    known, errors = [], {}
    for field, text in values.items():
        if not text.strip():
            continue
        try:
            known.append(_identity(field, text.strip()))
        except BadPhone as error:
            errors[field] = error.error
        except ValidationError:
            errors[field] = FieldError(
                "email_invalid", _("This is not an e-mail address. Check for typing errors.")
            )
    if errors:
        raise Invalid(errors)
    return known


def _identity(field: str, text: str) -> Known:
    if field == "phone":
        return Known(IdentityKind.PHONE, phones.parse(text).number)
    if field == "email":
        validate_email(text)
    return Known(IDENTITY_FIELDS[field], text[:EMAIL_LENGTH])


def _change_fields(contact: Contact, changes: Changes) -> list[str]:
    wanted: dict[str, Any] = {
        field: changes[field] for field in ("language", "timezone") if field in changes
    }
    if "name" in changes:
        wanted["name"] = _name(changes["name"])
    if "attributes" in changes:
        wanted["attributes"] = _merged(contact.attributes, changes["attributes"])
    changed = [field for field, value in wanted.items() if getattr(contact, field) != value]
    for field in changed:
        setattr(contact, field, wanted[field])
    return changed


def _merged(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with the changes; texts, numbers and booleans only, since templates show them."""
    merged = {**before, **_typed(before, changes)}
    kept = {str(key).strip(): value for key, value in merged.items() if value not in (None, "")}
    if len(kept) > MAX_ATTRIBUTES:
        raise Invalid({"attributes": _("A contact has at most 50 fields.")})
    for key, value in kept.items():
        if not key or len(key) > ATTRIBUTE_KEY_LENGTH or not _is_storable(key):
            raise Invalid({"attributes": _("The name of a field has 1 to 60 characters.")})
        if not _is_storable(value) or len(str(value)) > ATTRIBUTE_LENGTH:
            raise Invalid(
                {"attributes": _("A field is a text of at most 1,000 characters or a number.")}
            )
    return kept


def _typed(before: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes as the company's definitions keep them; what stays as it was is not judged."""
    definitions = selectors.field_definitions() if changes else {}
    typed, errors = dict(changes), {}
    for key in definitions.keys() & changes.keys():
        if key in before and before[key] == changes[key]:
            continue
        try:
            typed[key] = field_kinds.read(definitions[key], changes[key])
        except BadField as error:
            errors[f"attributes.{key}"] = error.error
    if errors:
        raise Invalid(errors)
    return typed


def _is_storable(value: Any) -> bool:
    """A text or number that PostgreSQL's JSON takes: no NUL, half of a pair or infinity."""
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= char <= "\udfff" for char in value)
    return isinstance(value, int | float) and math.isfinite(value)


def _replace_tags(contact: Contact, names: Iterable[str], actor: str) -> bool:
    wanted = {item.pk for item in ensure_tags(names=names)}
    had = set(ContactTag.objects.filter(contact=contact).values_list("tag_id", flat=True))
    ContactTag.objects.filter(contact=contact, tag_id__in=had - wanted).delete()
    ContactTag.objects.bulk_create(
        [ContactTag(contact=contact, tag_id=tag_id) for tag_id in sorted(wanted - had)],
        ignore_conflicts=True,
    )
    for tag_id in sorted(wanted - had):
        publish(ContactsTagged(tag=tag_id, contacts=[contact.pk]), actor=actor)
    for tag_id in sorted(had - wanted):
        publish(ContactsUntagged(tag=tag_id, contacts=[contact.pk]), actor=actor)
    return wanted != had


def _key(row: Identity) -> Known:
    return Known(row.kind, row.value, row.scope)


def _refuse_erased(known: Iterable[Known]) -> None:
    """Somebody alive who has a value came back by themselves; nobody else brings them back."""
    fields = {kind: field for field, kind in IDENTITY_FIELDS.items()}
    by_value = {key.value: key for key in identities.expand(list(known))}
    erased = tombstones.erased_among(list(by_value))
    if erased - {key.value for key in identities.find(list(by_value.values()))}:
        first = next(key for value, key in by_value.items() if value in erased)
        raise Invalid({fields[IdentityKind(first.kind)]: tombstones.error()})


def _replace_identities(contact: Contact, values: Mapping[str, str], wanted: list[Known]) -> bool:
    """Swap the identities of the named fields; says whether anything changed."""
    kinds = {IDENTITY_FIELDS[field] for field in values}
    keys = set(identities.expand(wanted))
    held = Identity.objects.held().filter(contact=contact, kind__in=kinds)
    obsolete = [row for row in held if _key(row) not in keys]
    old_numbers = {row.value for row in obsolete if row.kind == IdentityKind.PHONE}
    if not obsolete and len(held) == len(keys):
        return False
    if old_numbers:
        obsolete += [
            row
            for row in Identity.objects.held().filter(contact=contact, kind=IdentityKind.WA_ID)
            if phones.canonical(row.value) in old_numbers
        ]
    Identity.objects.filter(pk__in=[row.pk for row in obsolete]).delete()
    if wanted:
        _refuse_erased([key for key in wanted if key not in {_key(row) for row in held}])
        identities.attach(contact=contact, known=wanted, evidence={"source": "edit"})
    return True
