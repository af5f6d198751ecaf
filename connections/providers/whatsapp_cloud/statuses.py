"""What became of our messages: the items of `statuses`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connections.providers.base import Receipt
from connections.providers.evidence import read_mark
from connections.providers.loose import mapping, objects, text
from connections.providers.whatsapp_cloud.codes import meaning
from connections.providers.whatsapp_cloud.errors import class_of, told_once
from connections.providers.whatsapp_cloud.fields import Place, moment


def read_status(place: Place, item: Mapping[str, Any]) -> Receipt:
    """One status. Raises KeyError or ValueError when its id, kind or time is missing."""
    external_id, kind = text(item, "id"), text(item, "status")
    if not (external_id and kind):
        raise KeyError("id" if not external_id else "status")
    send_key, attempt = read_mark(item.get("biz_opaque_callback_data"))
    error = next(iter(objects(item, "errors")), {})
    code = text(error, "code")
    return Receipt(
        number_id=place.number_id,
        account_id=place.account_id,
        external_id=external_id,
        kind=kind,
        at=moment(item["timestamp"]),
        send_key=send_key,
        attempt=attempt,
        recipient=text(item, "recipient_id"),
        recipient_bsuid=text(item, "recipient_user_id"),
        code=code,
        detail=_detail(error),
        **(_meaning(code) if kind == "failed" else {}),
        pricing=_pricing(item),
        raw=item,
    )


def _meaning(code: str) -> dict[str, Any]:
    """What a failure means for us; a code that nobody knows is final, as the receipt is."""
    if not code.isdecimal():
        return {}
    number = int(code)
    known = meaning(number)
    return {"klass": class_of(number), "retry_after": known.retry_after if known else None}


def _detail(error: Mapping[str, Any]) -> str:
    details = text(mapping(error, "error_data"), "details")
    return told_once(text(error, "message") or text(error, "title"), details)[:500]


def _pricing(item: Mapping[str, Any]) -> Mapping[str, Any] | None:
    pricing = dict(mapping(item, "pricing"))
    origin = text(mapping(mapping(item, "conversation"), "origin"), "type")
    if origin:
        pricing["conversation"] = origin
    return pricing or None
