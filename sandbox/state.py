"""Everything one sandbox process holds, made from its start options."""

from __future__ import annotations

import asyncio
import random

from aiohttp import web

from sandbox.accounts import Accounts
from sandbox.chats import Chats
from sandbox.config import Config
from sandbox.faults import Faults
from sandbox.grapfy.state import Grapfy
from sandbox.hub import Hub
from sandbox.kommo.accounts import Kommo
from sandbox.ledger import Ledger
from sandbox.mail import Mailbox
from sandbox.media import MediaStore
from sandbox.meta.events import Change, pack
from sandbox.meta.limits import Limits
from sandbox.meta.seed import demo_accounts
from sandbox.settings import Clock, Settings
from sandbox.twilio.state import Twilio
from sandbox.webhooks import Outbox


class Sandbox:
    """The state behind all routes; one per process, used from its event loop only."""

    def __init__(self, config: Config) -> None:
        folder = config.state_dir
        folder.mkdir(parents=True, exist_ok=True)
        self.config = config
        self.settings = Settings()
        self.clock = Clock(self.settings)
        self.accounts = Accounts(
            folder / "accounts.json", lambda: demo_accounts(config.webhook_base)
        )
        self.ledger = Ledger(folder / "ledger.jsonl")
        self.chats = Chats(folder / "chats.jsonl")
        self.media = MediaStore(folder / "media")
        self.mailbox = Mailbox(folder / "mail.jsonl")
        self.faults = Faults()
        self.limits = Limits(self.settings)
        self.hub = Hub()
        self.outbox: Outbox[Change] = Outbox(
            self.settings, lambda url, changes: pack(url, changes, now=self.clock.now())
        )
        self.twilio = Twilio(folder, self.settings)
        self.kommo = Kommo(folder / "kommo.json")
        self.grapfy = Grapfy()
        self.random = random.Random(self.settings.seed)
        self.closing = asyncio.Event()

    async def close(self) -> None:
        """Let go of sockets and files."""
        self.closing.set()
        await self.outbox.close()
        await self.twilio.outbox.close()
        self.twilio.texts.close()
        self.kommo.close()
        self.ledger.close()
        self.chats.close()
        self.mailbox.close()


SANDBOX = web.AppKey("sandbox", Sandbox)
