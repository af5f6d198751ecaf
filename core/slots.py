"""How many requests are worked on at once, and who waits for what.

granian gives each request a thread and reads its body while the thread waits, for as long as the
sender likes: it has a timeout for headers and none for bodies. With a thread for each request that
is worked on, a handful of half requests would stop the whole product. So there are many threads,
which cost nothing while they wait, and few slots: a body is read before its request takes a slot,
and not for ever (`core.bodies`), and a request that would be one too many is told to come again
while there are still threads to say so. Large bodies (uploads) are read in their slot, and may not
have all of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from io import BytesIO
from typing import Any

from core import bodies

Start = Callable[..., Any]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]

AHEAD_BYTES = 1024 * 1024
RETRY_SECONDS = 2


class Slots:
    """A WSGI application in front of another.

    Args:
        application: what does the work.
        slots: so many requests are worked on at once.
        most: so many are here at most, those included that wait or send their body; a few less
            than the server has threads.
        passing: paths that begin so take no slot, for they bound their own work.
    """

    def __init__(
        self, application: Application, *, slots: int, most: int, passing: tuple[str, ...] = ()
    ) -> None:
        self._application = application
        self._slots = threading.BoundedSemaphore(slots)
        self._large = threading.BoundedSemaphore(max(1, slots - 2))
        self._most = most
        self._passing = passing
        self._here = 0
        self._count = threading.Lock()

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        with self._count:
            self._here += 1
            is_full = self._here > self._most
        try:
            if is_full:
                return _refused(start, "503 Service Unavailable", b"Too many requests are waiting.")
            if environ["PATH_INFO"].startswith(self._passing):
                return self._application(environ, start)
            is_large = not _read_ahead(environ)
            with self._large if is_large else nullcontext(), self._slots:
                return self._application(environ, start)
        except bodies.TooSlow:
            return _refused(start, "408 Request Timeout", b"The request came too slowly.")
        finally:
            with self._count:
                self._here -= 1


def _read_ahead(environ: dict[str, Any]) -> bool:
    """Have the whole body here, if there is a small one; False for one that is too large for that
    or of unknown length."""
    if "HTTP_TRANSFER_ENCODING" in environ:
        return False
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return True  # Django takes it for none, too
    if length > AHEAD_BYTES:
        return False
    if length > 0:
        environ["wsgi.input"] = BytesIO(bodies.read(environ["wsgi.input"], length))
    return True


def _refused(start: Start, status: str, words: bytes) -> Iterable[bytes]:
    start(
        status,
        [
            ("Content-Type", "text/plain"),
            ("Content-Length", str(len(words))),
            ("Retry-After", str(RETRY_SECONDS)),
            ("Connection", "close"),
        ],
    )
    return [words]
