"""One contact or one note on its way to another system.

An earlier try may have arrived although we did not hear of it, so everything is looked for before
it is made: a contact by its id, then by its addresses; a lead among the contact's; a note, from
the second try on, by its text.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm.enums import IdentityKind
from crm.models import Contact, Identity
from crm.services.tags import key_of
from integrations.enums import NoteSight, PushKind, Thing
from integrations.models import ExternalId, Integration, Push
from integrations.preferences import Preferences
from integrations.providers.base import Access, Card, Provider, Refused, RemoteContact
from integrations.registry import provider

HASH_LENGTH = 32


class Dropped(Exception):
    """There is nothing to send any more, or nobody to send it about."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def send(access: Access, push: Push) -> str:
    """Bring it there; the id of what came of it.

    Raises:
        Dropped: its contact was deleted, or is somebody else's there.
        integrations.providers.base.ProviderError: as the provider says.
    """
    if push.contact.deleted_at is not None:
        raise Dropped("contact_deleted")
    if access.account != push.integration.account_id:
        raise Dropped("disconnected")  # another account was connected since it was taken up
    errand = Errand(access, push.integration)
    if push.kind == PushKind.CONTACT:
        return errand.bring_contact(push.contact)
    sight = push.data.get("sight") or errand.chosen.note_sight
    return errand.bring_note(
        push.contact,
        push.data["text"],
        is_public=sight == NoteSight.PUBLIC,
        looks_first=push.attempts > 1,
    )


def card_of(contact: Contact, chosen: Preferences) -> Card:
    """A contact as it leaves, but for its tags."""
    phones: list[str] = []
    aliases: list[str] = []
    emails: list[str] = []
    held = Identity.objects.held().filter(contact=contact).order_by("created_at", "id")
    for kind, value, alias in held.values_list("kind", "value", "alias_of_id"):
        if kind == IdentityKind.PHONE:
            (aliases if alias else phones).append(value)
        elif kind == IdentityKind.EMAIL:
            emails.append(value)
    fields = {
        theirs: _text(contact.attributes[ours])
        for ours, theirs in chosen.mapping.items()
        if contact.attributes.get(ours) not in (None, "")
    }
    return Card(
        name=contact.name, phones=phones, aliases=aliases, email=next(iter(emails), ""),
        fields=fields,
    )  # fmt: skip


