"""Messages that were sent or received, as the Message resource shows them."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import orjson

from sandbox.journal import Journal

_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE = frozenset("^{}\\[~]|€\f")


@dataclass(slots=True)
class Text:
    """One message; ``at`` in seconds since the epoch."""

    sid: str
    account_sid: str
    sender: str
    to: str
    body: str
    at: float
    direction: str = "outbound-api"
    status: str = "queued"
    service_sid: str = ""
    callback: str = ""
    error_code: int | None = None
    price: str = ""

    @property
    def segments(self) -> int:
        """Into how many parts it was cut."""
        if set(self.body) <= _GSM | _GSM_TWICE:
            units = sum(2 if char in _GSM_TWICE else 1 for char in self.body)
            return 1 if units <= 160 else -(-units // 153)
        units = len(self.body.encode("utf-16-le")) // 2
        return 1 if units <= 70 else -(-units // 67)

    def public(self) -> dict[str, Any]:
        """The resource."""
        when = format_datetime(datetime.fromtimestamp(self.at, UTC))
        uri = f"/2010-04-01/Accounts/{self.account_sid}/Messages/{self.sid}"
        return {
            "account_sid": self.account_sid,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": when,
            "date_sent": when if self.status != "queued" else None,
            "date_updated": when,
            "direction": self.direction,
            "error_code": self.error_code,
            "error_message": None,
            "from": self.sender,
            "messaging_service_sid": self.service_sid or None,
            "num_media": "0",
            "num_segments": str(self.segments),
            "price": self.price or None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }


class Texts:
    """Every message, kept in memory and rebuilt from the journal after a restart."""

    def __init__(self, path: Path) -> None:
        self._texts: dict[str, Text] = {}
        self._journal = Journal(path)
        for line in self._journal.lines():
            text = Text(**orjson.loads(line))
            self._texts[text.sid] = text

    def get(self, sid: str) -> Text | None:
        return self._texts.get(sid)

    def newest(self, account_sid: str) -> Iterator[Text]:
        """An account's messages, the last one first."""
        return (one for one in reversed(self._texts.values()) if one.account_sid == account_sid)

    def write(self, text: Text) -> None:
        """Keep a message, or what became of it."""
        self._texts[text.sid] = text
        self._journal.append(orjson.dumps(asdict(text)))

    def wipe(self) -> None:
        """Forget everything."""
        self._journal.wipe()
        self._texts.clear()

    def close(self) -> None:
        self._journal.close()


def new_sid() -> str:
    """A fresh message id of the real look."""
    return f"SM{secrets.token_hex(16)}"
