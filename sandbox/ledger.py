"""The ledger: everything a provider accepted, in order, written before it answered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from sandbox.journal import Journal
from sandbox.phones import canonical


class Entry(NamedTuple):
    """One accepted request: the keys we filter by, and the line that is answered and stored."""

    seq: int
    at: str
    connection: str
    recipient: str
    line: bytes


class Ledger:
    """Append-only list in memory with its journal on disk."""

    def __init__(self, path: Path) -> None:
        self._journal = Journal(path)
        self._entries = [_entry(line) for line in self._journal.lines()]
        self._next = self._entries[-1].seq + 1 if self._entries else 1

    def __len__(self) -> int:
        return len(self._entries)

    def append(
        self,
        *,
        provider: str,
        connection: str,
        recipient: str,
        kind: str,
        body: bytes,
        key: str | None = None,
        fsync: bool = False,
        **more: Any,
    ) -> int:
        """Record one accepted request and return its sequence number (1, 2, 3 …).

        ``key`` is the sender's own reference (Meta: ``biz_opaque_callback_data``), ``more`` what
        only some kinds have (wamid, template, type).
        """
        seq, at = self._next, datetime.now(UTC).isoformat(timespec="milliseconds")
        line = orjson.dumps(
            {
                "seq": seq,
                "at": at,
                "provider": provider,
                "connection": connection,
                "recipient": recipient,
                "kind": kind,
                "key": key,
                "body_sha256": hashlib.sha256(body).hexdigest(),
                **more,
            }
        )
        self._journal.append(line, fsync=fsync)
        self._entries.append(Entry(seq, at, connection, recipient, line))
        self._next = seq + 1
        return seq

    def answer(
        self, *, since: str = "", recipient: str = "", connection: str = "", limit: int = 0
    ) -> bytes:
        """``{"results": […], "next": seq}`` of the entries after ``since``.

        ``since`` is a sequence number or an RFC 3339 time; ``recipient`` matches with and without
        Brazil's ninth digit; ``limit`` 0 means all. ``next`` is the ``since`` to go on with.
        Raises ValueError for a ``since`` that is neither.
        """
        found: list[bytes] = []
        last = int(since) if since.isdigit() else 0
        for entry in self._after(since):
            if recipient and canonical(entry.recipient) != canonical(recipient):
                continue
            if connection and entry.connection != connection:
                continue
            found.append(entry.line)
            last = entry.seq
            if limit and len(found) == limit:
                break
        return b'{"results":[' + b",".join(found) + b'],"next":' + str(last).encode() + b"}"

    def wipe(self) -> None:
        """Forget everything; sequence numbers go on, so that old cursors stay true."""
        self._journal.wipe()
        self._entries.clear()

    def close(self) -> None:
        self._journal.close()

    def _after(self, since: str) -> Iterator[Entry]:
        if not since or since.isdigit():
            first = self._entries[0].seq if self._entries else 1
            start = max(0, int(since or 0) - first + 1)
            return (self._entries[index] for index in range(start, len(self._entries)))
        moment = datetime.fromisoformat(since).astimezone(UTC).isoformat(timespec="milliseconds")
        return (entry for entry in self._entries if entry.at >= moment)


def _entry(line: bytes) -> Entry:
    data = orjson.loads(line)
    return Entry(data["seq"], data["at"], data["connection"], data["recipient"], line)
