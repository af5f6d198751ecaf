"""Callbacks on disk: where they wait while PostgreSQL cannot take them.

A file is written under another name, flushed, renamed, and its directory flushed; only then is the
provider told that we have it. So after a crash there are whole files, and drafts of callbacks that
were never answered. Bodies hold what people wrote, so they rest encrypted. One process at a time
drains a directory (a lock that ends with it); who dies between storing and unlinking leaves a file
that is stored again, and an envelope that is stored again only counts (`Envelope.seen`).
"""

from __future__ import annotations

import fcntl
import os
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

import orjson
import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, InternalError, OperationalError

from core import crypto
from core.microbatch import Busy, Microbatch

log = structlog.get_logger(__name__)

# What says that the database is away, and nothing about what it was given; the last, because a
# server that is taking over is still read-only.
AWAY = (OperationalError, InterfaceError, InternalError)
SUFFIX, DRAFT, BROKEN = ".spool", ".draft", ".corrupt"
TOGETHER = 64  # callbacks in one file: those that come at once share its flushes
LOOK_EVERY_SECONDS = 1.0
DRAFT_SECONDS = 60.0  # an older one belongs to a process that died over it
PATIENCE_SECONDS = 5.0
_LENGTHS = struct.Struct(">II")  # of what is known of a callback, and of its bytes


class NoRoom(Exception):
    """The callback could not be written: the disk is full, ours is used up, or not to be had."""


class Callback(NamedTuple):
    """A callback whose signature held.

    Attributes:
        sha256: what makes it the same one as another at its address (hex).
        at: when it came.
    """

    provider: str
    sha256: str
    route_id: UUID | None
    body: bytes
    at: datetime


def put(callback: Callback) -> None:
    """Have it on disk, safe from a crash, when this returns.

    Raises:
        NoRoom: it is not there.
    """
    try:
        _put_one(callback, patience=PATIENCE_SECONDS)
    except (OSError, Busy) as error:
        raise NoRoom(type(error).__name__) from error


def count() -> int:
    """How many callbacks wait (each file says in its name how many it holds)."""
    return sum(int(path.stem.rpartition("-")[2]) for path in _files(SUFFIX))


def corrupt() -> list[str]:
    """The names of the files that could not be read, and wait for somebody to look at them."""
    return [path.name for path in _files(BROKEN)]


def drain(store: Callable[[Sequence[Callback]], object], *, seconds: float) -> int:
    """Hand over what waits, oldest first, until all is done or the time is up.

    A file that cannot be opened, or whose rows the database will not have, is put aside under
    another name (`corrupt`): nothing is thrown away, and it keeps nobody back.

    Returns:
        How many callbacks were stored; 0 also when somebody else drains.

    Raises:
        django.db.Error: one of `AWAY`, the database is away (again).
    """
    ends_at, stored = time.monotonic() + seconds, 0
    with _alone() as is_ours:
        if not is_ours:
            return 0
        _sweep()
        for path in _files(SUFFIX):
            stored += _hand_over(path, store)
            if time.monotonic() >= ends_at:
                break
    return stored


def _hand_over(path: Path, store: Callable[[Sequence[Callback]], object]) -> int:
    try:
        callbacks = _opened(path)
        store(callbacks)
    except AWAY:
        raise
    except (crypto.DecryptionError, ValueError, struct.error, DatabaseError) as error:
        log.warning("ingress.spool_corrupt", file=path.name, error=type(error).__name__)
        path.rename(path.with_suffix(BROKEN))
        return 0
    path.unlink()
    return len(callbacks)


# --- files


def _write(callbacks: Sequence[Callback]) -> Sequence[None]:
    """One file of them all."""
    name = f"{time.time_ns():020d}-{uuid4().hex[:12]}-{len(callbacks)}{SUFFIX}"
    sealed = crypto.encrypt(b"".join(map(_packed, callbacks)), _place(name)).encode()
    folder = _folder()
    _room.claim(folder, len(sealed))
    draft = (folder / name).with_suffix(DRAFT)
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(folder / name)
        _flush(folder)
    except OSError:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    return [None] * len(callbacks)


_put_one = Microbatch(_write, most=TOGETHER)


def _packed(callback: Callback) -> bytes:
    known = orjson.dumps(
        [callback.provider, callback.sha256, callback.route_id, callback.at.isoformat()]
    )
    return _LENGTHS.pack(len(known), len(callback.body)) + known + callback.body


def _opened(path: Path) -> list[Callback]:
    """The callbacks of a file.

    Raises:
        core.crypto.DecryptionError, ValueError, struct.error: it is not one of ours, or damaged.
    """
    sealed = path.read_bytes().decode("ascii")
    return list(_unpacked(crypto.decrypt(sealed, _place(path.name))))


def _unpacked(data: bytes) -> Iterator[Callback]:
    at = 0
    while at < len(data):
        known_length, body_length = _LENGTHS.unpack_from(data, at)
        body_at = at + _LENGTHS.size + known_length
        provider, sha256, route, came = orjson.loads(data[at + _LENGTHS.size : body_at])
        at = body_at + body_length
        route_id = UUID(route) if route else None
        moment = datetime.fromisoformat(came)
        yield Callback(provider, sha256, route_id, data[body_at:at], moment)


def _place(name: str) -> bytes:
    """What a file is sealed for: it opens under its own name alone."""
    return f"ingress.spool:{name}".encode()


def _folder() -> Path:
    folder = Path(settings.INGRESS_SPOOL_DIR)
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _flush(folder.parent)
    return folder


def _files(suffix: str) -> list[Path]:
    """In the order in which they came."""
    folder = Path(settings.INGRESS_SPOOL_DIR)
    try:
        names = [entry.name for entry in os.scandir(folder) if entry.name.endswith(suffix)]
    except FileNotFoundError:
        return []
    return [folder / name for name in sorted(names)]


def _size(entry: os.DirEntry[str]) -> int:
    try:
        return entry.stat().st_size
    except FileNotFoundError:  # drained meanwhile
        return 0


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep() -> None:
    """Drafts of processes that died: nobody was told that we have them."""
    for path in _files(DRAFT):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > DRAFT_SECONDS:
                path.unlink()


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether nobody else drains the directory; the lock goes with the process that holds it."""
    if not Path(settings.INGRESS_SPOOL_DIR).is_dir():
        yield False
        return
    with (_folder() / ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


class _Room:
    """How much of the disk is ours. What other processes wrote is looked up once a second."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._used = 0
        self._look_at = 0.0

    def claim(self, folder: Path, size: int) -> None:
        """Raises NoRoom when so many bytes would be too many."""
        disk = os.statvfs(folder)
        with self._lock:
            if time.monotonic() >= self._look_at:
                self._used = sum(map(_size, os.scandir(folder)))
                self._look_at = time.monotonic() + LOOK_EVERY_SECONDS
            if self._used + size > settings.INGRESS_SPOOL_MAX_BYTES:
                raise NoRoom("the spool is full")
            if disk.f_bavail * disk.f_frsize - size < settings.INGRESS_SPOOL_FREE_BYTES:
                raise NoRoom("the disk is nearly full")
            self._used += size

    def forget(self) -> None:
        """Look anew (tests)."""
        self._look_at = 0.0


_room = _Room()
