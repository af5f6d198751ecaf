"""The port to every provider: one neutral vocabulary for what leaves, what arrives and what fails.

A provider translates between these words and its wire. It never decides a state, a retry or what
is stored, opens no database and knows no company. The product above names no provider.

Everything here is a plain value: frozen, made of built-in types, safe to carry into the asyncio
loop of the sender.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import IO, Any, Protocol

from django.utils.functional import Promise

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


# --- What leaves --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OutgoingTemplate:
    """A template by name and language; `components` as `messaging.rendering.components_for_wire`
    builds them: one per part with its parameters in order."""

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


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message on its way out. `kind` is a value of `messaging.enums.MessageKind`; of the
    other fields only the one of that kind is filled.

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


@dataclass(frozen=True, slots=True)
class SendResult:
    """The provider has taken it. `wa_id` is the address it really writes to, when it tells."""

    external_id: str
    wa_id: str | None = None


# --- What fails ---------------------------------------------------------------------------------


class FailureClass(StrEnum):
    """What a failure means for us. Everything but AMBIGUOUS proves that nothing was accepted."""

    THROTTLED = "throttled"  # too fast for this number: the whole connection waits
    RETRYABLE = "retryable"  # this message may be tried again, after `retry_after` if given
    REJECTED = "rejected"  # never for this message
    OPTED_OUT = "opted_out"  # the person stopped this business's marketing
    TEMPLATE = "template"  # the template is missing, paused, disabled or does not fit
    AUTH = "auth"  # token, permission or account: the connection stops
    AMBIGUOUS = "ambiguous"  # it may or may not have been accepted; only evidence settles it


class ProviderError(Exception):
    """The provider, or the way to it, said no.

    Args:
        klass: what it means for us.
        code: the provider's own code as text ("131049"), or one of `NEUTRAL_CODES`.
        detail: the provider's words or the network's, redacted, at most 500 characters.
        retry_after: seconds to wait before the next attempt, when it is known.
        subcode: the provider's finer code, where it has one.
    """

    def __init__(
        self,
        klass: FailureClass,
        code: str,
        detail: str = "",
        retry_after: float | None = None,
        subcode: str = "",
    ) -> None:
        self.klass = klass
        self.code = code
        self.detail = detail[:500]
        self.retry_after = retry_after
        self.subcode = subcode
        super().__init__(f"{klass} {code}")


class SendError(ProviderError):
    """A send that did not end in a SendResult."""


# Codes of ours, the same for every provider, where no provider's code exists.
NEUTRAL_CODES = frozenset(
    {
        "not_connected",  # RETRYABLE: no byte left (DNS, refused, TLS)
        "no_answer",  # AMBIGUOUS: the request left, the answer was lost or never came
        "bad_answer",  # AMBIGUOUS: an answer that cannot be read or has no id
        "server_error",  # AMBIGUOUS: a failure of the server without the provider's own words
        "refused",  # RETRYABLE or THROTTLED: refused by something on the way (a proxy)
        "unsupported",  # REJECTED: this provider cannot send that
        "media_gone",  # REJECTED: the provider no longer has the file
        "media_too_large",  # REJECTED: over the cap
    }
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a code means and what to do about it, for people."""

    sentence: str | Promise
    advice: str | Promise


