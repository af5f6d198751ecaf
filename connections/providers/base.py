"""The port to every provider: one neutral vocabulary for what leaves, what arrives and what fails.

A provider translates between these words and its wire. It never decides a state, a retry or what
is stored, opens no database and knows no company. The product above names no provider.

Everything here is a plain value: frozen, made of built-in types, safe to carry into the asyncio
loop of the sender.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO, Any, NamedTuple, Protocol

from django.utils.functional import Promise

from connections.providers.failures import (
    NEUTRAL_CODES,
    TOKEN_EXPIRED,
    Explanation,
    FailureClass,
    ProviderError,
    SendError,
    WrongCredentialError,
)
from connections.providers.items import (
    Identities,
    InboundMedia,
    InboundMessage,
    Malformed,
    NeutralItem,
    NumberUpdate,
    PreferenceUpdate,
    Receipt,
    TemplateUpdate,
    Unknown,
)
from connections.providers.market import NumberMarket, NumberOffer, OwnedNumber

__all__ = [
    "NEUTRAL_CODES",
    "TOKEN_EXPIRED",
    "Acknowledgement",
    "Capabilities",
    "CredentialField",
    "Credentials",
    "Explanation",
    "FailureClass",
    "FetchedMedia",
    "Identities",
    "InboundMedia",
    "InboundMessage",
    "Kept",
    "Malformed",
    "NeutralItem",
    "NumberInfo",
    "NumberMarket",
    "NumberOffer",
    "NumberUpdate",
    "Outgoing",
    "OutgoingMedia",
    "OutgoingTemplate",
    "OwnedNumber",
    "PreferenceUpdate",
    "Provider",
    "ProviderError",
    "Receipt",
    "SendError",
    "SendResult",
    "Session",
    "TemplateInfo",
    "TemplateUpdate",
    "Unknown",
    "WrongCredentialError",
]

# The sender's HTTP session (aiohttp), opened by `core.http.sending_session` and by nobody else.
Session = Any

# --- Credentials --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Credentials:
    """Through which number, in whose name. `secrets` holds the keys that `Provider.fields` names.

    Not shown in reprs, so that no log line or traceback carries a token.
    """

    number_id: str
    account_id: str
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    callback_url: str = ""  # our address for receipts, where each message has to name it


# --- What leaves --------------------------------------------------------------------------------


class OutgoingTemplate(NamedTuple):
    """A template by name and language; `components` as a filler (`messaging.rendering`) makes
    them: one per part with its parameters in order."""

    name: str
    language: str
    components: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class OutgoingMedia:
    """A file: the provider's handle (`external_id`, from `upload_media`) or a public `link`."""

    external_id: str = ""
    link: str = ""
    caption: str = ""
    filename: str = ""
    voice: bool = False


class Outgoing(NamedTuple):
    """One message on its way out. `kind` is a value of `messaging.enums.MessageKind`; of the
    other fields only the one of that kind is filled; `text` also where a template is ours alone
    and leaves as text (`Capabilities.local_templates`).

    `send_key` (the row's, once and for ever) and `attempt` travel with it and come back in its
    receipts: the evidence by which an unclear send is settled.
    """

    send_key: str
    attempt: int
    to: str  # Thread.address: the provider's own id of the person, or E.164 digits
    kind: str
    text: str = ""
    preview_url: bool = True
    template: OutgoingTemplate | None = None
    media: OutgoingMedia | None = None
    location: Mapping[str, Any] | None = None  # latitude, longitude, name?, address?
    contacts: Sequence[Mapping[str, Any]] = ()  # {"name", "phones": [{"phone", "type"?}], …}
    interactive: Mapping[str, Any] | None = None  # the provider's shape, made by a form of ours
    reaction: str | None = None  # an emoji; "" takes the reaction back; `reply_to` is its target
    reply_to: str | None = None  # external id of the quoted (or reacted to) message


class SendResult(NamedTuple):
    """The provider has taken it. `wa_id` is the address it really writes to, when it tells."""

    external_id: str
    wa_id: str | None = None


# --- What the provider knows of us --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NumberInfo:
    """The number's card as the provider shows it now. `number_id` is how its callbacks name the
    number, where that is not what people type."""

    display_number: str
    verified_name: str
    quality: str = "UNKNOWN"  # connections.enums.Quality
    tier: str = ""
    rate_per_second: int | None = None
    token_expires_at: datetime | None = None
    number_id: str = ""


@dataclass(frozen=True, slots=True)
class TemplateInfo:
    """A template as the provider has it; `components` in the provider's shape."""

    external_id: str
    name: str
    language: str
    category: str
    status: str
    components: Sequence[Mapping[str, Any]]
    parameter_format: str = "POSITIONAL"
    reason: str = ""
    quality: str = ""


