"""A sandbox process for the session, and a product stand-in that takes its webhooks."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from sandbox.testing import Handle, start

NUMBER = "106540352242922"
OTHER_NUMBER = "106540352242923"
WABA = "102290129340398"
MARIA = "5511987654321"
VERIFY = "verify-me"
FAST = {"delays": {"sent": 0, "delivered": 0.02, "read": 0.04}, "template_approval_delay": 0.05}


@dataclass
class Product:
    """Takes webhooks as the product would and remembers their raw bytes and headers."""

    url: str
    posts: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)  # of the posts, as they were asked for
    answers: list[int] = field(default_factory=list)

    def values(self, kind: str) -> list[dict[str, Any]]:
        """Every item of ``kind`` (messages, statuses) in the order it came."""
        return [
            item
            for raw, _ in list(self.posts)
            for entry in json.loads(raw)["entry"]
            for change in entry["changes"]
            for item in change["value"].get(kind, ())
        ]

    def statuses(self, wamid: str) -> list[str]:
        """The kinds of status this message got, in order."""
        return [item["status"] for item in self.values("statuses") if item["id"] == wamid]


class Api:
    """The controls and the Graph API of one sandbox, with the demo token."""

    def __init__(self, sandbox: Handle) -> None:
        self.sandbox = sandbox
        self.http = sandbox.http

    def control(self, method: str, path: str, **options: Any) -> Any:
        """``/_sandbox/<path>``; the JSON answer. Raises httpx.HTTPStatusError."""
        response = self.http.request(method, f"/_sandbox/{path}", **options)
        response.raise_for_status()
        return response.json() if response.content else None

    def graph(
        self, method: str, path: str, *, token: str = "sandbox-token", **options: Any
    ) -> httpx.Response:
        """A Graph request."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.http.request(method, f"/graph/v23.0/{path}", headers=headers, **options)

    def send(self, text: str = "Olá", *, to: str = MARIA, **more: Any) -> httpx.Response:
        """A text message from the demo number."""
        body = {"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": text}}
        return self.graph("POST", f"{NUMBER}/messages", json={**body, **more})

    def send_template(
        self, name: str, components: list[dict[str, Any]] | None = None, *, language: str = "pt_BR"
    ) -> httpx.Response:
        """A template message to Maria from the demo number."""
        part = {"name": name, "language": {"code": language}, "components": components or []}
        body = {"messaging_product": "whatsapp", "to": MARIA, "type": "template", "template": part}
        return self.graph("POST", f"{NUMBER}/messages", json=body)

    def write(self, text: str = "Oi", *, sender: str = MARIA, **more: Any) -> dict[str, Any]:
        """Maria (or another) writes to the demo number."""
        data = {"provider": "meta", "connection": NUMBER, "from": sender, "text": text, **more}
        answer: dict[str, Any] = self.control("POST", "inbound", json=data)
        return answer

    def arm(self, do: str, **more: Any) -> None:
        """Arm one fault for message requests."""
        rule = {"when": {"path": "/messages"}, "do": do, **more}
        self.control("POST", "faults", json={"provider": "meta", "rules": [rule]})

    def ledger(self, **query: Any) -> list[dict[str, Any]]:
        """The ledger's entries."""
        results: list[dict[str, Any]] = self.control("GET", "ledger", params=query)["results"]
        return results


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Handle]:
    with start(smtp=True) as handle:
        yield handle


@pytest.fixture
def api(sandbox: Handle) -> Api:
    """A sandbox as freshly started, with short delays."""
    api = Api(sandbox)
    everything = ["ledger", "faults", "chats", "mail", "webhooks", "settings", "accounts", "media"]
    api.control("POST", "reset", json={"what": everything})
    api.control("POST", "settings", json=FAST)
    return api


@pytest.fixture
def product(api: Api) -> Iterator[Product]:
    """A subscribed webhook receiver."""
    product = Product("")

    class Receiver(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            known = query.get("hub.verify_token") == [VERIFY]
            self._answer(200 if known else 403, query.get("hub.challenge", [""])[0].encode())

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            status = product.answers.pop(0) if product.answers else 200
            if status == 200:
                product.posts.append((raw, dict(self.headers)))
                product.paths.append(self.path)
            self._answer(status, b"")

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Keep the test output quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    product.url = f"http://127.0.0.1:{server.server_address[1]}/webhooks/meta/"
    account = {"waba_id": WABA, "callback_url": product.url, "verify_token": VERIFY}
    api.control("POST", "accounts", json=account)
    yield product
    api.control("POST", "reset", json={"what": ["webhooks"]})
    server.shutdown()
    server.server_close()
    thread.join()


def eventually(check: Callable[[], Any], *, seconds: float = 10.0) -> Any:
    """The first true result of ``check``; its last result when time is up."""
    end = time.monotonic() + seconds
    while not (result := check()) and time.monotonic() < end:
        time.sleep(0.01)
    return result
