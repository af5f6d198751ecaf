"""Meta's callbacks: are they genuine, and what do they say.

Tolerant on purpose: whatever is missing is left out, whatever is new is kept as Unknown, and a
piece that cannot be read is one Malformed item beside its healthy neighbours.

Source: Meta, "Webhooks" reference of the WhatsApp Business Platform (fields messages,
message_template_*, phone_number_*, account_*, business_capability_update, user_preferences).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson

from connections.providers.base import Malformed, NeutralItem, Unknown
from connections.providers.loose import listed, mapping, text
from connections.providers.whatsapp_cloud.accounts import ACCOUNT_FIELDS
from connections.providers.whatsapp_cloud.fields import Place
from connections.providers.whatsapp_cloud.messages import read_message
from connections.providers.whatsapp_cloud.preferences import read_preference
from connections.providers.whatsapp_cloud.statuses import read_status

_PREFIX = "sha256="
# Meta's callbacks are a dozen levels deep; whatever walks through items walks by recursion.
DEEPEST = 100
TOO_DEEP = "nested too deeply"
# The escape of a NUL, and the escaped backslashes before it that are not its own.
_SPELT_NUL = b"\\u0000"
_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")

Reader = Callable[[Place, Mapping[str, Any]], NeutralItem]


def verify_signature(raw: bytes, header: str, secret: str) -> bool:
    """`X-Hub-Signature-256`: the HMAC-SHA256 of exactly these bytes under the app secret."""
    if not secret or not header.startswith(_PREFIX):
        return False
    expected = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    given = header.removeprefix(_PREFIX).lower()
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


def handshake(params: Mapping[str, str], verify_token: str) -> str | None:
    """The challenge to echo when Meta asks whether an address is ours."""
    given = params.get("hub.verify_token", "").encode("utf-8", "replace")
    is_ours = bool(verify_token) and hmac.compare_digest(given, verify_token.encode())
    if params.get("hub.mode") != "subscribe" or not is_ours:
        return None
    return params.get("hub.challenge")


def parse(body: bytes) -> list[NeutralItem]:
    """Every item of a callback: each entry, change, message and status, in their order."""
    try:
        envelope = _decoded(body)
    except ValueError as error:
        return [Malformed(f"not JSON: {error}"[:200], body[:2000].decode("utf-8", "replace"))]
    if not isinstance(envelope, dict) or not isinstance(envelope.get("entry"), list):
        return [Malformed("no list of entries", envelope)]
    return [item for entry in envelope["entry"] for item in _of_entry(entry)]


def _decoded(body: bytes) -> Any:
    """The JSON of a body, without what no text of ours can hold: NULs are left out, half pairs
    and bad bytes are replaced. One person's broken emoji must not take the whole
    callback along.

    Raises:
        ValueError: it is no JSON, or nested deeper than anything that Meta says.
    """
    if _SPELT_NUL in body:
        body = _NUL.sub(rb"\1", body)
    try:
        return _shallow(orjson.loads(body))
    except orjson.JSONDecodeError:
        try:
            lenient = _shallow(json.loads(body.decode("utf-8", "replace")))
        except RecursionError:
            raise ValueError(TOO_DEEP) from None
        return orjson.loads(json.dumps(lenient, ensure_ascii=False).encode("utf-8", "replace"))


def _shallow(decoded: Any) -> Any:
    """The same, if whoever handles it may follow it down to its end.

    Raises:
        ValueError: it is nested too deeply.
    """
    level = [decoded]
    for _ in range(DEEPEST):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return decoded
    raise ValueError(TOO_DEEP)


def _of_entry(entry: object) -> Iterator[NeutralItem]:
    if not isinstance(entry, dict):
        yield Malformed("entry is not an object", entry)
        return
    account_id = text(entry, "id")
    changes = entry.get("changes")
    if not isinstance(changes, list):
        yield Malformed("entry without a list of changes", entry, account_id)
        return
    for change in changes:
        yield from _of_change(account_id, entry, change)


def _of_change(account_id: str, entry: Mapping[str, Any], change: object) -> Iterator[NeutralItem]:
    if not isinstance(change, dict) or not isinstance(change.get("value"), dict):
        yield Malformed("change without a value", change, account_id)
        return
    name, value = text(change, "field"), change["value"]
    metadata = mapping(value, "metadata")
    place = Place(
        account_id=account_id,
        number_id=text(metadata, "phone_number_id"),
        field=name,
        time=entry.get("time"),
        contacts=tuple(one for one in listed(value, "contacts") if isinstance(one, dict)),
    )
    if name == "messages":
        yield from _of_messages(place, value)
    elif name == "user_preferences":
        yield from _each(place, value, "user_preferences", read_preference)
    elif name in ACCOUNT_FIELDS:
        yield _read(place, value, ACCOUNT_FIELDS[name])
    else:
        yield Unknown(name, account_id, place.number_id, change)


def _of_messages(place: Place, value: Mapping[str, Any]) -> Iterator[NeutralItem]:
    """One change may carry messages, statuses and errors; each list may be missing."""
    yield from _each(place, value, "messages", read_message)
    yield from _each(place, value, "statuses", read_status)
    if not (value.get("messages") or value.get("statuses")):
        yield Unknown(place.field, place.account_id, place.number_id, value)


def _each(
    place: Place, value: Mapping[str, Any], key: str, reader: Reader
) -> Iterator[NeutralItem]:
    items = value.get(key)
    if items is not None and not isinstance(items, list):
        yield _malformed(place, f"{key} is not a list", items)
        return
    for item in items or ():
        yield _read(place, item, reader)


def _read(place: Place, item: object, reader: Reader) -> NeutralItem:
    """One item; whatever is wrong with it stays its own matter."""
    if not isinstance(item, dict):
        return _malformed(place, "item is not an object", item)
    try:
        return reader(place, item)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        return _malformed(place, f"{type(error).__name__}: {error}"[:200], item)


def _malformed(place: Place, error: str, raw: object) -> Malformed:
    return Malformed(error, raw, place.account_id, place.number_id)
