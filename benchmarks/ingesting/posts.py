"""Signed posts, as they go over the wire: what Meta sends, and what a shop does."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator

PEOPLE = 400


def meta(
    path: str, secret: str, *, number_id: str, account_id: str, count: int, series: str
) -> Iterator[bytes]:
    """Text messages of a few hundred people, each of its own id; `series` tells them apart."""
    for index in range(count):
        body = json.dumps(_message(number_id, account_id, f"wamid.{series}.{index}", index))
        signature = hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()
        yield request(path, body.encode(), {"X-Hub-Signature-256": f"sha256={signature}"})


def source(path: str, secret: str, *, count: int, series: str) -> Iterator[bytes]:
    """PIX charges of the same people, each of its own id, signed as sources sign."""
    for index in range(count):
        body = json.dumps(_charge(f"{series}-{index}", index)).encode()
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        yield request(path, body, {"X-Signature": signature})


def request(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """A POST of JSON, keep-alive."""
    lines = {
        "Host": "localhost",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        **headers,
    }
    text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {path} HTTP/1.1\r\n{text}\r\n".encode() + body


def _charge(order: str, index: int) -> dict[str, object]:
    person = index % PEOPLE
    return {
        "eventType": "pix_created",
        "eventId": f"event-{order}",
        "orderId": order,
        "customer": {
            "name": f"Cliente {person}",
            "email": f"cliente{person}@example.com",
            "phoneNumber": f"119{person:08d}",
        },
        "product": {"name": "Curso de fotografia", "quantity": 1},
        "total": 97.5,
        "qrCode": "00020126890014br.gov.bcb.pix2567pix.example.com/qr/v2/" + "0" * 80,
    }


def _message(number_id: str, account_id: str, wamid: str, index: int) -> dict[str, object]:
    person = f"55119{index % PEOPLE:08d}"
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "551140001000", "phone_number_id": number_id},
        "contacts": [{"profile": {"name": f"Cliente {index % PEOPLE}"}, "wa_id": person}],
        "messages": [
            {
                "from": person,
                "id": wamid,
                "timestamp": str(int(time.time())),
                "type": "text",
                "text": {"body": f"Bom dia, ainda tem o produto {index}? Obrigado! " * 3},
            }
        ],
    }
    entry = {"id": account_id, "changes": [{"value": value, "field": "messages"}]}
    return {"object": "whatsapp_business_account", "entry": [entry]}
