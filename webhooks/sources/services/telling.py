"""From what a post says to a fact of the company: whom it is about, and told once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q

from core import locks
from core.errors import Conflict
from crm import phones, selectors
from crm.enums import Channel, ConsentAction, IdentityKind, Purpose
from crm.models import Contact
from crm.services import consents, contacts, identities
from crm.services.identities import Known
from events import bus
from webhooks.sources.events import SourceSaid
from webhooks.sources.models import Received, Told
from webhooks.sources.normalised import KINDS, Normalised
from webhooks.sources.trace import Step, step

KEY_LENGTH = 300
# Where nothing says which event it is, the same bytes are the same event for so long.
SAME_BYTES = timedelta(hours=24)
ORIGIN = "source"  # of the contacts that sources bring, as facts name it


def tell(received: Received, one: Normalised, position: int, steps: list[Step]) -> Told | None:
    """Publish what happened, with whom it happened to, in the caller's transaction.

    Returns:
        What was told; None if the same was told before.
    """
    key = one.key[:KEY_LENGTH] or f"sha256:{received.sha256}:{position}"
    # What has no key of its own is the same for a day: its digest knows the date.
    digests = [_digest(key, day) for day in ([None] if one.key else _days(received))]
    locks.hold(f"sources.told:{received.source_id}:{key}")
    if _is_told(received, digests, is_lasting=bool(one.key)):
        steps.append(step("repeated", position=position))
        return None
    contact_id = _contact(received, one, position, steps)
    values = one.values()
    values["phone"] = _number(one.phone) or values["phone"]
    fact_type = KINDS[one.kind]
    if fact_type is SourceSaid:
        values["kind"] = one.own_kind[:100]
    elif one.own_kind:
        values["fields"] = {"event": one.own_kind[:100], **values["fields"]}
    event = bus.publish(
        fact_type(
            source_id=received.source_id, received_id=received.pk, key=key,
            contact_id=contact_id, **values,
        ),
        actor="source",
    )  # fmt: skip
    steps.append(step("told", position=position, value=one.kind))
    return Told.objects.create(
        source_id=received.source_id, received=received, position=position, key=digests[0],
        kind=one.kind, contact_id=contact_id, event_uid=event.uid,
    )  # fmt: skip


def _days(received: Received) -> list[date]:
    """The day of the post, and the one before."""
    today = received.received_at.date()
    return [today, today - timedelta(days=1)]


def _digest(key: str, day: date | None) -> str:
    """Keys may name somebody (an e-mail as an id), and they outlive the person."""
    return hashlib.sha256(f"{key}:{day or ''}".encode()).hexdigest()


def _is_told(received: Received, digests: Sequence[str], *, is_lasting: bool) -> bool:
    told = Told.objects.filter(source_id=received.source_id, key__in=digests)
    if not is_lasting:
        recently = received.received_at - SAME_BYTES
        told = told.filter(Q(key=digests[0]) | Q(received__received_at__gt=recently))
    return told.exists()


def _contact(received: Received, one: Normalised, position: int, steps: list[Step]) -> UUID | None:
    known = _known(one, position, steps)
    if not known:
        steps.append(step("nobody", position=position))
        return None
    contact = _found(received, one, known, position, steps)
    if contact is None:
        return None
    source = received.source
    if source.tags:
        contacts.tag(contact_ids=[contact.pk], tags=source.tags)
        steps.append(step("tagged", position=position, value=", ".join(source.tags)))
    if source.gives_opt_in:
        _opt_in(received, contact, position, steps)
    return contact.pk


def _found(
    received: Received, one: Normalised, known: Sequence[Known], position: int, steps: list[Step]
) -> Contact | None:
    if not received.source.creates_contacts:
        contact = identities.owner(known)
        code = "contact_found" if contact is not None else "contact_missing"
        steps.append(step(code, position=position))
        return contact
    evidence = {"source": ORIGIN, "id": str(received.source_id)}
    try:
        contact, is_new = identities.resolve(
            known=known, name=one.name[:200], source=ORIGIN, evidence=evidence
        )
    except Conflict as error:
        if error.code != "person_erased":
            raise
        steps.append(step("contact_erased", position=position))
        return None
    steps.append(step("contact_created" if is_new else "contact_found", position=position))
    return contact


def _known(one: Normalised, position: int, steps: list[Step]) -> list[Known]:
    """By phone, the surest of these; then by e-mail. What is neither is left out and said so."""
    known: list[Known] = []
    if one.phone:
        number = _number(one.phone)
        if number:
            known.append(Known(IdentityKind.PHONE, number))
        else:
            steps.append(step("bad_phone", position=position, value=one.phone))
    if one.email:
        try:
            validate_email(one.email)
            known.append(Known(IdentityKind.EMAIL, one.email[:254]))
        except ValidationError:
            steps.append(step("bad_email", position=position, value=one.email))
    return known


def _number(text: str) -> str:
    """As we write it (E.164); empty if nobody could be written to there."""
    try:
        return phones.parse(text).number
    except phones.BadPhone:
        return ""


def _opt_in(received: Received, contact: Contact, position: int, steps: list[Step]) -> None:
    """Once, and never over the person's own no."""
    said = selectors.consent_state([contact.pk], Channel.WHATSAPP, Purpose.MARKETING)
    word = said.get(contact.pk)
    if word is None:
        consents.record(
            contact=contact, channel=Channel.WHATSAPP, purpose=Purpose.MARKETING,
            action=ConsentAction.OPT_IN, at=received.received_at,
            source=received.source.opt_in_source or received.source.name,
        )  # fmt: skip
        steps.append(step("opted_in", position=position))
    elif not word:
        steps.append(step("opted_out", position=position))
