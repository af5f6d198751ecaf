"""What arrives from a provider, in the port's neutral words: one value for each thing told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connections.providers.failures import FailureClass


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
    # The provider has read a wish about marketing in it, answered it, and tells it as a
    # PreferenceUpdate: nobody reads the words again.
    wish_told: bool = False
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message of ours. `kind`: accepted (the provider has it, no more), sent,
    delivered, read, played, failed, deleted, or a word of the provider's that we do not know (kept,
    without effect on the rank)."""

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
    retry_after: float | None = None  # for failed: seconds until another attempt makes sense
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
