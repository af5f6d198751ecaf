"""Mail that the product sent: caught by SMTP, shown as a mailbox."""

from __future__ import annotations

import asyncio
import email
import email.policy
import html
import re
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import orjson
from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.journal import Journal

_LINK = re.compile(r"https?://[^\s<>\"')\]]+")
_HREF = re.compile(r"href=[\"'](https?://[^\"']+)[\"']", re.IGNORECASE)

Mail = dict[str, Any]


class Mailbox:
    """Every caught mail, oldest first."""

    def __init__(self, path: Path) -> None:
        self._journal = Journal(path)
        self._mails: list[Mail] = [orjson.loads(line) for line in self._journal.lines()]

    def take(self, mail: Mail) -> None:
        """Keep one more."""
        self._journal.append(orjson.dumps(mail))
        self._mails.append(mail)

    def to(self, address: str = "") -> list[Mail]:
        """The mails to ``address`` (case ignored), or all."""
        wanted = address.strip().lower()
        return [
            mail
            for mail in self._mails
            if not wanted or wanted in (one.lower() for one in mail["to"])
        ]

    def wipe(self) -> None:
        """Empty the mailbox."""
        self._journal.wipe()
        self._mails.clear()

    def close(self) -> None:
        self._journal.close()


class Catcher:
    """The aiosmtpd handler: accepts everything from everybody."""

    def __init__(self, mailbox: Mailbox, notify: Callable[[str], None]) -> None:
        self._mailbox = mailbox
        self._notify = notify

    async def handle_DATA(  # noqa: N802 -- the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Store one message."""
        raw = envelope.content or b""
        content = raw if isinstance(raw, bytes) else raw.encode()
        self._mailbox.take(parse(content, envelope.mail_from or "", envelope.rcpt_tos))
        self._notify("mail")
        return "250 OK"


async def serve(
    mailbox: Mailbox, notify: Callable[[str], None], *, host: str, port: int
) -> asyncio.Server:
    """An SMTP server on the running event loop; ``notify("mail")`` after each mail."""
    catcher = Catcher(mailbox, notify)
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: SMTP(catcher, hostname="sandbox"), host, port)


def parse(content: bytes, sender: str, recipients: list[str]) -> Mail:
    """A raw message as ``{at, from, to, subject, text, html, links}``."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    text, rich = _part(message, "plain"), _part(message, "html")
    links = [*map(html.unescape, _HREF.findall(rich)), *_LINK.findall(text)]
    return {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "from": sender or str(message.get("From", "")),
        "to": list(recipients),
        "subject": str(message.get("Subject", "")),
        "text": text,
        "html": rich,
        "links": list(dict.fromkeys(link.rstrip(".,;") for link in links)),
    }


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part is not None else ""
