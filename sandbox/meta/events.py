"""Meta's webhooks: what changed, packed into signed POST bodies."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

import orjson

from sandbox.accounts import Account, Number
from sandbox.meta.errors import GraphError
from sandbox.phones import user_id
from sandbox.webhooks import Parcel


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was accepted, as far as its statuses need it."""

    account: Account
    number: Number
    wamid: str
    wa_id: str
    name: str
    category: str
    opaque: str | None


@dataclass(frozen=True, slots=True)
class Status:
    """One status of a message: sent, delivered, read or failed (then with its error)."""

    message: Sent
    kind: str
    error: GraphError | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to report: a status, or a ready ``value`` of some webhook field."""

    account: Account
    status: Status | None = None
    value: dict[str, Any] | None = None
    field: str = "messages"
    forged: bool = False


def pack(url: str, changes: list[Change], *, now: float) -> list[Parcel]:
    """POST bodies for ``changes`` in their order: statuses of one number together in one change.

    Each app signs with its own secret, so changes of different apps never share a body; forged
    ones (a wrong signature on purpose) go alone and are never repeated.
    """
    parcels: list[Parcel] = []
    batch: list[Change] = []
    for change in changes:
        if batch and _label(change) != _label(batch[0]):
            parcels.append(_parcel(url, batch, now))
            batch = []
        batch.append(change)
    if batch:
        parcels.append(_parcel(url, batch, now))
    return parcels


def signature(body: bytes, secret: str) -> str:
    """The value of ``X-Hub-Signature-256`` for these bytes."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def metadata(number: Number) -> dict[str, str]:
    """The ``metadata`` object that says whose number this is about."""
    shown = "".join(filter(str.isdigit, number.display_phone_number))
    return {"display_phone_number": shown, "phone_number_id": number.id}


def contact(wa_id: str, name: str) -> dict[str, Any]:
    """The ``contacts`` item of a person."""
    return {"profile": {"name": name}, "wa_id": wa_id, "user_id": user_id(wa_id)}


def _label(change: Change) -> tuple[str, bool]:
    return change.account.app_secret, change.forged


def _parcel(url: str, changes: list[Change], now: float) -> Parcel:
    entries: list[dict[str, Any]] = []
    for change in changes:
        entry = _entry_for(change.account.waba_id, entries, now)
        if change.status is None:
            entry["changes"].append({"value": change.value, "field": change.field})
        else:
            _add_status(entry["changes"], change.status, now)
    body = orjson.dumps({"object": "whatsapp_business_account", "entry": entries})
    secret, forged = _label(changes[0])
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "facebookexternalua",
        "X-Hub-Signature-256": signature(body, secret + "-forged" if forged else secret),
    }
    return Parcel(url, body, headers, repeat=not forged)


def _entry_for(waba_id: str, entries: list[dict[str, Any]], now: float) -> dict[str, Any]:
    if not entries or entries[-1]["id"] != waba_id:
        entries.append({"id": waba_id, "time": int(now), "changes": []})
    return entries[-1]


def _add_status(changes: list[dict[str, Any]], status: Status, now: float) -> None:
    number = status.message.number
    last = changes[-1]["value"] if changes else {}
    if "statuses" not in last or last["metadata"]["phone_number_id"] != number.id:
        last = {
            "messaging_product": "whatsapp",
            "metadata": metadata(number),
            "contacts": [],
            "statuses": [],
        }
        changes.append({"value": last, "field": "messages"})
    last["contacts"].append(contact(status.message.wa_id, status.message.name))
    last["statuses"].append(_status(status, now))


def _status(status: Status, now: float) -> dict[str, Any]:
    message = status.message
    item: dict[str, Any] = {
        "id": message.wamid,
        "status": status.kind,
        "timestamp": str(int(now)),
        "recipient_id": message.wa_id,
        "recipient_user_id": user_id(message.wa_id),
    }
    if message.opaque is not None:
        item["biz_opaque_callback_data"] = message.opaque
    if status.error is not None:
        item["errors"] = [status.error.webhook()]
        return item
    item["conversation"] = {
        "id": hashlib.md5(  # noqa: S324 -- an identifier of the right look, nothing secret
            f"{message.number.id}:{message.wa_id}:{message.category}".encode()
        ).hexdigest(),
        "origin": {"type": message.category},
    }
    if status.kind == "sent":
        item["conversation"]["expiration_timestamp"] = str(int(now) + 86400)
    item["pricing"] = {
        "billable": True,
        "pricing_model": "PMP",
        "category": message.category,
        "type": "regular",
    }
    return item
