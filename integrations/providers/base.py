"""The port to every system that we work with: one neutral vocabulary.

A provider translates between these words and its wire. It decides no state and no retry, opens no
database and knows no company. Before each request it spends a unit of the account's rate
(`Access.spend`), which waits a moment or raises `Busy`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.utils.functional import Promise

Text = str | Promise
Checkpoint = Mapping[str, Any]  # JSON; empty: from the beginning


def storable(text: str) -> str:
    """A text without what PostgreSQL cannot keep: NUL, and halves of a pair of surrogates."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")


# --- What fails ---------------------------------------------------------------------------------


class ProviderError(Exception):
    """The other system said no, or nothing. `code` is short and stable, `detail` its own words."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.detail = code, storable(detail)[:500]


class Refused(ProviderError):
    """It understood and will not; the same request again would end the same way."""


class Unreachable(ProviderError):
    """No answer, or a broken one: it may have acted or not. Worth another try."""


class Busy(ProviderError):
    """Too fast, for them or for our own pace: again in `seconds`."""

    def __init__(self, code: str, seconds: float) -> None:
        super().__init__(code)
        self.seconds = seconds


class TokenRefused(ProviderError):
    """The access token does not open the account (any more); a refreshed one may."""


class Revoked(ProviderError):
    """Access ended there: people have to connect again."""


# --- Access -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Access:
    """How one account is asked. Not shown in reprs, so that no log line carries a token.

    Attributes:
        account: whose key it is (`Account.id`); empty while that is being found out.
    """

    config: Mapping[str, Any]
    token: str = field(repr=False)
    account: str = ""
    spend: Callable[[], None] = field(repr=False, default=lambda: None)


@dataclass(frozen=True, slots=True)
class Grant:
    """What opens an account: `secrets` are kept encrypted, `config` (its address) is not."""

    secrets: Mapping[str, str] = field(repr=False)
    config: Mapping[str, Any]
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """Whose account it is, as the other system names it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class CredentialField:
    """A value that people give to connect without OAuth. What is not secret becomes `config`."""

    name: str
    label: Text
    help: Text = ""
    secret: bool = True
    initial: str = ""


# --- What travels -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RemoteField:
    """A field that contacts have there."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Card:
    """A contact of ours on its way out; `fields` by the ids of theirs."""

    name: str
    phones: Sequence[str] = ()  # E.164
    aliases: Sequence[str] = ()  # other spellings of these, to search by
    email: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    tags_added: Sequence[str] = ()
    tags_removed: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class RemoteContact:
    """A contact as it is there.

    Attributes:
        version: changes whenever it does.
        changed_at: when it last did; None where that is not said.
        leads: its leads, the newest first.
    """

    id: str
    name: str = ""
    phones: Sequence[str] = ()
    emails: Sequence[str] = ()
    tags: Sequence[str] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    changed_at: datetime | None = None
    leads: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """Some contacts, and from where on to read the next page; `after` None: that was all, and
    `watermark` is where the next run begins."""

    contacts: Sequence[RemoteContact]
    after: Checkpoint | None
    watermark: Checkpoint = field(default_factory=dict)


# --- The port -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a system can do; the product asks here, never by its name."""

    oauth: bool = False  # and this installation has the keys for it: `Provider.offers_oauth`
    pushes: bool = False  # it takes contacts and notes
    tags: bool = False
    syncs: bool = False  # what it has can be read page by page
    is_verified: bool = True  # written after public documentation


class Provider(Protocol):
    """One instance per process, without state of its own (see `integrations.registry`)."""

    slug: str
    label: str
    icon: str
    description: Text
    capabilities: Capabilities
    fields: Sequence[CredentialField]  # to connect without OAuth

    @property
    def rate_per_second(self) -> float:
        """How many requests a second an account may be asked; they go one by one."""
        ...

    # -- connecting
    def offers_oauth(self) -> bool:
        """Whether this installation is known there."""
        ...

    def authorize_url(self, *, state: str, redirect_uri: str) -> str:
        """Where people say yes; they come back to `redirect_uri` with the state."""
        ...

    def exchange(self, params: Mapping[str, str], *, redirect_uri: str) -> Grant:
        """What the way back from there brought, for keys. Raises ProviderError."""
        ...

    def refresh(
        self, config: Mapping[str, Any], secrets: Mapping[str, str], *, redirect_uri: str
    ) -> Grant:
        """New keys for those that ended; the old ones are void. Raises Revoked, ProviderError."""
        ...

    def grant_of(self, values: Mapping[str, str]) -> Grant:
        """The keys that somebody typed (`fields`). Raises Refused, with the field as its code."""
        ...

    def account(self, access: Access) -> Account:
        """Whose keys they are: proves that they work. Raises ProviderError."""
        ...

    # -- what it has (all raise ProviderError)
    def remote_fields(self, access: Access) -> list[RemoteField]:
        """Fields that a mapping may name."""
        ...

    def page(self, access: Access, checkpoint: Checkpoint) -> Page:
        """The next contacts behind a checkpoint, or behind the watermark of an earlier run."""
        ...

    # -- what it is told (all raise ProviderError)
    def get(self, access: Access, external_id: str) -> RemoteContact | None:
        """A contact by its id; None if it is gone."""
        ...

    def find(self, access: Access, card: Card) -> RemoteContact | None:
        """The contact that has one of these phones or the e-mail."""
        ...

    def create(self, access: Access, card: Card) -> str:
        """A new contact; its id."""
        ...

    def update(self, access: Access, external_id: str, card: Card) -> None:
        """Change what the card names and nothing else."""
        ...

    def create_lead(self, access: Access, *, contact: str, name: str) -> str:
        """A lead of that contact; its id."""
        ...

    def add_note(self, access: Access, *, lead: str, text: str, is_public: bool) -> str:
        """A note on a lead; its id."""
        ...

    def find_note(self, access: Access, *, lead: str, text: str) -> str:
        """The id of a recent note with exactly this text; empty if there is none."""
        ...
