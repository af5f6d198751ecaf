from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from core import http
from core.http import sending
from tests.core.http import servers
from tests.core.http.servers import serving


def send(url: str, **options: Any) -> Any:
    """One POST with a session of its own; the answer, or the error that it raised."""

    async def main() -> Any:
        async with http.sending_session(10) as session:
            try:
                return await http.post(session, url, json={"text": "olá"}, **options)
            except Exception as error:
                return error

    return asyncio.run(main())


@pytest.fixture
def listed(settings: Any) -> Any:
    settings.OUTBOUND_ALLOWED_PRIVATE = []

    def allow(port: int, host: str = "127.0.0.1", scheme: str = "http") -> str:
        settings.OUTBOUND_ALLOWED_PRIVATE = [*settings.OUTBOUND_ALLOWED_PRIVATE, f"{host}:{port}"]
        return f"{scheme}://{host}:{port}/"

    return allow


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_listed_host_answers(listed: Any, host: str) -> None:
    with serving(servers.answer(extra="X-Id: 7\r\n")) as port:
        answer = send(listed(port, host=host))
    assert (answer.status, answer.json(), answer.headers["x-id"]) == (200, {"ok": True}, "7")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f000001", "2130706433"])
def test_nothing_else_inside_is_reached(listed: Any, host: str) -> None:
    reached: list[Any] = []
    with serving(reached.append) as port:
        error = send(f"http://{host}:{port}/")
    assert http.how_far(error) == "not_connected"
    assert reached == []


def test_a_redirect_is_an_answer_and_never_followed(listed: Any) -> None:
    extra = "Location: http://169.254.169.254/\r\n"
    with serving(servers.answer(b"", status="307 Temporary Redirect", extra=extra)) as port:
        assert send(listed(port)).status == 307

        async def main() -> None:
            async with http.sending_session(1) as session:
                await session.get(listed(port))

        with pytest.raises(http.Interrupted):
            asyncio.run(main())


def test_an_endless_answer_is_cut_off_and_was_carried_out(listed: Any) -> None:
    with serving(servers.endless) as port:
        error = send(listed(port), max_bytes=300_000)
    assert isinstance(error, http.ResponseTooLarge)
    assert http.how_far(error) == "ambiguous"


@pytest.mark.parametrize(
    "behaviour",
    [
        servers.reset_before_read,
        servers.reset_after_read,
        servers.close_after_read,
        servers.half_body,
    ],
)
def test_what_breaks_after_connecting_is_ambiguous(listed: Any, behaviour: Any) -> None:
    with serving(behaviour) as port:
        error = send(listed(port))
    assert isinstance(error, aiohttp.ClientError)
    assert http.how_far(error) == "ambiguous"


def test_a_server_that_hangs_is_ambiguous_when_the_time_is_over(
    listed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "TOTAL_SECONDS", 0.3)
    with serving(servers.hang) as port:
        error = send(listed(port))
    assert isinstance(error, TimeoutError)
    assert http.how_far(error) == "ambiguous"


def test_what_never_connected_is_certain(listed: Any, tmp_path: Path) -> None:
    with serving(servers.answer(), tls=servers.self_signed(tmp_path)) as port:
        errors = [
            send(listed(servers.free_port())),
            send("http://nonexistent.invalid/"),
            send(listed(port, host="localhost", scheme="https")),
            send("http://10.0.0.1/"),
            send("not an address"),
        ]
    assert [http.how_far(error) for error in errors] == ["not_connected"] * 5


def test_a_connection_that_never_stands_is_certain(
    listed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full backlog: the handshake gets no answer."""
    monkeypatch.setattr(sending, "CONNECT_SECONDS", 0.2)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = [socket.socket() for _ in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        error = send(listed(port))
        for filler in fillers:
            filler.close()
    assert http.how_far(error) == "not_connected"
