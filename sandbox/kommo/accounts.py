"""Kommo accounts: who may ask, and the contacts, leads and notes that they hold."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

DEMO_SUBDOMAIN = "lojaaurora"
DEMO_TOKEN = "sandbox-kommo-token"  # noqa: S105 -- a stand-in's token opens nothing
DEMO_FIELDS: list[dict[str, Any]] = [
    {"id": 1001, "name": "Telefone", "type": "multitext", "code": "PHONE"},
    {"id": 1002, "name": "Email", "type": "multitext", "code": "EMAIL"},
    {"id": 1003, "name": "Cidade", "type": "text", "code": None},
    {"id": 1004, "name": "Plano", "type": "text", "code": None},
    {"id": 1005, "name": "Pontos", "type": "numeric", "code": None},
]
Row = dict[str, Any]


@dataclass(slots=True)
class KommoAccount:
    """One account; ids count upwards within it. Expiries are epoch seconds, 0 for never."""

    subdomain: str
    id: int
    name: str = "Loja Aurora"
    tokens: dict[str, float] = field(default_factory=dict)  # access token → expiry
    refresh_tokens: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    fields: list[Row] = field(default_factory=lambda: list(DEMO_FIELDS))
    contacts: dict[int, Row] = field(default_factory=dict)
    leads: dict[int, Row] = field(default_factory=dict)
    notes: list[Row] = field(default_factory=list)
    last_id: int = 5000

    def next_id(self) -> int:
        """A new id of a contact, lead, note or tag."""
        self.last_id += 1
        return self.last_id

    def grant(self, *, expires_at: float) -> tuple[str, str]:
        """A new pair of access and refresh token."""
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self.tokens[access] = expires_at
        self.refresh_tokens.append(refresh)
        return access, refresh

    def revoke(self) -> None:
        """The account's administrator took the access back."""
        self.tokens.clear()
        self.refresh_tokens.clear()

    def public(self) -> Row:
        """The account as `/_sandbox/kommo` shows it, without its keys."""
        data = asdict(self)
        for name in ("tokens", "refresh_tokens", "codes"):
            data[name] = len(data[name])
        data["contacts"], data["leads"] = list(self.contacts.values()), list(self.leads.values())
        return data


class Kommo:
    """Everything that the Kommo stand-in holds; written to disk when the process ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._accounts: dict[str, KommoAccount] = {}
        self.recent: dict[str, deque[float]] = {}  # when each account was asked, the last second
        self.rate = 7  # requests a second; 0: no limit
        self.token_seconds = 86_400
        if path.exists():
            for data in orjson.loads(path.read_bytes()):
                self._take(_account(data))
        else:
            self.restore_seed()

    def __iter__(self) -> Iterator[KommoAccount]:
        return iter(self._accounts.values())

    def get(self, subdomain: str) -> KommoAccount | None:
        return self._accounts.get(subdomain)

    def ensure(self, subdomain: str) -> KommoAccount:
        """The account of that subdomain, made if there is none."""
        if subdomain not in self._accounts:
            self._take(KommoAccount(subdomain, id=30_000_000 + len(self._accounts)))
        return self._accounts[subdomain]

    def restore_seed(self) -> None:
        """Back to the demo account alone."""
        self._accounts.clear()
        self.recent.clear()
        self.rate, self.token_seconds = 7, 86_400
        self.ensure(DEMO_SUBDOMAIN).tokens[DEMO_TOKEN] = 0

    def close(self) -> None:
        """Write everything at once."""
        fresh = self._path.with_suffix(".new")
        rows = [asdict(account) for account in self]
        fresh.write_bytes(orjson.dumps(rows, option=orjson.OPT_NON_STR_KEYS))
        fresh.replace(self._path)

    def _take(self, account: KommoAccount) -> None:
        self._accounts[account.subdomain] = account


def _account(data: Row) -> KommoAccount:
    for name in ("contacts", "leads"):
        data[name] = {int(key): row for key, row in data[name].items()}
    return KommoAccount(**data)
