"""The load generator counts what it asked for, whatever the shape of the answers."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks import load


class Handler(BaseHTTPRequestHandler):
    """Answers by path: with a length, in chunks, with an error, or by hanging up."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/hang-up":
            self.close_connection = True
            return
        self.send_response(404 if self.path == "/none" else 200)
        if self.path == "/chunks":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
        else:
            body = self.headers.get("Cookie", "").encode()
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("path", ["/length", "/chunks"])
def test_every_request_is_counted_once(port: int, path: str) -> None:
    done = load.run(port, path, headers={"Cookie": "a=b"}, requests=50, connections=4)
    assert (done.requests, done.statuses) == (50, {200: 50})
    assert 0 < done.p50_ms <= done.p95_ms


def test_errors_are_told_from_successes(port: int) -> None:
    assert load.run(port, "/none", requests=3, connections=1).statuses == {404: 3}


def test_a_server_that_hangs_up_is_no_success(port: int) -> None:
    with pytest.RaisesGroup(ConnectionError):
        load.run(port, "/hang-up", requests=1, connections=1)
