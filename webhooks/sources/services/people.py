"""Whom posts are about: found or made contacts, with the tags and the agreement of their source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from core.errors import Conflict
from crm import phones, selectors
from crm.enums import Channel, ConsentAction, IdentityKind, Purpose
from crm.models import Contact
from crm.services import consents, contacts, identities, recognising
from crm.services.identities import Known
from crm.services.recognising import Recognised
from webhooks.sources.models import Received, Source
from webhooks.sources.normalised import Normalised
from webhooks.sources.trace import Step, step

ORIGIN = "source"  # of the contacts that sources bring, as facts name it


@dataclass(frozen=True, slots=True)
class Saying:
    """One thing that a post says.

    Attributes:
        position: its place in the post.
        steps: what was done with the post, to which is added.
    """

    received: Received
    said: Normalised
    position: int
    steps: list[Step]

    def note(self, code: str, *, value: str = "") -> None:
        """One step more."""
        self.steps.append(step(code, position=self.position, value=value))


def find(sayings: Sequence[Saying]) -> list[UUID | None]:
    """The contact that each is about, None where there is none, in the caller's transaction."""
    named = [_known(one) for one in sayings]
    found = [
        _contact(one, known, recognised)
        for one, known, recognised in zip(sayings, named, recognising.recognise(named), strict=True)
    ]
    by_source: dict[UUID, list[tuple[Saying, UUID]]] = defaultdict(list)
    for one, contact_id in zip(sayings, found, strict=True):
        if contact_id is not None:
            by_source[one.received.source_id].append((one, contact_id))
    for told in by_source.values():
        _tag(told)
        _opt_in(told)
    return found


def number(text: str) -> str:
    """As we write it (E.164); empty if nobody could be written to there."""
    try:
        return phones.parse(text).number
    except phones.BadPhone:
        return ""


def _known(one: Saying) -> list[Known]:
    """By phone, the surest of these; then by e-mail. What is neither is left out and said so."""
    known: list[Known] = []
    if one.said.phone:
        found = number(one.said.phone)
        if found:
            known.append(Known(IdentityKind.PHONE, found))
        else:
            one.note("bad_phone", value=one.said.phone)
    if one.said.email:
        try:
            validate_email(one.said.email)
            known.append(Known(IdentityKind.EMAIL, one.said.email[:254]))
        except ValidationError:
            one.note("bad_email", value=one.said.email)
    if not known:
        one.note("nobody")
    return known


def _contact(one: Saying, known: Sequence[Known], found: Recognised | None) -> UUID | None:
    if not known:
        return None
    if not one.received.source.creates_contacts:
        one.note("contact_found" if found else "contact_missing")
        return found.contact_id if found else None
    if found is not None and found.is_whole and (found.name or not one.said.name.strip()):
        one.note("contact_found")
        return found.contact_id
    contact = _resolved(one, known)
    return contact.pk if contact is not None else None


def _resolved(one: Saying, known: Sequence[Known]) -> Contact | None:
    """Whoever is new, or is known by something new."""
    evidence = {"source": ORIGIN, "id": str(one.received.source_id)}
    try:
        contact, is_new = identities.resolve(
            known=known, name=one.said.name[:200], source=ORIGIN, evidence=evidence
        )
    except Conflict as error:
        if error.code != "person_erased":
            raise
        one.note("contact_erased")
        return None
    one.note("contact_created" if is_new else "contact_found")
    return contact


def _tag(told: Sequence[tuple[Saying, UUID]]) -> None:
    source = _source(told)
    if not source.tags:
        return
    contacts.tag(contact_ids={contact_id for _, contact_id in told}, tags=source.tags)
    for one, _ in told:
        one.note("tagged", value=", ".join(source.tags))


def _opt_in(told: Sequence[tuple[Saying, UUID]]) -> None:
    """Once, and never over the person's own no."""
    source = _source(told)
    if not source.gives_opt_in:
        return
    ids = {contact_id for _, contact_id in told}
    words = selectors.consent_state(ids, Channel.WHATSAPP, Purpose.MARKETING)
    people = Contact.objects.in_bulk(ids - words.keys())
    for one, contact_id in told:
        word = words.get(contact_id)
        if word is None:
            consents.record(
                contact=people[contact_id], channel=Channel.WHATSAPP, purpose=Purpose.MARKETING,
                action=ConsentAction.OPT_IN, at=one.received.received_at,
                source=source.opt_in_source or source.name,
            )  # fmt: skip
            words[contact_id] = True
            one.note("opted_in")
        elif not word:
            one.note("opted_out")


def _source(told: Sequence[tuple[Saying, UUID]]) -> Source:
    return told[0][0].received.source
