"""What a send means is decided by how far its bytes got, against the stand-in and raw sockets."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest

from connections.providers.base import (
    Credentials,
    FailureClass,
    Outgoing,
    OutgoingMedia,
    OutgoingTemplate,
    SendError,
    SendResult,
)
from connections.registry import provider
from core.http import sending_session
from sandbox.accounts import DEMO_TOKEN, DEMO_WABA
from sandbox.testing import Handle
from tests.connections.factories import NUMBER, PROVIDER, control

ANA = "5511987654321"
GRAPH_DOWN = {"error": {"message": "down", "code": 2, "is_transient": True}}


def credentials(token: str = DEMO_TOKEN, number: str = NUMBER) -> Credentials:
    return Credentials(number, DEMO_WABA, {"token": token})


def outgoing(kind: str = "text", **fields: Any) -> Outgoing:
    defaults: dict[str, Any] = {"text": "Oi"} if kind == "text" else {}
    return Outgoing(
        send_key=str(uuid4()), attempt=1, kind=kind, **{"to": ANA, **defaults, **fields}
    )


def send(message: Outgoing, who: Credentials | None = None) -> SendResult:
    async def go() -> SendResult:
        async with sending_session() as session:
            return await provider(PROVIDER).send(session, who or credentials(), message)

    return asyncio.run(go())


def refused(message: Outgoing, who: Credentials | None = None) -> SendError:
    with pytest.raises(SendError) as caught:
        send(message, who)
    return caught.value


def ledger(sandbox: Handle) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sandbox.http.get("/_sandbox/ledger").json()["results"]
    return [item for item in found if item["kind"] == "message"]


@pytest.fixture
def in_window(sandbox: Handle) -> Handle:
    """Ana has just written, so anything may be sent to her."""
    control(sandbox, "inbound", provider="meta", connection=NUMBER, text="Oi", **{"from": ANA})
    return sandbox


class TestAccepted:
    def test_the_evidence_travels_with_it(self, in_window: Handle) -> None:
        message = outgoing()
        result = send(message)
        (item,) = ledger(in_window)
        assert (item["wamid"], item["opaque"]) == (result.external_id, f"{message.send_key}:1")
        assert result.wa_id == ANA

    def test_every_kind_is_taken(self, in_window: Handle) -> None:
        place = {"latitude": -23.5, "longitude": -46.6, "name": "Sé", "address": ""}
        card = {"name": "Bia Lima", "phones": [{"phone": "+5511900000000"}], "emails": ["b@x.br"]}
        buttons = {
            "type": "button",
            "body": {"text": "Serve?"},
            "action": {"buttons": [{"type": "reply", "reply": {"id": "y", "title": "Sim"}}]},
        }
        link = OutgoingMedia(link="https://example.com/a.png", caption="Olha", filename="a.pdf")
        first = send(outgoing())
        messages = [
            *(outgoing(kind, media=link) for kind in ("image", "video", "document")),
            *(outgoing(kind, media=link) for kind in ("audio", "sticker")),
            outgoing("location", location=place),
            outgoing("contacts", contacts=[card]),
            outgoing("interactive", interactive=buttons),
            outgoing("reaction", reaction="👍", reply_to=first.external_id),
            outgoing(reply_to=first.external_id),
            outgoing(to="+" + ANA),
        ]
        for message in messages:
            send(message)
        kinds = [item["type"] for item in ledger(in_window)]
        assert kinds == ["text", *(message.kind for message in messages)]

    def test_a_template_needs_no_window(self, sandbox: Handle) -> None:
        body = {
            "type": "body",
            "parameters": [{"type": "text", "text": "Ana"}, {"type": "text", "text": "#1"}],
        }
        template = OutgoingTemplate("order_confirmed", "en", [body])
        send(outgoing("template", template=template))
        assert ledger(sandbox)[0]["template"] == "order_confirmed"


class TestRefused:
    def test_an_unknown_token_is_a_matter_of_the_connection(self, sandbox: Handle) -> None:
        error = refused(outgoing(), credentials(token="other"))
        assert (error.klass, error.code) == (FailureClass.AUTH, "190")

    def test_another_accounts_number_too(self, sandbox: Handle) -> None:
        error = refused(outgoing(), credentials(number="999"))
        assert (error.klass, error.code) == (FailureClass.AUTH, "33")

    def test_outside_the_window(self, sandbox: Handle) -> None:
        control(sandbox, "settings", async_errors=[])
        try:
            error = refused(outgoing())
        finally:
            control(sandbox, "reset", what=["settings"])
        assert (error.klass, error.code) == (FailureClass.REJECTED, "131047")

    def test_a_template_that_is_not_there(self, sandbox: Handle) -> None:
        error = refused(outgoing("template", template=OutgoingTemplate("nope", "en")))
        assert (error.klass, error.code) == (FailureClass.TEMPLATE, "132001")

    def test_a_kind_that_cannot_be_sent_leaves_nothing(self, in_window: Handle) -> None:
        error = refused(outgoing("call"))
        assert (error.klass, error.code) == (FailureClass.REJECTED, "unsupported")
        assert ledger(in_window) == []


FAULTS = [
    # fault, class, code, does the provider have it?
    ("429", FailureClass.THROTTLED, "130429", False),
    ("500_json", FailureClass.RETRYABLE, "131000", False),
    ("500_html", FailureClass.AMBIGUOUS, "server_error", True),
    ("200_no_id", FailureClass.AMBIGUOUS, "bad_answer", True),
    ("reset_after_read", FailureClass.AMBIGUOUS, "no_answer", True),
    ("half_body", FailureClass.AMBIGUOUS, "no_answer", True),
]


@pytest.mark.parametrize(("fault", "klass", "code", "accepted"), FAULTS)
def test_faults_of_the_wire(
    in_window: Handle, fault: str, klass: FailureClass, code: str, accepted: bool
) -> None:
    rule = {"do": fault, "times": 1}
    control(in_window, "faults", provider="meta", rules=[rule])
    error = refused(outgoing())
    assert (error.klass, error.code) == (klass, code)
    assert len(ledger(in_window)) == accepted


# --- raw servers: answers that no well-behaved provider gives

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def answered(settings: Any, head: str, body: bytes = b"") -> SendResult:
    """Send to a server that answers exactly this and closes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    async def go() -> SendResult:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        settings.GRAPH_BASE_URL = f"http://127.0.0.1:{port}"
        settings.OUTBOUND_ALLOWED_PRIVATE = [f"127.0.0.1:{port}"]
        async with server, sending_session() as session:
            return await provider(PROVIDER).send(session, credentials(), outgoing())

    return asyncio.run(go())


