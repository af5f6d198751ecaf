"""What people chose about an integration: `Integration.preferences`, read and checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conversations.events import ConversationResolved
from core.errors import Invalid
from crm.events import ContactCreated, ContactsTagged, ContactsUntagged, ContactUpdated
from crm.selectors import attribute_labels
from crm.services.contacts import ATTRIBUTE_KEY_LENGTH
from integrations.enums import NoteSight
from integrations.providers.base import storable

# What can be told to another system by itself, and what it becomes there.
PUSHES: dict[str, str | Promise] = {
    ContactCreated.type: _("New contacts"),
    ContactUpdated.type: _("Changes of contacts"),
    ConversationResolved.type: _("A note when a conversation is resolved"),
}
INTERVALS: dict[int, str | Promise] = {
    0: _("Only by hand"),
    60: _("Every hour"),
    180: _("Every 3 hours"),
    360: _("Every 6 hours"),
    720: _("Every 12 hours"),
    1440: _("Once a day"),
}
# Changes of many contacts at once, which are changes of each.
TAGGED = frozenset({ContactsTagged.type, ContactsUntagged.type})
MOST_MAPPED = 50


@dataclass(frozen=True, slots=True)
class Preferences:
    """What people chose, with what holds where they chose nothing.

    Attributes:
        pushes: types of events that are told (`PUSHES`).
        mapping: our field → the id of theirs.
    """

    pushes: frozenset[str] = frozenset(PUSHES)
    note_sight: str = NoteSight.PRIVATE
    tags: bool = True
    mapping: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Preferences:
        """What is stored on a row."""
        return cls(
            pushes=frozenset(stored.get("pushes", PUSHES)),
            note_sight=stored.get("note_sight", NoteSight.PRIVATE),
            tags=bool(stored.get("tags", True)),
            mapping=dict(stored.get("mapping", {})),
        )

    @property
    def types(self) -> frozenset[str]:
        """All events that these choices are about."""
        follows_tags = self.tags and ContactUpdated.type in self.pushes
        return self.pushes | TAGGED if follows_tags else self.pushes

    def as_json(self) -> dict[str, Any]:
        """As a row keeps it."""
        return {
            "pushes": sorted(self.pushes),
            "note_sight": str(self.note_sight),
            "tags": self.tags,
            "mapping": dict(self.mapping),
        }


def our_fields() -> dict[str, str]:
    """The company's own fields of contacts: key → what people call it."""
    return attribute_labels()


def _is_key(text: str) -> bool:
    return 0 < len(text) <= ATTRIBUTE_KEY_LENGTH and storable(text) == text


def check(chosen: Preferences, *, remote: Collection[str]) -> None:
    """Raises core.errors.Invalid, by field.

    Args:
        remote: the ids of the fields that the other system has.
    """
    errors: dict[str, Any] = {}
    if not chosen.pushes <= set(PUSHES):
        errors["pushes"] = _("Choose from the list.")
    if chosen.note_sight not in NoteSight.values:
        errors["note_sight"] = _("Choose from the list.")
    if not all(_is_key(key) for key in chosen.mapping):
        errors["mapping"] = _("Choose from the list.")
    targets = list(chosen.mapping.values())
    if len(targets) > MOST_MAPPED or not set(targets) <= set(remote):
        errors["mapping"] = _("This field does not exist there any more. Fetch the fields again.")
    elif len(set(targets)) < len(targets):
        errors["mapping"] = _("Two of your fields go to the same one there. Choose one of them.")
    if errors:
        raise Invalid(errors)
