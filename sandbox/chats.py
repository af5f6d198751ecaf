"""What the customers' phones show: one chat per business number and person."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from sandbox.journal import Journal
from sandbox.phones import canonical

IN, OUT = "in", "out"
"""Seen from the customer's phone: ``in`` came from the business, ``out`` the customer wrote."""


@dataclass(slots=True)
class Bubble:
    """One message; ``content`` is the Graph body (in) or the webhook message (out) as JSON."""

    wamid: str
    direction: str
    at: float
    content: bytes
    status: str = "sent"


@dataclass(slots=True)
class Chat:
    """Messages between a business number and a person, oldest first."""

    connection: str
    contact: str
    name: str = ""
    bubbles: list[Bubble] = field(default_factory=list)
    unread: int = 0
    last_inbound: float = 0.0
    typing_until: float = 0.0

    @property
    def last_at(self) -> float:
        return self.bubbles[-1].at if self.bubbles else 0.0


class Chats:
    """Every chat, kept in memory and rebuilt from the journal after a restart."""

    def __init__(self, path: Path) -> None:
        self._chats: dict[tuple[str, str], Chat] = {}
        self._bubbles: dict[str, Bubble] = {}
        self._home: dict[str, Chat] = {}
        self._journal = Journal(path)
        for line in self._journal.lines():
            self._replay(orjson.loads(line))

    def chat(self, connection: str, contact: str) -> Chat:
        """The chat of this number with this person, made when missing."""
        key = (connection, canonical(contact))
        chat = self._chats.get(key)
        if chat is None:
            chat = self._chats[key] = Chat(connection, key[1])
        return chat

    def find(self, connection: str, contact: str) -> Chat | None:
        """The chat if there is one."""
        return self._chats.get((connection, canonical(contact)))

    def bubble(self, wamid: str) -> Bubble | None:
        """The message with this id."""
        return self._bubbles.get(wamid)

    def chat_of(self, wamid: str) -> Chat | None:
        """The chat in which the customer wrote this message."""
        return self._home.get(wamid)

    def received(self, connection: str, contact: str, bubble: Bubble) -> None:
        """The business's message reached the phone."""
        self._add(connection, contact, bubble)
        self._store(connection, contact, bubble)

    def wrote(self, connection: str, contact: str, bubble: Bubble, *, name: str) -> None:
        """The customer wrote, which opens the 24-hour window."""
        self._add(connection, contact, bubble).name = name
        self._store(connection, contact, bubble, name)

    def mark(self, wamid: str, status: str) -> Bubble | None:
        """Give a message a new status (sent, delivered, read); None when it is unknown."""
        bubble = self._bubbles.get(wamid)
        if bubble is not None and bubble.status != status:
            bubble.status = status
            self._journal.append(orjson.dumps({"mark": wamid, "status": status}))
        return bubble

    def recent(self, connection: str, *, search: str = "", limit: int = 100) -> list[Chat]:
        """The chats of a number, latest first, whose name or number contains ``search``."""
        wanted = search.lower()
        found = (
            chat
            for chat in self._chats.values()
            if chat.connection == connection
            and (not wanted or wanted in chat.name.lower() or wanted in chat.contact)
        )
        return heapq.nlargest(limit, found, key=lambda chat: chat.last_at)

    def wipe(self) -> None:
        """Forget everything, the windows too."""
        self._journal.wipe()
        self._chats.clear()
        self._bubbles.clear()
        self._home.clear()

    def close(self) -> None:
        self._journal.close()

    def _add(self, connection: str, contact: str, bubble: Bubble) -> Chat:
        chat = self.chat(connection, contact)
        chat.bubbles.append(bubble)
        chat.typing_until = 0.0
        self._bubbles[bubble.wamid] = bubble
        if bubble.direction == OUT:
            chat.last_inbound = max(chat.last_inbound, bubble.at)
            self._home[bubble.wamid] = chat
        else:
            chat.unread += 1
        return chat

    def _store(self, connection: str, contact: str, bubble: Bubble, name: str = "") -> None:
        self._journal.append(
            orjson.dumps(
                {
                    "connection": connection,
                    "contact": contact,
                    "name": name,
                    "wamid": bubble.wamid,
                    "direction": bubble.direction,
                    "at": bubble.at,
                    "status": bubble.status,
                    "content": orjson.Fragment(bubble.content),
                }
            )
        )

    def _replay(self, line: dict[str, Any]) -> None:
        if "mark" in line:
            if (bubble := self._bubbles.get(line["mark"])) is not None:
                bubble.status = line["status"]
            return
        content = orjson.dumps(line["content"])
        bubble = Bubble(line["wamid"], line["direction"], line["at"], content, line["status"])
        chat = self._add(line["connection"], line["contact"], bubble)
        chat.name = line["name"] or chat.name
