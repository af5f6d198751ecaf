"""Neutral items as rows and back: what the provider port tells, kept as JSON.

Rows outlive releases: a field that is new is left at its default, one that is gone is passed over.
Receipts come three to a message, ten to a callback: those that stand together are one row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, fields, is_dataclass
from datetime import datetime
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from connections.providers import base
from connections.providers.base import NeutralItem

MALFORMED = "malformed"
KINDS: dict[str, type] = {
    "message": base.InboundMessage,
    "status": base.Receipt,
    "template": base.TemplateUpdate,
    "number": base.NumberUpdate,
    "preference": base.PreferenceUpdate,
    "unknown": base.Unknown,
    MALFORMED: base.Malformed,
}
_NAMES = {kind: name for name, kind in KINDS.items()}
# Several receipts: {"number_id", "account_id", "receipts": [what each says, not its raw form]}.
BUNDLE = "statuses"
_RECEIPT_WORDS = (
    *("external_id", "kind", "send_key", "recipient", "recipient_bsuid", "code", "detail", "klass"),
)
KEY_LENGTH = 300
NUL = "\x00"


@dataclass(frozen=True, slots=True)
class Packed:
    """An item ready to be stored: what it is, what makes it the same item, what it says."""

    position: int
    kind: str
    key: str
    data: dict[str, Any]


def pack(item: NeutralItem, position: int) -> Packed:
    """The row of an item, which stood at `position` of its envelope."""
    return Packed(position, _NAMES[type(item)], _key(item)[:KEY_LENGTH], _plain(asdict(item)))


def bundle(receipts: Sequence[base.Receipt], position: int) -> Packed:
    """The row of receipts that stood together, of one number, the first at `position`."""
    first = receipts[0]
    key = _key(first)
    if len(receipts) > 1:
        key = f"{key} (+{len(receipts) - 1})"
    data = {
        "number_id": first.number_id,
        "account_id": first.account_id,
        "receipts": [_told(receipt) for receipt in receipts],
    }
    return Packed(position, BUNDLE, key[:KEY_LENGTH], data)


def unbundle(data: Mapping[str, Any]) -> list[base.Receipt]:
    """The receipts of a row of kind `BUNDLE`.

    Raises:
        KeyError, TypeError, ValueError: the row is of a shape that we no longer have.
    """
    place = {"number_id": data["number_id"], "account_id": data["account_id"]}
    return [_build(base.Receipt, {**place, **told}) for told in data["receipts"]]


def unpack(kind: str, data: Mapping[str, Any]) -> NeutralItem:
    """The item of a row.

    Raises:
        KeyError, TypeError, ValueError: the row is of a kind or shape that we no longer have.
    """
    return _build(KINDS[kind], data)


def _key(item: NeutralItem) -> str:
    if isinstance(item, base.InboundMessage):
        return item.external_id
    if isinstance(item, base.Receipt):
        return f"{item.external_id} {item.kind}"
    if isinstance(item, base.TemplateUpdate):
        return f"{item.name} {item.language} {item.status or ''}".strip()
    if isinstance(item, base.NumberUpdate):
        return item.number_id or item.display_number or item.account_id
    if isinstance(item, base.PreferenceUpdate):
        return item.identities.wa_id or item.identities.bsuid
    return item.topic if isinstance(item, base.Unknown) else item.error


def _told(receipt: base.Receipt) -> dict[str, Any]:
    """What a receipt says, as JSON; what it does not speak of is left out."""
    told: dict[str, Any] = {"at": receipt.at.isoformat(), "attempt": receipt.attempt}
    for name in _RECEIPT_WORDS:
        word = getattr(receipt, name)
        if word:
            told[name] = word.replace(NUL, "")
    if receipt.retry_after is not None:
        told["retry_after"] = receipt.retry_after
    if receipt.pricing:
        told["pricing"] = _plain(receipt.pricing)
    return told


def _plain(value: Any) -> Any:
    """As PostgreSQL's JSON takes it: times as ISO 8601, and no NUL, which it refuses."""
    if isinstance(value, str):
        return (value.value if isinstance(value, Enum) else value).replace(NUL, "")
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key).replace(NUL, ""): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _build(kind: type, data: Mapping[str, Any]) -> Any:
    hints = get_type_hints(kind)
    values = {}
    for column in fields(kind):
        if column.name in data:
            values[column.name] = _value(hints[column.name], data[column.name])
        elif column.default is MISSING and column.default_factory is MISSING:
            message = f"{kind.__name__} without {column.name}"
            raise ValueError(message)
    return kind(**values)


def _value(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if get_origin(hint) in (Union, UnionType):
        [hint] = [part for part in get_args(hint) if part is not type(None)][:1]
    if hint is datetime:
        return datetime.fromisoformat(value)
    if isinstance(hint, type) and is_dataclass(hint):
        return _build(hint, value)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    return value
