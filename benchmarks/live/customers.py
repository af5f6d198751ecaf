"""Customers who write: Meta's callbacks, signed, one message each."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import time
from dataclasses import dataclass

import orjson

_ids = itertools.count(1)


@dataclass(frozen=True)
class Number:
    """Our number, as callbacks name it."""

    number_id: str
    account_id: str
    secret: str

    def callback(self, wa_id: str) -> tuple[bytes, dict[str, str]]:
        """(body, headers) of a text that a customer writes now."""
        body = orjson.dumps(self._payload(wa_id))
        signature = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        return body, {
            "Content-Type": "application/json",
            "X-Hub-Signature-256": f"sha256={signature}",
        }

    def _payload(self, wa_id: str) -> dict[str, object]:
        message = {
            "from": wa_id,
            "id": f"wamid.live.{next(_ids)}.{time.time_ns()}",
            "timestamp": str(int(time.time())),
            "type": "text",
            "text": {"body": "Ainda tem no tamanho M?"},
        }
        value = {
            "messaging_product": "whatsapp",
            "metadata": {"phone_number_id": self.number_id, "display_phone_number": "551140001000"},
            "contacts": [{"wa_id": wa_id, "profile": {"name": "Cliente"}}],
            "messages": [message],
        }
        change = {"field": "messages", "value": value}
        return {
            "object": "whatsapp_business_account",
            "entry": [{"id": self.account_id, "changes": [change]}],
        }
