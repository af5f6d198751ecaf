"""Twilio's callbacks: are they genuine, and what do they say.

Source: Twilio, "Webhooks security", "Twilio's request to your incoming message webhook URL",
"Track outbound message status" and "Advanced opt-out".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from django.utils.datastructures import MultiValueDict
from twilio.request_validator import RequestValidator

from connections.providers.base import (
    Identities,
    InboundMedia,
    InboundMessage,
    Kept,
    Malformed,
    NeutralItem,
    PreferenceUpdate,
    Receipt,
    Unknown,
)
from connections.providers.evidence import read_mark
from connections.providers.twilio_sms.addresses import MARK, VIA
from connections.providers.twilio_sms.codes import meaning

MOST_FIELDS = 200
# Fields of ours beside Twilio's in what is kept; theirs are in capitals.
_AT = "received_at"
_IDEMPOTENCY = "I-Twilio-Idempotency-Token"
_RECEIPTS = {
    "accepted": "accepted",
    "scheduled": "accepted",
    "queued": "accepted",
    "sending": "accepted",
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "failed",
}
_RECEIVED = frozenset({"received", "receiving"})
_PREFERENCES = {"STOP": False, "START": True}
# Without advanced opt-out Twilio blocks, unblocks and answers at these words all the same, and
# hands them on without a mark (help.twilio.com, "Twilio support for opt-out keywords").
ANSWERED_KEYWORDS = frozenset(
    {
        "stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke",
        "start", "unstop",
    }
)  # fmt: skip
_MEDIA = {"image": "image", "video": "video", "audio": "audio"}

Form = Mapping[str, str]


def verify_signature(raw: bytes, header: str, secret: str, *, url: str) -> bool:
    """`X-Twilio-Signature`: the HMAC-SHA1 of the address and all fields under the auth token,
    judged by Twilio's own validator."""
    if not (secret and header):
        return False
    try:
        body = raw.decode()
        if "bodySHA256" in parse_qs(urlsplit(url).query):
            return RequestValidator(secret).validate(url, body, header)
        fields = parse_qs(body, keep_blank_values=True, max_num_fields=MOST_FIELDS)
        return RequestValidator(secret).validate(url, MultiValueDict(fields), header)
    except ValueError:  # not UTF-8, too many fields, a port that is none
        return False


def keep(raw: bytes, *, query: str, headers: Mapping[str, str], at: datetime) -> Kept:
    """The form with what our address says of it and when it came: Twilio tells no time."""
    asked = dict(parse_qsl(query))
    ours = {name: asked[name] for name in (MARK, VIA) if name in asked}
    body = raw + b"&" + urlencode({**ours, _AT: at.timestamp()}).encode()
    token = headers.get(_IDEMPOTENCY, "")
    return Kept(body, token.encode() or _identity(_fields(raw)))


def parse(body: bytes) -> list[NeutralItem]:
    """What one callback says: a text that arrived (and the wish in it), or a receipt."""
    try:
        form = _fields(body)
        return _items(form)
    except (KeyError, ValueError, OverflowError) as error:
        text = body[:2000].decode("utf-8", "replace")
        return [Malformed(f"{type(error).__name__}: {error}"[:200], {"body": text})]


def _fields(raw: bytes) -> dict[str, str]:
    pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    return dict(pairs)


def _identity(form: Form) -> bytes:
    names = ("AccountSid", "MessageSid", "MessageStatus", "SmsStatus")
    return " ".join(form.get(name, "") for name in names).encode()


def _items(form: Form) -> list[NeutralItem]:
    status = form.get("MessageStatus") or form.get("SmsStatus", "")
    if status in _RECEIVED:
        return [*_messages(form), *_preference(form)]
    if status and form.get("MessageSid"):
        return [_receipt(form, status)]
    return [Unknown("callback", form.get("AccountSid", ""), _number(form, "To"), dict(form))]


def _messages(form: Form) -> list[NeutralItem]:
    """The text; further files of an MMS are messages of their own."""
    count = int(form.get("NumMedia") or 0)
    return [_message(form, index) for index in range(max(1, count))]


def _message(form: Form, index: int) -> InboundMessage:
    media = _media(form, index)
    kind = _MEDIA.get(media.mime.partition("/")[0], "document") if media else "text"
    words = form.get("Body", "") if index == 0 else ""
    return InboundMessage(
        number_id=_number(form, "To"),
        account_id=form["AccountSid"],
        external_id=form["MessageSid"] if index == 0 else f"{form['MessageSid']}/{index}",
        identities=_sender(form),
        at=_at(form),
        kind=kind,
        content={"caption": words} if media else {"text": words},
        media=media,
        wish_told=form.get("OptOutType", "").upper() in _PREFERENCES,
        raw=dict(form),
    )


def _media(form: Form, index: int) -> InboundMedia | None:
    """A file is named by its place in the account, so that no callback names a host to us."""
    url = form.get(f"MediaUrl{index}", "")
    _, found, place = url.partition(f"/Accounts/{form['AccountSid']}/")
    if not found:
        return None
    return InboundMedia(external_id=place, mime=form.get(f"MediaContentType{index}", ""))


def _preference(form: Form) -> list[PreferenceUpdate]:
    """With advanced opt-out Twilio says what it understood, and has answered already."""
    wish = _PREFERENCES.get(form.get("OptOutType", "").upper())
    if wish is None:
        return []
    return [
        PreferenceUpdate(
            number_id=_number(form, "To"),
            account_id=form["AccountSid"],
            identities=_sender(form),
            marketing=wish,
            at=_at(form),
            raw=dict(form),
        )
    ]


def _receipt(form: Form, status: str) -> Receipt:
    kind = _RECEIPTS.get(status, status)
    send_key, attempt = read_mark(form.get(MARK))
    code = form.get("ErrorCode", "") if kind == "failed" else ""
    known = meaning(int(code)) if code.isdecimal() else None
    return Receipt(
        number_id=_number(form, "From"),
        account_id=form.get("AccountSid", ""),
        external_id=form["MessageSid"],
        kind=kind,
        at=_at(form),
        send_key=send_key,
        attempt=attempt,
        recipient=form.get("To", "").lstrip("+"),
        code=code,
        detail=form.get("ErrorMessage", "")[:500],
        klass=known.klass if known else None,
        retry_after=known.retry_after if known else None,
        pricing=_pricing(form),
        raw=dict(form),
    )


def _pricing(form: Form) -> dict[str, str | bool] | None:
    """Twilio writes what it charged as a negative amount, once it is known."""
    price = form.get("Price", "")
    if not price:
        return None
    return {
        "billable": True,
        "category": "sms",
        "amount": price.lstrip("-"),
        "currency": form.get("PriceUnit", "USD").upper(),
    }


def _number(form: Form, field: str) -> str:
    """The number that is ours: the service our address names, else the one in the form."""
    return form.get(VIA) or form.get(field, "")


def _sender(form: Form) -> Identities:
    return Identities(phone=form["From"].lstrip("+"))


def _at(form: Form) -> datetime:
    return datetime.fromtimestamp(float(form[_AT]), UTC)
