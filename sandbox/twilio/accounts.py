"""Twilio accounts: their numbers, messaging services and tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import orjson

from sandbox.accounts import AccountError
from sandbox.phones import digits

DEMO_ACCOUNT = "AC5a0d0b0c1e2f4a6b8c9d0e1f2a3b4c5d"
DEMO_AUTH_TOKEN = "sandbox-auth-token"  # noqa: S105 -- a stand-in's token opens nothing
DEMO_SMS_NUMBERS = ("+5511940002000", "+5511940002001")
DEMO_SERVICE = "MG5a0d0b0c1e2f4a6b8c9d0e1f2a3b4c5d"


@dataclass(slots=True)
class SmsNumber:
    """A number of an account; ``sms_url`` is where what people write is posted to."""

    number: str
    sid: str = ""
    friendly_name: str = ""
    sms_url: str = ""
    sms: bool = True


@dataclass(slots=True)
class Service:
    """A messaging service: a pool of numbers under one name."""

    sid: str
    friendly_name: str = "Sandbox"
    inbound_request_url: str = ""
    numbers: list[str] = field(default_factory=list)


@dataclass(slots=True)
class TwilioAccount:
    """An account with its one token."""

    account_sid: str
    auth_token: str = DEMO_AUTH_TOKEN
    friendly_name: str = "Sandbox"
    status: str = "active"
    numbers: dict[str, SmsNumber] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)

    def by_sid(self, sid: str) -> SmsNumber | None:
        """The number with this ``PN…``."""
        return next((one for one in self.numbers.values() if one.sid == sid), None)

    def add(self, number: str) -> SmsNumber:
        """Make a number this account's."""
        name = f"+{digits(number)}"
        made = SmsNumber(name, sid_of("PN", name), friendly_name=name)
        self.numbers[name] = made
        return made

    def public(self) -> dict[str, Any]:
        """The account as ``/_sandbox/accounts`` shows it."""
        data = asdict(self)
        data["numbers"] = list(data["numbers"].values())
        data["services"] = list(data["services"].values())
        return data


class TwilioAccounts:
    """Every account, saved as one file whenever something changes."""

    def __init__(self, path: Path, seed: Callable[[], Iterable[TwilioAccount]]) -> None:
        self._path = path
        self._seed = seed
        self._accounts: dict[str, TwilioAccount] = {}
        if path.exists():
            for data in orjson.loads(path.read_bytes()):
                self._accounts[data["account_sid"]] = _account(data)
        else:
            self.restore_seed()

    def __iter__(self) -> Iterator[TwilioAccount]:
        return iter(self._accounts.values())

    def restore_seed(self) -> None:
        """Back to the demo account alone."""
        self._accounts = {account.account_sid: account for account in self._seed()}
        self.save()

    def get(self, sid: str) -> TwilioAccount | None:
        return self._accounts.get(sid)

    def by_number(self, number: str) -> tuple[TwilioAccount, SmsNumber] | None:
        """The number, however it is written, and whose it is."""
        wanted = f"+{digits(number)}"
        for account in self:
            if wanted in account.numbers:
                return account, account.numbers[wanted]
        return None

    def upsert(self, data: dict[str, Any]) -> TwilioAccount:
        """Create or change an account; what ``data`` leaves out stays. Raises AccountError."""
        sid = str(data.get("account_sid") or "")
        if not sid.startswith("AC"):
            raise AccountError("account_sid: AC… is expected")
        account = self._accounts.setdefault(sid, TwilioAccount(sid))
        for name in ("auth_token", "friendly_name", "status"):
            if name in data:
                setattr(account, name, str(data[name]))
        for entry in data.get("numbers", ()):
            _put_number(account, entry)
        self.save()
        return account

    def save(self) -> None:
        """Write everything to disk at once; a crash leaves the old file or the new one."""
        fresh = self._path.with_suffix(".new")
        fresh.write_bytes(orjson.dumps([asdict(account) for account in self]))
        fresh.replace(self._path)


def sid_of(prefix: str, text: str) -> str:
    """An id of Twilio's look that is the same in every run."""
    return prefix + hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def demo_accounts() -> list[TwilioAccount]:
    """What a fresh sandbox has: two numbers, of which a messaging service holds the second."""
    account = TwilioAccount(DEMO_ACCOUNT, friendly_name="Loja Aurora")
    for number in DEMO_SMS_NUMBERS:
        account.add(number)
    account.services[DEMO_SERVICE] = Service(DEMO_SERVICE, "Aurora", numbers=[DEMO_SMS_NUMBERS[1]])
    return [account]


def _put_number(account: TwilioAccount, entry: dict[str, Any]) -> None:
    known = {one.name for one in fields(SmsNumber)}
    if not entry.get("number") or not set(entry) <= known:
        raise AccountError(f"numbers: a number and any of {sorted(known)} are expected")
    number = account.numbers.get(f"+{digits(entry['number'])}") or account.add(entry["number"])
    for name, value in entry.items():
        if name != "number":
            setattr(number, name, value)


def _account(data: dict[str, Any]) -> TwilioAccount:
    numbers = {key: SmsNumber(**entry) for key, entry in data["numbers"].items()}
    services = {key: Service(**entry) for key, entry in data["services"].items()}
    return TwilioAccount(**{**data, "numbers": numbers, "services": services})
