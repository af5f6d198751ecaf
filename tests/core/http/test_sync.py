from __future__ import annotations

import gzip
import io
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from core import http
from tests.core.http import servers
from tests.core.http.servers import serving


@pytest.fixture
def allow(settings: Any) -> Callable[[int], str]:
    """Let a port of loopback be reached; returns its address."""
    settings.OUTBOUND_ALLOWED_PRIVATE = []

    def listed(port: int, host: str = "127.0.0.1", scheme: str = "http") -> str:
        settings.OUTBOUND_ALLOWED_PRIVATE = [*settings.OUTBOUND_ALLOWED_PRIVATE, f"{host}:{port}"]
        return f"{scheme}://{host}:{port}/"

    return listed


def test_an_answer_comes_back_whole(allow: Any) -> None:
    with serving(servers.answer(extra="X-Id: 7\r\n", status="201 Created")) as port:
        answer = http.request("POST", allow(port), json={"a": 1})
    assert (answer.status, answer.ok, answer.json()) == (201, True, {"ok": True})
    assert answer.headers["x-ID"] == "7"


def test_an_error_status_is_an_answer_too(allow: Any) -> None:
    with serving(servers.answer(b"<html>", status="502 Bad Gateway")) as port:
        answer = http.request("GET", allow(port))
    assert (answer.status, answer.ok, answer.text) == (502, False, "<html>")
    with pytest.raises(ValueError):
        answer.json()


def test_nothing_inside_is_reached_even_by_a_library(allow: Any) -> None:
    with serving(servers.answer()) as port:
        with pytest.raises(http.BlockedAddress):
            http.request("GET", f"http://127.0.0.1:{port}/")
        with pytest.raises(httpx.ConnectError):
            http.client().get(f"http://127.0.0.1:{port}/")


def test_a_name_that_answers_differently_the_second_time_gains_nothing(
    allow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection goes to the address that was checked (192.0.2.1 would be blocked)."""
    asked: list[str] = []
    connected: list[Any] = []

    def rebinding(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        asked.append(host)
        address = "1.1.1.1" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(address: Any, *args: Any, **kwargs: Any) -> None:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(http.NotConnected):
        http.request("GET", "http://rebinding.example/")
    assert (asked, connected) == (["rebinding.example"], [("1.1.1.1", 80)])


def test_a_redirect_is_an_answer_unless_it_is_asked_to_be_followed(allow: Any) -> None:
    with serving(servers.answer(b"here")) as target:
        extra = f"Location: {allow(target)}\r\n"
        with serving(servers.answer(b"", status="302 Found", extra=extra)) as port:
            assert http.request("GET", allow(port)).status == 302
            followed = http.request("GET", allow(port), follow_redirects=True)
    assert (followed.status, followed.text) == (200, "here")


def test_a_redirect_to_the_inside_is_blocked(allow: Any) -> None:
    extra = "Location: http://169.254.169.254/latest/\r\n"
    server = serving(servers.answer(b"", status="302 Found", extra=extra))
    with server as port, pytest.raises(http.BlockedAddress):
        http.request("GET", allow(port), follow_redirects=True)


def test_a_token_does_not_travel_to_another_host(allow: Any) -> None:
    requests: list[bytes] = []

    def canary(connection: socket.socket) -> None:
        requests.append(servers.read_request(connection))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with serving(canary) as target:
        extra = f"Location: {allow(target, host='localhost')}\r\n"
        with serving(servers.answer(b"", status="302 Found", extra=extra)) as port:
            headers = {"Authorization": "Bearer CANARY"}
            http.request("GET", allow(port), headers=headers, follow_redirects=True)
    assert len(requests) == 1
    assert b"CANARY" not in requests[0]


def test_an_endless_answer_is_cut_off(allow: Any) -> None:
    with serving(servers.endless) as port, pytest.raises(http.ResponseTooLarge):
        http.request("GET", allow(port), max_bytes=300_000)


def test_a_small_body_that_unpacks_to_a_large_one_is_cut_off(allow: Any) -> None:
    bomb = gzip.compress(b"x" * 5_000_000)
    server = serving(servers.answer(bomb, extra="Content-Encoding: gzip\r\n"))
    with server as port, pytest.raises(http.ResponseTooLarge):
        http.request("GET", allow(port), max_bytes=1_000_000)


@pytest.mark.parametrize("behaviour", [servers.hang, servers.drip])
def test_the_total_time_is_kept_whatever_the_server_does(allow: Any, behaviour: Any) -> None:
    started = time.monotonic()
    with serving(behaviour) as port, pytest.raises(http.Interrupted):
        http.request("GET", allow(port), total=0.3)
    assert time.monotonic() - started < 1.5


def test_a_download_streams_into_a_file(allow: Any) -> None:
    into = io.BytesIO()
    with serving(servers.answer(b"x" * 200_000)) as port:
        answer = http.download(allow(port), into, max_bytes=200_000)
    assert (answer.status, answer.content, into.getvalue()) == (200, b"", b"x" * 200_000)


def test_a_download_keeps_to_its_cap_and_reads_no_error_page(allow: Any) -> None:
    with serving(servers.endless) as port, pytest.raises(http.ResponseTooLarge):
        http.download(allow(port), io.BytesIO(), max_bytes=100_000)
    into = io.BytesIO()
    with serving(servers.answer(b"denied", status="403 Forbidden")) as port:
        assert http.download(allow(port), into, max_bytes=100).status == 403
    assert into.getvalue() == b""


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (servers.reset_before_read, http.Interrupted),
        (servers.reset_after_read, http.Interrupted),
        (servers.close_after_read, http.Interrupted),
        (servers.half_body, http.Interrupted),
    ],
)
def test_what_breaks_after_connecting_is_ambiguous(allow: Any, behaviour: Any, error: Any) -> None:
    with serving(behaviour) as port, pytest.raises(error) as raised:
        http.request("POST", allow(port) + "?access_token=CANARY", json={})
    assert http.how_far(raised.value) == "ambiguous"
    assert "CANARY" not in str(raised.value)


def test_what_never_connected_is_certain(allow: Any, tmp_path: Path) -> None:
    errors = []
    with serving(servers.answer(), tls=servers.self_signed(tmp_path)) as port:
        for url in (
            allow(servers.free_port()),
            "http://nonexistent.invalid/?access_token=CANARY",
            allow(port, host="localhost", scheme="https"),
            "http://10.0.0.1/",
            "gopher://x/",
            "http://[",
        ):
            with pytest.raises(http.NotConnected) as raised:
                http.request("POST", url, json={})
            errors.append(raised.value)
    assert {http.how_far(error) for error in errors} == {"not_connected"}
    assert "CANARY" not in str(errors)
