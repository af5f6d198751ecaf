from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

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
                return await http.post(session, url, **{"json": {"text": "olá"}, **options})
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
    assert isinstance(error, http.Interrupted)
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


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", b"ok"),
        (
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                b"1\r\no\r\n1\r\nk\r\n0\r\n\r\n"
            ),
            b"ok",
        ),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", b"until the end"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", b"ok"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    ],
    ids=["length", "chunks", "end of connection", "continue", "no content"],
)  # fmt: skip
def test_an_answer_ends_where_http_says(listed: Any, raw: bytes, body: bytes) -> None:
    with serving(servers.raw(raw)) as port:
        assert send(listed(port)).content == body


@pytest.mark.parametrize("raw", [b"hello\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"])
def test_what_is_no_http_is_ambiguous(listed: Any, raw: bytes) -> None:
    with serving(servers.raw(raw)) as port:
        error = send(listed(port))
    assert (type(error), http.how_far(error)) == (http.Interrupted, "ambiguous")


def test_a_request_says_what_it_carries(listed: Any) -> None:
    heard: list[bytes] = []
    with serving(servers.hearing(heard)) as port:
        send(listed(port) + "a b/?q=ç", headers={"X-Id": "7"})
        send(listed(port), json=None, data={"Body": "a&b"})
        send(listed(port), json=None, data=b"raw")
    shared = "User-Agent: MasterIA/1\r\nAccept: */*\r\nAccept-Encoding: identity\r\n"
    said = [text.decode().replace(f":{port}", "").replace(shared, "") for text in heard]
    assert [text.split("\r\n") for text in said] == [
        [
            "POST /a%20b/?q=%C3%A7 HTTP/1.1",
            "Host: 127.0.0.1",
            "Content-Type: application/json",
            "X-Id: 7",
            "Content-Length: 15",
            "",
            '{"text":"olá"}',
        ],
        [
            "POST / HTTP/1.1",
            "Host: 127.0.0.1",
            "Content-Type: application/x-www-form-urlencoded",
            "Content-Length: 10",
            "",
            "Body=a%26b",
        ],
        ["POST / HTTP/1.1", "Host: 127.0.0.1", "Content-Length: 3", "", "raw"],
    ]


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "olá"])
def test_a_header_cannot_smuggle_another(listed: Any, value: str) -> None:
    reached: list[Any] = []
    with serving(reached.append) as port:
        error = send(listed(port), headers={"Authorization": value})
    assert (http.how_far(error), reached) == ("not_connected", [])


def test_connections_are_kept_and_no_more_are_made_than_allowed(listed: Any) -> None:
    connections: list[Any] = []

    async def main(url: str) -> list[int]:
        async with http.sending_session(2) as session:
            answers = [
                await asyncio.gather(*(http.post(session, url, json={}) for _ in range(5)))
                for _ in range(2)
            ]
            return [answer.status for batch in answers for answer in batch]

    with serving(servers.keeping(connections)) as port:
        assert asyncio.run(main(listed(port))) == [200] * 10
    assert len(connections) == 2


def test_a_kept_connection_that_the_server_closed_is_not_used_again(listed: Any) -> None:
    async def main(url: str) -> list[int]:
        async with http.sending_session(1) as session:
            statuses = []
            for _ in range(3):
                statuses.append((await http.post(session, url, json={})).status)
                await asyncio.sleep(0.05)  # time to hear of the end
            return statuses

    with serving(servers.raw(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) as port:
        assert asyncio.run(main(listed(port))) == [200] * 3


def test_a_request_that_was_given_up_leaves_no_answer_to_the_next(listed: Any) -> None:
    """Its connection goes with it: the late answer must not be taken for another's."""
    connections: list[Any] = []

    async def main(url: str) -> int:
        async with http.sending_session(1) as session:
            given_up = asyncio.ensure_future(http.post(session, url, json={"slow": True}))
            await asyncio.sleep(0.1)
            given_up.cancel()
            await asyncio.wait([given_up])
            return (await http.post(session, url, json={})).status

    with serving(servers.keeping(connections, slow=0.3)) as port:
        assert asyncio.run(main(listed(port))) == 200
    assert len(connections) == 2


def test_closing_ends_what_is_under_way(listed: Any) -> None:
    async def main(url: str) -> Any:
        async with http.sending_session(1) as session:
            under_way = asyncio.ensure_future(http.post(session, url, json={}))
            await asyncio.sleep(0.1)
        [result] = await asyncio.gather(under_way, return_exceptions=True)
        return result

    with serving(servers.hang) as port:
        error = asyncio.run(main(listed(port)))
    assert (type(error), http.how_far(error)) == (http.Interrupted, "ambiguous")