ANSWERS = [
    ("200 OK", b"{}", FailureClass.AMBIGUOUS, "bad_answer"),
    ("200 OK", b'{"messages":[null]}', FailureClass.AMBIGUOUS, "bad_answer"),
    ("200 OK", b'{"messages":[{"id":""}]}', FailureClass.AMBIGUOUS, "bad_answer"),
    ("200 OK", b"<html>", FailureClass.AMBIGUOUS, "bad_answer"),
    ("200 OK", b"x" * 300_000, FailureClass.AMBIGUOUS, "bad_answer"),
    ("200 OK", b"[" * 100_000, FailureClass.AMBIGUOUS, "bad_answer"),
    ("502 Bad Gateway", b"", FailureClass.AMBIGUOUS, "server_error"),
    ("408 Timeout", b"", FailureClass.AMBIGUOUS, "server_error"),
    ("503 Away", json.dumps(GRAPH_DOWN).encode(), FailureClass.RETRYABLE, "2"),
    ("403 Forbidden", b"<html>proxy", FailureClass.RETRYABLE, "refused"),
    ("302 Found\r\nLocation: http://example.com/", b"", FailureClass.RETRYABLE, "refused"),
    ("429 Slow\r\nRetry-After: 7", b"", FailureClass.THROTTLED, "refused"),
    ("401 No", b'{"error":{"code":987654}}', FailureClass.AUTH, "987654"),
    ("400 Bad", b'{"error":{"code":987654}}', FailureClass.REJECTED, "987654"),
    ("500 Bad", b'{"error":{"code":987654}}', FailureClass.RETRYABLE, "987654"),
]


@pytest.mark.parametrize(("head", "body", "klass", "code"), ANSWERS)
def test_answers(settings: Any, head: str, body: bytes, klass: FailureClass, code: str) -> None:
    with pytest.raises(SendError) as caught:
        answered(settings, head, body)
    assert (caught.value.klass, caught.value.code) == (klass, code)


def test_a_wait_of_years_is_a_day(settings: Any) -> None:
    with pytest.raises(SendError) as caught:
        answered(settings, "429 Slow\r\nRetry-After: " + "9" * 400)
    assert caught.value.retry_after == 86_400.0


def test_retry_after_is_passed_on(settings: Any) -> None:
    with pytest.raises(SendError) as caught:
        answered(settings, "429 Slow\r\nRetry-After: 7")
    assert caught.value.retry_after == 7.0


def test_nothing_listens_there(settings: Any) -> None:
    settings.GRAPH_BASE_URL = "http://127.0.0.1:1"
    settings.OUTBOUND_ALLOWED_PRIVATE = ["127.0.0.1:1"]
    error = refused(outgoing())
    assert (error.klass, error.code) == (FailureClass.RETRYABLE, "not_connected")


def test_a_cut_off_line_after_the_request(settings: Any) -> None:
    with pytest.raises(SendError) as caught:
        answered(settings, "200 OK\r\nContent-Length: 99")
    assert (caught.value.klass, caught.value.code) == (FailureClass.AMBIGUOUS, "no_answer")