class Errand:
    """What has to be done at one account."""

    def __init__(self, access: Access, integration: Integration) -> None:
        self.access, self.integration = access, integration
        self.provider: Provider = provider(integration.provider)
        self.chosen = Preferences.of(integration.preferences)

    def bring_contact(self, contact: Contact) -> str:
        """Create the contact there or bring it up to date; its id."""
        card = card_of(contact, self.chosen)
        link = self._link(contact, Thing.CONTACT)
        if link is not None and (external_id := self._refresh(link, contact, card)):
            return external_id
        if not (card.phones or card.email):
            raise Dropped("no_address")
        found = self.provider.find(self.access, card)
        if found is not None:
            link = self._adopt(contact, found)
            return self._refresh(link, contact, card) or link.external_id
        return self._create(contact, card)

    def bring_note(self, contact: Contact, text: str, *, is_public: bool, looks_first: bool) -> str:
        """Put a note on the contact's lead; its id."""
        person = self._link(contact, Thing.CONTACT)
        external_id = person.external_id if person else self.bring_contact(contact)
        try:
            lead = self._lead(contact, external_id)
        except Refused as error:
            if error.code != "not_found" or person is None:
                raise
            person.delete()  # somebody deleted the contact there, or made it part of another
            external_id = self.bring_contact(contact)
            lead = self._lead(contact, external_id)
        try:
            return self._note(lead.external_id, text, is_public, looks_first)
        except Refused as error:
            if error.code != "not_found":
                raise
        lead.delete()  # somebody deleted the lead there
        lead = self._lead(contact, external_id)
        return self._note(lead.external_id, text, is_public, looks_first)

    def _note(self, lead: str, text: str, is_public: bool, looks_first: bool) -> str:
        if looks_first and (known := self.provider.find_note(self.access, lead=lead, text=text)):
            return known
        return self.provider.add_note(self.access, lead=lead, text=text, is_public=is_public)

    def _refresh(self, link: ExternalId, contact: Contact, card: Card) -> str:
        """Send what differs from what was sent; empty when the contact is gone there."""
        ours = _tags(contact) if self.chosen.tags else []
        agreed = {key_of(name): name for name in link.tags}
        wanted = {key_of(name): name for name in ours}
        added = [name for key, name in wanted.items() if key not in agreed]
        removed = [name for key, name in agreed.items() if key not in wanted]
        if not self.chosen.tags:
            added, removed = [], []
        digest = _digest(card)
        if digest == link.sent and not added and not removed:
            return link.external_id
        full = replace(card, tags_added=added, tags_removed=removed)
        try:
            self.provider.update(self.access, link.external_id, full)
        except Refused as error:
            if error.code != "not_found":
                raise
            link.delete()
            return ""
        _remember(link, digest, added, removed)
        return link.external_id

    def _create(self, contact: Contact, card: Card) -> str:
        added = _tags(contact) if self.chosen.tags else []
        external_id = self.provider.create(self.access, replace(card, tags_added=added))
        self._keep(contact, Thing.CONTACT, external_id=external_id, tags=added, sent=_digest(card))
        return external_id

    def _adopt(self, contact: Contact, found: RemoteContact) -> ExternalId:
        """Somebody there has the same address: the two are one from now on."""
        others = ExternalId.objects.filter(
            integration=self.integration, thing=Thing.CONTACT, external_id=found.id
        )
        if others.exclude(contact=contact).exists():
            raise Dropped("linked_elsewhere")
        return self._keep(contact, Thing.CONTACT, external_id=found.id, tags=[], sent="")

    def _lead(self, contact: Contact, external_id: str) -> ExternalId:
        """The lead where the contact's notes go: known, or its newest there, or a new one."""
        link = self._link(contact, Thing.LEAD)
        if link is not None:
            return link
        person = self.provider.get(self.access, external_id)
        if person is None:
            raise Refused("not_found")
        lead = next(iter(person.leads), "") or self.provider.create_lead(
            self.access, contact=external_id, name=contact.name or _("Customer")
        )
        return self._keep(contact, Thing.LEAD, external_id=lead)

    @transaction.atomic
    def _keep(self, contact: Contact, thing: Thing, **values: Any) -> ExternalId:
        """Remember who it is there, unless people connected another account or the contact went
        while we spoke: their ids are nobody's then."""
        integrations = Integration.objects.select_for_update(no_key=True)
        if integrations.get(pk=self.integration.pk).account_id != self.integration.account_id:
            raise Dropped("disconnected")
        alive = Contact.objects.alive().select_for_update(no_key=True)
        if not alive.filter(pk=contact.pk).exists():
            raise Dropped("contact_deleted")
        link, _made = ExternalId.objects.update_or_create(
            integration=self.integration, thing=thing, contact=contact, defaults=values
        )
        return link

    def _link(self, contact: Contact, thing: Thing) -> ExternalId | None:
        return self.integration.ids.filter(contact=contact, thing=thing).first()


@transaction.atomic
def _remember(link: ExternalId, digest: str, added: list[str], removed: list[str]) -> None:
    """What both sides have now; a sync may have changed the row while we spoke."""
    row = ExternalId.objects.select_for_update().filter(pk=link.pk).first()
    if row is None:
        return
    gone = {key_of(name) for name in removed}
    kept = {key_of(name): name for name in [*row.tags, *added]}
    row.tags = [name for key, name in kept.items() if key not in gone]
    row.sent = digest
    row.save(update_fields=["tags", "sent", "updated_at"])


def _tags(contact: Contact) -> list[str]:
    return list(contact.tags.order_by("key").values_list("name", flat=True))


def _digest(card: Card) -> str:
    said: dict[str, Any] = asdict(card)
    for name in ("aliases", "tags_added", "tags_removed"):
        said.pop(name)
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:HASH_LENGTH]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    return str(value)
