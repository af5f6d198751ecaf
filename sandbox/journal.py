"""Append-only JSON lines on disk: what must survive a restart of the sandbox."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


class Journal:
    """One file of JSON lines, written before anybody is told about the fact in it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("ab", buffering=0)

    def lines(self) -> Iterator[bytes]:
        """Every complete line so far; a line torn by a crash is left out."""
        with self._path.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    yield line[:-1]

    def append(self, line: bytes, *, fsync: bool = False) -> None:
        """Write one line through to the operating system, with ``fsync`` through to the disk."""
        self._file.write(line + b"\n")
        if fsync:
            os.fsync(self._file.fileno())

    def wipe(self) -> None:
        """Forget everything."""
        self._file.truncate(0)

    def close(self) -> None:
        self._file.close()
