"""What another system has, taken over: contacts found or made, empty fields filled, tags agreed.

What stands here is never overwritten; their tags are followed where both sides share them. What
was so there before the account was connected is history and no news: nobody hears of it
(`bus.history`), so that a first reading greets nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from typing import cast

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from core.errors import Conflict, Invalid
from crm import phones
from crm.enums import IdentityKind
from crm.models import Contact
from crm.phones import BadPhone
from crm.services import contacts, identities
from crm.services.contacts import Changes
from crm.services.identities import Known
from crm.services.tags import MAX_LENGTH, key_of
from events import bus
from integrations.enums import Thing
from integrations.models import ExternalId, Integration
from integrations.preferences import Preferences
from integrations.providers.base import RemoteContact

SOURCE = "integration"
CREATED, UPDATED, UNCHANGED, SKIPPED = "created", "updated", "unchanged", "skipped"


def actor_of(integration: Integration) -> str:
    """Who changed a contact, as events name it; what it changed is not sent back to it."""
    return f"integration:{integration.pk}"


def apply(integration: Integration, remote: Sequence[RemoteContact]) -> Counter[str]:
    """A page of their contacts, in the caller's transaction; how many were what."""
    known = ExternalId.objects.filter(
        integration=integration,
        thing=Thing.CONTACT,
        external_id__in=[one.id for one in remote],
    )
    links = {link.external_id: link for link in known.select_related("contact")}
    chosen = Preferences.of(integration.preferences)
    taker = _Taker(integration, chosen, links)
    return Counter(map(taker.take, remote))


class _Taker:
    def __init__(
        self, integration: Integration, chosen: Preferences, links: dict[str, ExternalId]
    ) -> None:
        self.integration, self.chosen, self.links = integration, chosen, links
        self.ours = {theirs: ours for ours, theirs in chosen.mapping.items()}

    def take(self, remote: RemoteContact) -> str:
        """Take one of them over; what became of it."""
        with bus.history() if self._is_history(remote) else nullcontext():
            return self._take(remote)

    def _is_history(self, remote: RemoteContact) -> bool:
        since = self.integration.connected_at
        return remote.changed_at is None or since is None or remote.changed_at < since

    def _take(self, remote: RemoteContact) -> str:
        link = self.links.get(remote.id)
        if link is not None and remote.version and link.read == remote.version:
            return UNCHANGED
        if link is not None:
            if link.contact.deleted_at is not None:
                return SKIPPED
            return self._follow(remote, link, UNCHANGED)
        contact, is_new = self._resolve(remote)
        if contact is None:
            return SKIPPED
        if self.integration.ids.filter(thing=Thing.CONTACT, contact=contact).exists():
            return SKIPPED  # the same person twice there: the first one stays
        link = ExternalId.objects.create(
            integration=self.integration,
            thing=Thing.CONTACT,
            contact=contact,
            external_id=remote.id,
        )
        self.links[remote.id] = link
        return self._follow(remote, link, CREATED if is_new else UPDATED)

    def _resolve(self, remote: RemoteContact) -> tuple[Contact | None, bool]:
        known = [*_phones(remote.phones), *_emails(remote.emails)]
        if not known:
            return None, False
        try:
            return identities.resolve(
                known=known, name=remote.name, source=SOURCE, evidence={"source": SOURCE}
            )
        except Conflict:
            return None, False  # erased here: only they themselves come back

    def _follow(self, remote: RemoteContact, link: ExternalId, otherwise: str) -> str:
        """Fill and tag, remember what was read; `otherwise` where nothing changed."""
        changes = self._changes(remote, link)
        changed = bool(changes) and self._change(link.contact, changes)
        if self.chosen.tags:
            link.tags = _possible(remote.tags)
        link.read = remote.version[:64]
        link.save(update_fields=["tags", "read", "updated_at"])
        return UPDATED if changed and otherwise == UNCHANGED else otherwise

    def _changes(self, remote: RemoteContact, link: ExternalId) -> Changes:
        changes: Changes = {}
        contact = link.contact
        if remote.name and not contact.name:
            changes["name"] = remote.name[: contacts.NAME_LENGTH]
        empty = {
            self.ours[pk]: value
            for pk, value in remote.fields.items()
            if pk in self.ours and contact.attributes.get(self.ours[pk]) in (None, "")
        }
        if empty:
            changes["attributes"] = empty
        if self.chosen.tags and (tags := _agreed(contact, remote, link)) is not None:
            changes["tags"] = tags
        return changes

    def _change(self, contact: Contact, changes: Changes) -> bool:
        """What does not fit here (a value that our field does not take) stays there; the rest is
        taken over without it, and one contact stops no reading."""
        actor = actor_of(self.integration)
        for unfit in ("", "attributes", "tags"):
            fitting = {name: value for name, value in changes.items() if name != unfit}
            changes = cast("Changes", fitting)
            if not changes:
                return False
            try:
                contacts.update_contact(contact=contact, changes=changes, actor=actor)
            except Invalid:
                continue
            return True
        return False


def _agreed(contact: Contact, remote: RemoteContact, link: ExternalId) -> list[str] | None:
    """Our tags after following what they changed since both sides agreed; None if nothing."""
    ours = {key_of(name): name for name in contact.tags.values_list("name", flat=True)}
    theirs = {key_of(name): name for name in _possible(remote.tags)}
    before = {key_of(name) for name in link.tags}
    added = {key: name for key, name in theirs.items() if key not in before and key not in ours}
    removed = {key for key in before if key not in theirs and key in ours}
    if not added and not removed:
        return None
    return [name for key, name in {**ours, **added}.items() if key not in removed]


def _possible(names: Sequence[str]) -> list[str]:
    """Their tags that can be ours; the others stay theirs alone, nothing is agreed on them."""
    return [name for name in names if 0 < len(" ".join(name.split())) <= MAX_LENGTH]


def _phones(texts: Sequence[str]) -> list[Known]:
    known = []
    for text in texts:
        try:
            known.append(Known(IdentityKind.PHONE, phones.parse(text).number))
        except BadPhone:
            continue
    return known


def _emails(texts: Sequence[str]) -> list[Known]:
    known = []
    for text in texts:
        try:
            validate_email(text)
        except ValidationError:
            continue
        known.append(Known(IdentityKind.EMAIL, text))
    return known
