"""WhatsApp Business accounts: their numbers, tokens, secrets, templates and webhook addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import orjson

from sandbox.phones import digits

DEMO_WABA = "102290129340398"
DEMO_NUMBERS = ("106540352242922", "106540352242923")
DEMO_TOKEN = "sandbox-token"  # noqa: S105 -- a stand-in's token opens nothing
DEMO_SECRET = "sandbox-app-secret"  # noqa: S105 -- the same
DEMO_VERIFY_TOKEN = "sandbox-verify-token"  # noqa: S105 -- the same

Template = dict[str, Any]


@dataclass(slots=True)
class Number:
    """One business phone number with the fields that Graph shows of it."""

    id: str
    display_phone_number: str
    verified_name: str
    quality_rating: str = "GREEN"
    messaging_limit_tier: str = "TIER_2K"
    throughput: str = "STANDARD"
    name_status: str = "APPROVED"
    code_verification_status: str = "VERIFIED"
    status: str = "CONNECTED"
    callback_url: str = ""
    verify_token: str = ""


@dataclass(slots=True)
class Account:
    """A WhatsApp Business account (WABA) and the app that may act for it.

    ``tokens`` maps a bearer token to the epoch second it expires at, 0 for never.
    """

    waba_id: str
    name: str = "Sandbox"
    app_id: str = "670843887433847"
    app_secret: str = DEMO_SECRET
    tokens: dict[str, float] = field(default_factory=dict)
    numbers: dict[str, Number] = field(default_factory=dict)
    callback_url: str = ""
    verify_token: str = DEMO_VERIFY_TOKEN
    subscribed: bool = True
    templates: dict[str, Template] = field(default_factory=dict)

    def callback_for(self, number_id: str) -> str:
        """Where this number's webhooks go: its own address, else the account's, else nowhere."""
        number = self.numbers.get(number_id)
        if number and number.callback_url:
            return number.callback_url
        return self.callback_url if self.subscribed else ""

    def public(self) -> dict[str, Any]:
        """The account as ``/_sandbox/accounts`` shows it, without its templates."""
        data = asdict(self)
        data["numbers"] = list(data["numbers"].values())
        data["templates"] = len(self.templates)
        return data


class AccountError(ValueError):
    """``POST /_sandbox/accounts`` asked for something impossible."""


class Accounts:
    """Every account of this sandbox, saved as one file whenever something changes."""

    def __init__(self, path: Path, seed: Callable[[], Iterable[Account]]) -> None:
        self._path = path
        self._seed = seed
        self._accounts: dict[str, Account] = {}
        self._by_number: dict[str, Account] = {}
        self._expiry: dict[str, float] = {}
        if path.exists():
            self._take(_account(data) for data in orjson.loads(path.read_bytes()))
        else:
            self.restore_seed()

    def __iter__(self) -> Any:
        return iter(self._accounts.values())

    def restore_seed(self) -> None:
        """Back to the demo accounts alone."""
        self._accounts.clear()
        self._take(self._seed())
        self.save()

    def get(self, waba_id: str) -> Account | None:
        return self._accounts.get(waba_id)

    def by_number(self, number_id: str) -> Account | None:
        """The account that owns this phone number id."""
        return self._by_number.get(number_id)

    def by_template(self, template_id: str) -> Account | None:
        """The account that owns this template."""
        return next((one for one in self if template_id in one.templates), None)

    def expiry(self, token: str) -> float | None:
        """Epoch second at which ``token`` expires (0: never), None for an unknown token."""
        return self._expiry.get(token)

    def by_token(self, token: str) -> list[Account]:
        """The accounts that ``token`` may act for."""
        return [one for one in self if token in one.tokens]

    def upsert(self, data: dict[str, Any]) -> Account:
        """Create or change an account; what ``data`` leaves out stays or gets a default.

        ``token`` and ``tokens`` (list, or object of expiries) add, ``numbers`` (list of objects
        with at least an ``id``) add or change. Raises AccountError.
        """
        waba_id = str(data.get("waba_id") or "")
        if not digits(waba_id) == waba_id or not waba_id:
            raise AccountError("waba_id: digits are expected")
        account = self._accounts.get(waba_id) or Account(waba_id)
        for name in ("name", "app_id", "app_secret", "callback_url", "verify_token", "subscribed"):
            if name in data:
                setattr(account, name, data[name])
        account.tokens.update(_tokens(data))
        for entry in data.get("numbers", ()):
            self._put_number(account, entry)
        self._take([account])
        self.save()
        return account

    def save(self) -> None:
        """Write everything to disk at once; a crash leaves the old file or the new one."""
        fresh = self._path.with_suffix(".new")
        fresh.write_bytes(orjson.dumps([asdict(account) for account in self]))
        fresh.replace(self._path)

    def _put_number(self, account: Account, entry: dict[str, Any]) -> None:
        known = {one.name for one in fields(Number)}
        if not entry.get("id") or not set(entry) <= known:
            raise AccountError(f"numbers: an id and any of {sorted(known)} are expected")
        owner = self._by_number.get(str(entry["id"]))
        if owner and owner is not account:
            raise AccountError(f"number {entry['id']} belongs to account {owner.waba_id}")
        current = account.numbers.get(str(entry["id"]))
        base = asdict(current) if current else _default_number(str(entry["id"]))
        account.numbers[str(entry["id"])] = Number(**{**base, **entry, "id": str(entry["id"])})

    def _take(self, accounts: Iterable[Account]) -> None:
        for account in accounts:
            self._accounts[account.waba_id] = account
        self._by_number = {number: one for one in self for number in one.numbers}
        self._expiry = {token: expiry for one in self for token, expiry in one.tokens.items()}


def _tokens(data: dict[str, Any]) -> dict[str, float]:
    given = data.get("tokens") or {}
    tokens = given if isinstance(given, dict) else dict.fromkeys(given, 0)
    if data.get("token"):
        tokens = {**tokens, data["token"]: 0}
    return {str(token): float(expiry or 0) for token, expiry in tokens.items()}


def _default_number(number_id: str) -> dict[str, Any]:
    line = int(number_id[-4:] or 0) if number_id.isdigit() else 0
    return asdict(Number(number_id, f"+55 11 4000-{line:04d}", "Sandbox"))


def _account(data: dict[str, Any]) -> Account:
    numbers = {key: Number(**entry) for key, entry in data["numbers"].items()}
    return Account(**{**data, "numbers": numbers})
