"""Facts about contacts. An import tells one fact for all its rows."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from events.facts import Fact


@dataclass(frozen=True, kw_only=True)
class ContactCreated(Fact):
    """A contact came to be, by hand, over the API or by writing to us."""

    type: ClassVar[str] = "contact.created"

    contact: UUID
    source: str  # "manual", "api", "inbound"


@dataclass(frozen=True, kw_only=True)
class ContactUpdated(Fact):
    """Something about a contact changed."""

    type: ClassVar[str] = "contact.updated"

    contact: UUID
    changed: list[str]  # names of fields; "identities" and "tags" among them


@dataclass(frozen=True, kw_only=True)
class ContactDeleted(Fact):
    """A contact was put away; it can be restored."""

    type: ClassVar[str] = "contact.deleted"

    contact: UUID


@dataclass(frozen=True, kw_only=True)
class ContactRestored(Fact):
    """A deleted contact is back."""

    type: ClassVar[str] = "contact.restored"

    contact: UUID


@dataclass(frozen=True, kw_only=True)
class ContactMerged(Fact):
    """Two contacts became one: what was of `merged` is of `contact` now."""

    type: ClassVar[str] = "contact.merged"

    contact: UUID
    merged: UUID
    merge: UUID


@dataclass(frozen=True, kw_only=True)
class ContactUnmerged(Fact):
    """A merge was undone: `merged` is a contact of its own again."""

    type: ClassVar[str] = "contact.unmerged"

    contact: UUID
    merged: UUID
    merge: UUID


@dataclass(frozen=True, kw_only=True)
class ContactsToldApart(Fact):
    """Somebody said that two contacts that look like one person are two."""

    type: ClassVar[str] = "contact.told_apart"

    contact: UUID
    other: UUID


@dataclass(frozen=True, kw_only=True)
class ContactExported(Fact):
    """Somebody took out everything that is kept about a person."""

    type: ClassVar[str] = "contact.exported"

    contact: UUID


@dataclass(frozen=True, kw_only=True)
class ContactErased(Fact):
    """A person is erased: nothing of the company names them any more."""

    type: ClassVar[str] = "contact.erased"

    contact: UUID
    erasure: UUID


@dataclass(frozen=True, kw_only=True)
class ContactsExported(Fact):
    """Somebody asked for a file of many contacts."""

    type: ClassVar[str] = "contacts.exported"

    export: UUID
    format: str
    columns: list[str]


@dataclass(frozen=True, kw_only=True)
class ContactsChanged(Fact):
    """One change of many contacts ended: tags, lists, a deletion or its undo. Who was deleted or
    came back is told one by one beside it."""

    type: ClassVar[str] = "contacts.changed"

    bulk: UUID
    action: str  # crm.enums.BulkAction
    state: str  # "done", or "failed": a filter or list was gone
    changed: int


@dataclass(frozen=True, kw_only=True)
class ContactsTagged(Fact):
    """Contacts have a tag that they did not have."""

    type: ClassVar[str] = "contacts.tagged"

    tag: UUID
    contacts: list[UUID]


@dataclass(frozen=True, kw_only=True)
class ContactsUntagged(Fact):
    """A tag was taken off contacts."""

    type: ClassVar[str] = "contacts.untagged"

    tag: UUID
    contacts: list[UUID]


@dataclass(frozen=True, kw_only=True)
class ContactsListed(Fact):
    """Contacts are on a list on which they were not."""

    type: ClassVar[str] = "contacts.listed"

    contacts: list[UUID]
    list_id: UUID


@dataclass(frozen=True, kw_only=True)
class ContactOptedIn(Fact):
    """A contact agreed to be written to."""

    type: ClassVar[str] = "contact.opted_in"

    contact: UUID
    channel: str
    purpose: str
    source: str


@dataclass(frozen=True, kw_only=True)
class ContactOptedOut(Fact):
    """A contact wants no more of these messages."""

    type: ClassVar[str] = "contact.opted_out"

    contact: UUID
    channel: str
    purpose: str
    source: str


@dataclass(frozen=True, kw_only=True)
class SuppressionAdded(Fact):
    """Somebody put an address on the suppression list by hand."""

    type: ClassVar[str] = "suppression.added"

    suppression: UUID
    channel: str
    purpose: str
    masked: str
    note: str


@dataclass(frozen=True, kw_only=True)
class SuppressionRemoved(Fact):
    """Somebody took an address off the suppression list, and said why."""

    type: ClassVar[str] = "suppression.removed"

    channel: str
    purpose: str
    masked: str
    why: str


@dataclass(frozen=True, kw_only=True)
class ImportUndone(Fact):
    """An import was taken back; its contacts tell no facts of their own."""

    type: ClassVar[str] = "import.undone"

    import_id: UUID
    taken_out: int  # contacts that it created, deleted now
    given_back: int  # contacts that have again what it changed
    unchanged: int
    kept: int  # rows of which all or a part stays, since somebody built on it


@dataclass(frozen=True, kw_only=True)
class ImportCompleted(Fact):
    """An import ended; its rows tell no facts of their own."""

    type: ClassVar[str] = "import.completed"

    import_id: UUID
    kind: str = "contacts"  # or "suppressions", whose `updated` were on the list before
    state: str  # "done" or "failed"
    total: int
    created: int
    updated: int
    rejected: int