# --- What arrives -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Identities:
    """Every name of the sender that came along; any of them may be missing, never all.

    `phone` is E.164 without plus, when the provider shows it at all.
    """

    wa_id: str = ""
    bsuid: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class InboundMedia:
    """A file to fetch: `external_id` is the handle for `fetch_media`."""

    external_id: str
    mime: str = ""
    sha256: str = ""  # hex, when told
    filename: str = ""
    voice: bool = False
    animated: bool = False


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A person wrote to the number.

    `content` by `kind` (a value of `messaging.enums.MessageKind`):
    text `{"text"}` (+ `{"referral"}` when it came from an ad) · image, video, document
    `{"caption"}` · audio, sticker `{}` · location `{"latitude", "longitude", "name", "address"}` ·
    contacts `{"contacts": [{"name", "phones": [{"phone", "type", "wa_id"}], "emails": […]}]}` ·
    button `{"text", "payload"}` · interactive `{"type": "button"|"list"|"form", "id", "text",
    "description", "data"}` · reaction `{"emoji", "target"}` (target: external id of the message,
    empty emoji: taken back) · system `{"text", "type", "wa_id"}` (a changed number) · unknown
    `{"type", "raw"}` with what we have no word for (orders, polls, unsupported kinds), and
    `{"errors"}` when the provider says why.
    """

    number_id: str
    account_id: str
    external_id: str
    identities: Identities
    at: datetime  # the provider's time
    kind: str
    profile_name: str = ""
    content: Mapping[str, Any] = field(default_factory=dict)
    media: InboundMedia | None = None
    reply_to: str | None = None  # external id of the message it answers
    forwarded: bool = False
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message of ours. `kind`: sent, delivered, read, played, failed, deleted,
    or a word of the provider's that we do not know (kept, without effect on the rank)."""

    number_id: str
    account_id: str
    external_id: str
    kind: str
    at: datetime
    send_key: str | None = None  # as it was sent; None: this provider or message tells none
    attempt: int = 1
    recipient: str = ""
    recipient_bsuid: str = ""
    code: str = ""
    detail: str = ""
    klass: FailureClass | None = None  # for failed: what the code means for us
    pricing: Mapping[str, Any] | None = None
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class TemplateUpdate:
    """The provider changed a template: each value is None where the callback does not speak of
    it. Belongs to an account, not to a number."""

    account_id: str
    external_id: str
    name: str
    language: str
    status: str | None = None  # a value of messaging.enums.TemplateStatus
    reason: str = ""
    quality: str | None = None
    category: str | None = None
    number_id: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class NumberUpdate:
    """The provider changed the number or the account above it; None: not spoken of.

    `display_number` finds the number where the callback gives no number id. `stopped` is the code
    of why it may no longer send (a ban, a restriction), "" when it may again.
    """

    account_id: str
    number_id: str = ""
    display_number: str = ""
    verified_name: str | None = None
    quality: str | None = None
    tier: str | None = None
    stopped: str | None = None
    detail: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class PreferenceUpdate:
    """A person stopped (or resumed) marketing from this number, in the provider's own app."""

    number_id: str
    account_id: str
    identities: Identities
    marketing: bool
    at: datetime
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Unknown:
    """A callback of a kind that we do not treat: kept, shown, without effect."""

    topic: str  # the provider's word for what it is about
    account_id: str = ""
    number_id: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Malformed:
    """A piece that cannot be read; the others of its body are not touched by it."""

    error: str
    raw: Any = field(default=None, repr=False)
    account_id: str = ""
    number_id: str = ""


NeutralItem = (
    InboundMessage
    | Receipt
    | TemplateUpdate
    | NumberUpdate
    | PreferenceUpdate
    | Unknown
    | Malformed
)


# --- What the provider knows of us --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NumberInfo:
    """The number's card as the provider shows it now."""

    display_number: str
    verified_name: str
    quality: str = "UNKNOWN"  # connections.enums.Quality
    tier: str = ""
    rate_per_second: int | None = None
    token_expires_at: datetime | None = None


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
    templates: bool = False
    window_hours: int | None = None  # free-form only so long after the person wrote; None: always
    echoes_send_key: bool = False  # receipts carry it: unclear sends can be settled
    read_marks: bool = False
    default_rate_per_second: int = 1


@dataclass(frozen=True, slots=True)
class CredentialField:
    """A value that people must give to connect; the provider's `forms.py` draws it."""

    name: str
    label: str | Promise
    help: str | Promise = ""
    secret: bool = True
    required: bool = True


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
    callback_path: str  # our address for its callbacks, up to the connection's routing id

    # -- the wire, in the sender's loop
    async def send(
        self, session: Session, credentials: Credentials, message: Outgoing
    ) -> SendResult:
        """Put one message on the wire. Raises SendError, and nothing else."""
        ...

    # -- callbacks: pure, no I/O
    def verify_signature(self, raw: bytes, header: str, secret: str) -> bool:
        """Whether `header` signs exactly these bytes; constant time; False for anything odd."""
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


class WrongCredentialError(ProviderError):
    """One of the values given does not hold; `field` names it (a `CredentialField.name`,
    `number_id` or `account_id`) and `sentence` says it in everyday words."""

    def __init__(self, field_name: str, sentence: str | Promise, error: ProviderError) -> None:
        super().__init__(error.klass, error.code, error.detail, error.retry_after, error.subcode)
        self.field = field_name
        self.sentence = sentence
