"""Everything that the Twilio stand-in holds."""

from __future__ import annotations

from pathlib import Path

from sandbox.phones import canonical
from sandbox.settings import Settings
from sandbox.twilio.accounts import TwilioAccounts, demo_accounts
from sandbox.twilio.callbacks import Callback, pack
from sandbox.twilio.texts import Texts
from sandbox.webhooks import Outbox


class Twilio:
    """Accounts, messages, and who answered STOP to which number."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.accounts = TwilioAccounts(folder / "twilio.json", demo_accounts)
        self.texts = Texts(folder / "texts.jsonl")
        self.outbox: Outbox[Callback] = Outbox(settings, pack)
        self._stopped: set[tuple[str, str]] = set()

    def stop(self, number: str, person: str, *, stopped: bool) -> None:
        """The person answered STOP (or START) to this number."""
        pair = (canonical(number), canonical(person))
        if stopped:
            self._stopped.add(pair)
        else:
            self._stopped.discard(pair)

    def is_stopped(self, number: str, person: str) -> bool:
        """Whether this number may not write to this person."""
        return (canonical(number), canonical(person)) in self._stopped

    def wipe(self) -> None:
        """Forget messages and stops."""
        self.texts.wipe()
        self._stopped.clear()
