"""A receiver on loopback that speaks real HTTP and remembers what it got.

What it does is chosen by the path: `/ok`, `/status/500`, `/retry-after/429/120`, `/redirect/302`
(to `/canary`), `/slow/0.2`, `/hang`, `/bomb` (endless), `/drip`, `/echo`, `/reset`.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Got:
    """A request as it came."""

    path: str
    headers: dict[str, str]  # names in lower case
    body: bytes
    at: float


@dataclass
class Sink:
    """What came, and where to send it."""

    port: int
    got: list[Got] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    answers: dict[str, int] = field(default_factory=dict)  # a path's status, changed meanwhile

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/ok") -> str:
        return f"http://{self.host}{path}"

    def at(self, path: str) -> list[Got]:
        return [one for one in self.got if one.path == path]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    sink: Sink

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.sink.got.append(Got(self.path, headers, body, time.time()))
        what, *arguments = self.path.strip("/").split("/")
        with contextlib.suppress(OSError):
            getattr(self, f"_{what.replace('-', '_')}", self._ok)(*arguments)

    do_GET = do_POST  # noqa: N815 -- the standard library's names

    def _ok(self, *_arguments: str) -> None:
        self._answer(self.sink.answers.get(self.path, 200))

    def _status(self, code: str) -> None:
        self._answer(self.sink.answers.get(self.path, int(code)))

    def _retry_after(self, code: str, seconds: str) -> None:
        self._answer(int(code), {"Retry-After": seconds})

    def _redirect(self, code: str) -> None:
        self._answer(int(code), {"Location": self.sink.url("/canary")})

    def _slow(self, seconds: str) -> None:
        time.sleep(float(seconds))
        self._answer(200)

    def _hang(self) -> None:
        self.sink.released.wait(20)
        self.close_connection = True

    def _reset(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _echo(self) -> None:
        self._answer(200, body=self.sink.got[-1].body)

    def _bomb(self) -> None:
        """A gigabyte in chunks, or as much as somebody reads."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        for _ in range(16 * 1024):
            self.wfile.write(chunk)

    def _answer(
        self, code: int, headers: dict[str, str] | None = None, body: bytes = b'{"ok": true}'
    ) -> None:
        self.send_response(code)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Tests are quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_arguments: object) -> None:
        """Who hangs up on us is part of the test."""


@contextlib.contextmanager
def receiving() -> Iterator[Sink]:
    """A sink while the block runs."""
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {}))
    sink = Sink(server.server_address[1])
    server.RequestHandlerClass.sink = sink  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        sink.released.set()
        server.shutdown()
        server.server_close()
