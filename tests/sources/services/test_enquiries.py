"""Vendors that post an id are asked for the rest, with the company's own token."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.utils import timezone

from core.agenda import slices
from core.ids import uuid7
from tenants.models import Company, Route
from tests.sources import posting
from webhooks.ingress.takers import Taken
from webhooks.sources.enums import ReceivedState
from webhooks.sources.models import Received, Source
from webhooks.sources.posts import Post, pack
from webhooks.sources.services import intake, processing, sources

PAYMENT = {
    "id": 5466310457,
    "status": "pending",
    "payment_method_id": "pix",
    "transaction_amount": 100.5,
    "payer": {"email": "ana@example.com"},
    "point_of_interaction": {"transaction_data": {"qr_code": "000201", "ticket_url": "https://x"}},
}
NOTIFICATION = {"type": "payment", "action": "payment.created", "data": {"id": "5466310457"}}


class Vendor(HTTPServer):
    """Answers every GET with `status` and the payment, and remembers who asked."""

    status = 200
    asked: list[tuple[str, str]]


class _Answers(BaseHTTPRequestHandler):
    server: Vendor

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["Authorization"]))
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(json.dumps(PAYMENT).encode())

    def log_message(self, *_args: Any) -> None:
        """Nothing: tests are quiet."""


@pytest.fixture
def vendor(settings: Any) -> Iterator[Vendor]:
    server = Vendor(("127.0.0.1", 0), _Answers)
    server.asked = []
    settings.MERCADO_PAGO_URL = f"http://127.0.0.1:{server.server_port}"
    settings.OUTBOUND_ALLOWED_PRIVATE = [f"127.0.0.1:{server.server_port}", "127.0.0.1"]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def a_source(**credentials: str) -> Source:
    source = posting.a_source("mercado_pago", secret="s", credentials=credentials)
    Source.objects.filter(pk=source.pk).update(scheme="none", verification={})
    source.refresh_from_db()
    sources.update_source(source=source, changes={})
    return source


def arrives(source: Source) -> None:
    posting.arrives(source, json.dumps(NOTIFICATION).encode(), at=source.created_at)


def test_the_payment_is_asked_for_and_told(company: Company, vendor: Vendor) -> None:
    arrives(a_source(access_token="APP-1"))
    [event] = posting.told()
    assert vendor.asked == [("/v1/payments/5466310457", "Bearer APP-1")]
    assert (event.type, event.data["amount"]) == ("pix.created", 10050)
    assert event.data["pix_code"] == "000201"
    assert "APP-1" not in str(posting.received().trace)


def test_a_vendor_that_does_not_answer_is_asked_again(company: Company, vendor: Vendor) -> None:
    vendor.status = 503
    arrives(a_source(access_token="APP-1"))
    one = posting.received()
    assert (one.state, one.error) == (
        ReceivedState.RETRY,
        "NotAnswered: the vendor answered 503",
    )


def test_without_a_token_nobody_is_asked_and_that_is_said(company: Company, vendor: Vendor) -> None:
    arrives(a_source())
    assert vendor.asked == []
    assert [step["code"] for step in posting.received().trace] == ["not_asked", "nothing"]


def test_a_vendor_is_asked_for_one_post_at_a_time_and_holds_up_no_other_source(
    company: Company, source: Source, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slices, "SECONDS", 0)  # one step, as when the vendor takes all the time
    slow = a_source(access_token="APP-1")
    for system, body in ((slow, NOTIFICATION), (slow, NOTIFICATION), (source, posting.PIX)):
        route = Route.objects.get(external_id=system.token)
        packed = pack(Post(json.dumps(body).encode(), "application/json"))
        intake.accept([Taken(uuid7(), route, timezone.now(), packed)])
    processing.process("")
    rows = Received.objects.order_by("received_at").values_list("state", "attempts")
    assert list(rows) == [
        (ReceivedState.PROCESSED, 1),
        (ReceivedState.RECEIVED, 0),
        (ReceivedState.PROCESSED, 1),
    ]