@dataclass(frozen=True, slots=True)
class FetchedMedia:
    """What `fetch_media` wrote into the sink."""

    mime: str
    size: int
    sha256: str  # hex, of the bytes that arrived
    filename: str = ""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do; the product asks here, never by its name."""

    kinds: frozenset[str]  # of messaging.enums.MessageKind, that it can send
    templates: bool = False  # it keeps and approves them: they are synced and submitted
    local_templates: bool = False  # they are ours alone and leave as text
    text_limit: int = 4096  # characters of a text
    handshake: bool = False  # it asks our address for a word before it posts there
    window_hours: int | None = None  # free-form only so long after the person wrote; None: always
    echoes_send_key: bool = False  # receipts carry it: unclear sends can be settled
    read_marks: bool = False
    read_receipts: bool = False  # it tells when a message was read
    default_rate_per_second: int = 1
    # Stops that end when the provider shows the number's card again; others (a ban, a debt) do not.
    token_codes: frozenset[str] = frozenset()
    # How long an unclear send waits for evidence before it counts as unconfirmed.
    evidence_wait_seconds: int = 900
    can_look_up: bool = False  # `look_up` finds what was sent; asked before giving up
    # Words that it obeys and answers itself when people write them (lower case).
    answered_keywords: frozenset[str] = frozenset()
    # To the same person one message in so many seconds, of which `pair_burst` may be borrowed.
    pair_seconds: float = 0.0
    pair_burst: int = 1
    # What a refusal makes of a template: code → messaging.enums.TemplateStatus.
    template_codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CredentialField:
    """A value that people must give to connect; the provider's `forms.py` draws it."""

    name: str
    label: str | Promise
    help: str | Promise = ""
    secret: bool = True
    required: bool = True
    keyboard: str = "text"  # the HTML inputmode


# --- Callbacks ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """What is stored of a callback and later parsed, and what makes it the same one again."""

    body: bytes
    key: bytes


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What a provider is answered when its callback is stored."""

    content_type: str
    body: str


# --- The port -----------------------------------------------------------------------------------


class Provider(Protocol):
    """One instance per process, without state of its own (see `connections.registry`)."""

    slug: str
    label: str
    channel: str  # "whatsapp"
    capabilities: Capabilities
    fields: Sequence[CredentialField]
    signature_header: str  # the header that carries the signature of a callback
    signing_secret: str  # the field whose value signs callbacks
    callback_route: str  # our address for its callbacks, by name; takes the routing id
    acknowledgement: Acknowledgement
    market: NumberMarket | None  # where numbers are bought, if it has such a place

    # -- the wire, in the sender's loop
    async def send(
        self, session: Session, credentials: Credentials, message: Outgoing
    ) -> SendResult:
        """Put one message on the wire. Raises SendError, and nothing else."""
        ...

    # -- callbacks: pure, no I/O
    def verify_signature(self, raw: bytes, header: str, secret: str, *, url: str) -> bool:
        """Whether `header` signs exactly these bytes, posted to `url` (our configured address, with
        its query); constant time; False for anything odd."""
        ...

    def keep(self, raw: bytes, *, query: str, headers: Mapping[str, str], at: datetime) -> Kept:
        """What to store of a genuine callback that came at `at`: all that `parse` needs."""
        ...

    def handshake(self, params: Mapping[str, str], verify_token: str) -> str | None:
        """The answer to a challenge of the provider (plain text), None when it is not right."""
        ...

    def parse(self, body: bytes) -> list[NeutralItem]:
        """Every item of one callback, in order. Never raises: what cannot be read is Malformed."""
        ...

    def explain(self, code: str) -> Explanation | None:
        """The sentence and the advice for a code of this provider; None for a foreign one."""
        ...

    # -- blocking calls (workers and pages); all raise ProviderError
    def upload_media(
        self, credentials: Credentials, file: IO[bytes], *, filename: str, mime: str
    ) -> str:
        """Hand a file to the provider; returns its handle there."""
        ...

    def fetch_media(
        self, credentials: Credentials, external_id: str, sink: IO[bytes], *, max_bytes: int
    ) -> FetchedMedia:
        """Stream a received file into `sink`, at most `max_bytes`."""
        ...

    def look_up(
        self,
        credentials: Credentials,
        *,
        to: str,
        text: str,
        since: datetime,
        known: Collection[str] = (),
    ) -> SendResult | None:
        """What became of a send whose answer was lost: the message with this text that went to
        `to` after `since` and is none of the `known` ids, None if there is none. Only where
        `capabilities.can_look_up`."""
        ...

    def mark_read(
        self, credentials: Credentials, external_id: str, *, typing: bool = False
    ) -> None:
        """Tell the person that their message (and those before it) was read."""
        ...

    def check(self, credentials: Credentials) -> NumberInfo:
        """The number's card, proving that the credentials work for exactly this number."""
        ...

    def verify_credentials(self, credentials: Credentials) -> NumberInfo:
        """As `check`, but tells which value is wrong: raises `WrongCredentialError`."""
        ...

    def subscribe(self, credentials: Credentials, *, callback_url: str, verify_token: str) -> None:
        """Have callbacks of this number and its account come to `callback_url`."""
        ...

    def unsubscribe(self, credentials: Credentials, *, whole_account: bool) -> None:
        """Have no more callbacks of this number come, nor any of its account."""
        ...

    def list_templates(self, credentials: Credentials) -> Iterator[TemplateInfo]:
        """Every template of the account, in every language, page by page."""
        ...

    def create_template(self, credentials: Credentials, template: TemplateInfo) -> TemplateInfo:
        """Submit a template for approval; returns it with its id and status."""
        ...

    def edit_template(self, credentials: Credentials, template: TemplateInfo) -> TemplateInfo:
        """Submit changed components of a template that exists there."""
        ...

    def delete_template(self, credentials: Credentials, *, external_id: str, name: str) -> None:
        """Delete one language of a template there. Already gone is fine."""
        ...
