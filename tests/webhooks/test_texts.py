"""SMS through the door: genuine by our own address alone, into the inbox, receipts by our mark."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection as database
from django.http import HttpResponse
from django.test import Client

from connections.models import Connection
from core import scope
from crm.models import Consent, Identity, Suppression
from messaging.dispatch import lanes
from messaging.dispatch.pump import pump
from messaging.enums import DispatchState
from messaging.models import Message, Receipt, SmsGuard
from sandbox.testing import Handle
from sandbox.twilio.accounts import DEMO_ACCOUNT, DEMO_AUTH_TOKEN
from sandbox.twilio.callbacks import signature
from tenants.enums import RouteKind
from tenants.models import Company, Route
from tests.messaging import texting
from tests.webhooks.callbacks import work
from webhooks.ingress.models import Envelope

ANA = "+5511987654321"


@pytest.fixture
def connection(company: Company) -> Connection:
    return texting.a_text_number()


@pytest.fixture
def address(company: Company, connection: Connection) -> str:
    with scope.public():
        for kind, external_id in (
            (RouteKind.NUMBER, connection.external_id),
            (RouteKind.WEBHOOK, connection.webhook_token),
        ):
            Route.objects.create(
                kind=kind,
                provider=connection.provider,
                external_id=external_id,
                company=company,
                connection_id=connection.pk,
                secret=DEMO_AUTH_TOKEN if kind == RouteKind.WEBHOOK else "",
            )
    return f"/webhooks/twilio/{connection.webhook_token}/"


def post(
    address: str,
    form: dict[str, str],
    *,
    base: str = "",
    secret: str = DEMO_AUTH_TOKEN,
    **headers: str,
) -> HttpResponse:
    """Post a form, signed for the address at `base` (ours, if nothing is given)."""
    here = scope.current()
    signed = signature(f"{base or settings.PLATFORM_URL}{address}", form, secret)
    answer = Client().post(
        address,
        data=urlencode(form),
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": signed, **headers},
    )
    if here is not None:
        database.set_tenant(here)
    return answer


def written(body: str = "Oi", **changed: str) -> dict[str, str]:
    form = {
        "AccountSid": DEMO_ACCOUNT,
        "MessageSid": "SM" + "1" * 32,
        "SmsStatus": "received",
        "From": ANA,
        "To": texting.NUMBER,
        "Body": body,
        "NumMedia": "0",
    }
    return {**form, **changed}


def status(word: str, sid: str = "SM" + "9" * 32, **changed: str) -> dict[str, str]:
    form = {
        "AccountSid": DEMO_ACCOUNT,
        "MessageSid": sid,
        "MessageStatus": word,
        "SmsStatus": word,
        "From": texting.NUMBER,
        "To": ANA,
    }
    return {**form, **changed}


def envelopes() -> int:
    with scope.public():
        return Envelope.objects.count()


class TestTheDoor:
    def test_a_genuine_callback_is_stored_and_answered_with_nothing_to_send(
        self, address: str
    ) -> None:
        answer = post(address, written())
        assert (answer.status_code, answer.content) == (200, b"<Response/>")
        assert answer["Content-Type"].startswith("text/xml")
        assert envelopes() == 1

    @pytest.mark.parametrize(
        "spoof",
        [
            {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
            {"X-Forwarded-Host": "evil.example", "X-Original-URL": "/"},
            {"Forwarded": "host=evil.example;proto=https"},
        ],
    )
    def test_whoever_signs_for_another_host_is_refused(
        self, address: str, spoof: dict[str, str]
    ) -> None:
        answer = post(address, written(), base="https://evil.example", **spoof)
        assert (answer.status_code, envelopes()) == (403, 0)
        # And what proxies say of us does not spoil a genuine one.
        assert post(address, written(), **spoof).status_code == 200

    def test_a_wrong_or_missing_signature_is_refused(self, address: str) -> None:
        assert post(address, written(), secret="other").status_code == 403
        assert Client().post(address, written()).status_code == 401
        assert envelopes() == 0

    def test_the_signature_covers_the_query(self, address: str) -> None:
        answer = Client().post(
            f"{address}?mid=forged",
            data=urlencode(written()),
            content_type="application/x-www-form-urlencoded",
            headers={
                "X-Twilio-Signature": signature(
                    f"{settings.PLATFORM_URL}{address}", written(), DEMO_AUTH_TOKEN
                )
            },
        )
        assert answer.status_code == 403

    def test_an_address_that_nobody_has(self, company: Company) -> None:
        assert post("/webhooks/twilio/unknown/", written()).status_code == 404

    def test_the_same_again_only_counts(self, address: str) -> None:
        token = {"I-Twilio-Idempotency-Token": "token-1"}
        for _ in range(3):
            assert post(address, written(), **token).status_code == 200
            time.sleep(0.002)  # it comes at another time, which is not what makes it another
        assert envelopes() == 1


class TestIntoTheInbox:
    def test_a_text_is_a_message_of_its_person(
        self, address: str, connection: Connection, company: Company
    ) -> None:
        post(address, written("Quero comprar"))
        work(company)
        message = Message.objects.get()
        assert (message.content, message.connection_id) == (
            {"text": "Quero comprar"},
            connection.pk,
        )
        assert Identity.objects.get(contact=message.contact, alias_of=None).value == ANA
        assert message.thread is not None
        assert message.thread.window_until is None  # SMS knows no window

    def test_stop_is_heard_by_sms_alone_and_not_answered_again(
        self, address: str, company: Company
    ) -> None:
        post(address, written("STOP", OptOutType="STOP"))
        work(company)
        assert list(Consent.objects.values_list("channel", "action")) == [("sms", "opt_out")]
        assert set(Suppression.objects.values_list("channel", flat=True)) == {"sms"}
        # Twilio has confirmed it, and would refuse a second confirmation.
        assert Message.objects.filter(direction="out").count() == 0
        post(address, written("START", OptOutType="START", MessageSid="SM" + "2" * 32))
        work(company)
        assert not Suppression.objects.exists()


class TestReceipts:
    @pytest.fixture
    def sent(
        self, sandbox: Handle, address: str, connection: Connection
    ) -> Callable[[str], Message]:
        def send(fault: str = "") -> Message:
            if fault:
                rule = {"do": fault, "times": 1, "when": {"path": "/Messages.json"}}
                data: dict[str, Any] = {"provider": "twilio", "rules": [rule]}
                sandbox.http.post("/_sandbox/faults", json=data).raise_for_status()
            message = texting.single(connection, texting.people(1)[0])
            pump(lanes.REPLIES, str(connection.pk))
            message.refresh_from_db()
            return message

        return send

    def test_they_find_their_message_and_its_price(
        self, sent: Callable[..., Message], address: str, company: Company
    ) -> None:
        message = sent()
        assert message.dispatch == DispatchState.ACCEPTED
        place = f"{address}?mid={message.send_key}%3A1"
        for word in ("delivered", "sent"):
            post(place, status(word, message.external_id or "", Price="-0.05", PriceUnit="USD"))
        work(company)
        message.refresh_from_db()
        assert (message.rank, message.delivered_at is not None) == (20, True)
        assert Receipt.objects.filter(message=message).count() == 2

    def test_what_did_not_arrive_may_be_said_again(
        self, sent: Callable[..., Message], address: str, company: Company
    ) -> None:
        message = sent()
        assert SmsGuard.objects.filter(message=message).exists()
        post(address, status("undelivered", message.external_id or "", ErrorCode="30003"))
        work(company)
        message.refresh_from_db()
        assert (message.code, message.failed_at is not None) == ("30003", True)
        assert not SmsGuard.objects.exists()

    def test_a_lost_answer_is_settled_by_our_mark(
        self, sent: Callable[..., Message], address: str, company: Company
    ) -> None:
        message = sent("reset_after_read")
        assert message.dispatch == DispatchState.UNKNOWN
        post(f"{address}?mid={message.send_key}%3A1", status("queued"))
        work(company)
        message.refresh_from_db()
        assert (message.dispatch, message.external_id) == (DispatchState.ACCEPTED, "SM" + "9" * 32)

    def test_the_operator_blocks_who_answered_stop(
        self, sent: Callable[..., Message], company: Company
    ) -> None:
        message = sent("error:21610")
        assert (message.dispatch, message.code) == (DispatchState.REJECTED, "21610")
        said = Consent.objects.get(contact=message.contact, action="opt_out")
        assert (said.channel, said.source) == ("sms", "provider")
