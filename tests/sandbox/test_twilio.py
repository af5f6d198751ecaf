"""Twilio's own SDK, unchanged but for where it calls, against the sandbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from sandbox.testing import Handle
from sandbox.twilio.accounts import (
    DEMO_ACCOUNT,
    DEMO_AUTH_TOKEN,
    DEMO_SERVICE,
    DEMO_SMS_NUMBERS,
)
from tests.sandbox.conftest import Api, Product, eventually

NUMBER = DEMO_SMS_NUMBERS[0]
MARIA = "+5511987654321"
FREE = "+5511940009999"


class Redirected(TwilioHttpClient):
    """Twilio's client, calling the sandbox whatever the product's host."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=5)
        self._base = base

    def request(self, method: str, url: str, *args: Any, **options: Any) -> Response:
        parts = urlsplit(url)
        there = f"{self._base}/twilio{parts.path}" + (f"?{parts.query}" if parts.query else "")
        return super().request(method, there, *args, **options)


@pytest.fixture
def twilio(api: Api, sandbox: Handle) -> Client:
    return Client(DEMO_ACCOUNT, DEMO_AUTH_TOKEN, http_client=Redirected(sandbox.url))


@pytest.fixture
def address(product: Product) -> str:
    return product.url.replace("/webhooks/meta/", "/webhooks/twilio/token/")


def send(twilio: Client, body: str = "Olá", **more: Any) -> Any:
    return twilio.messages.create(**{"to": MARIA, "from_": NUMBER, "body": body, **more})


def forms(product: Product) -> list[dict[str, str]]:
    return [dict(parse_qsl(raw.decode(), keep_blank_values=True)) for raw, _ in product.posts]


def refused(call: Any, *args: Any, **options: Any) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        call(*args, **options)
    return caught.value.status, caught.value.code


class TestMessages:
    def test_what_it_accepts_stands_in_the_ledger(self, twilio: Client, api: Api) -> None:
        callback = "http://127.0.0.1:9/webhooks/twilio/t/?mid=0199-key%3A1"
        message = send(twilio, status_callback=callback)
        assert (message.status, message.num_segments, message.from_) == ("queued", "1", NUMBER)
        [row] = api.ledger()
        assert (row["provider"], row["connection"], row["kind"]) == ("twilio", NUMBER, "message")
        assert (row["recipient"], row["key"]) == (MARIA.lstrip("+"), "0199-key:1")
        assert row["sid"] == message.sid

    def test_it_is_found_again(self, twilio: Client) -> None:
        message = send(twilio, "Pedido 7")
        assert twilio.messages(message.sid).fetch().body == "Pedido 7"
        since = datetime.now(UTC) - timedelta(days=1)
        found = twilio.messages.list(to=MARIA, date_sent_after=since, limit=5)
        assert [one.sid for one in found] == [message.sid]
        assert twilio.messages.list(to="+5511911112222") == []

    def test_a_list_is_read_page_by_page(self, twilio: Client) -> None:
        sent = [send(twilio, str(index)).sid for index in range(5)]
        assert [one.sid for one in twilio.messages.list(page_size=2)] == sent[::-1]

    def test_a_service_chooses_the_number(self, twilio: Client, api: Api) -> None:
        message = twilio.messages.create(to=MARIA, messaging_service_sid=DEMO_SERVICE, body="Oi")
        assert (message.from_, message.messaging_service_sid) == (
            DEMO_SMS_NUMBERS[1],
            DEMO_SERVICE,
        )
        assert api.ledger()[0]["connection"] == DEMO_SERVICE

    @pytest.mark.parametrize(
        ("changed", "code"),
        [
            ({"to": "123"}, 21211),
            ({"to": "+551140041000"}, 21614),
            ({"from_": "+5511999990000"}, 21606),
            ({"body": ""}, 21602),
            ({"body": "x" * 1601}, 21617),
        ],
    )
    def test_it_refuses_as_twilio_does(
        self, twilio: Client, api: Api, changed: dict[str, str], code: int
    ) -> None:
        assert refused(send, twilio, **changed) == (400, code)
        assert api.ledger() == []

    def test_a_wrong_token_is_refused(self, sandbox: Handle, api: Api) -> None:
        stranger = Client(DEMO_ACCOUNT, "wrong", http_client=Redirected(sandbox.url))
        assert refused(send, stranger) == (401, 20003)

    def test_who_answers_stop_is_written_to_no_more(self, twilio: Client, api: Api) -> None:
        text(api, "stop")
        assert refused(send, twilio) == (400, 21610)
        text(api, "START")
        assert send(twilio).status == "queued"


class TestCallbacks:
    def test_receipts_are_signed_over_their_address(
        self, twilio: Client, product: Product, address: str
    ) -> None:
        url = f"{address}?mid=key%3A1"
        message = send(twilio, status_callback=url)
        eventually(lambda: len(product.posts) == 2)
        assert [form["MessageStatus"] for form in forms(product)] == ["sent", "delivered"]
        assert {form["MessageSid"] for form in forms(product)} == {message.sid}
        assert [url.endswith(path) for path in product.paths] == [True, True]
        for (_, headers), form in zip(product.posts, forms(product), strict=True):
            validator = RequestValidator(DEMO_AUTH_TOKEN)
            assert validator.validate(url, form, headers["X-Twilio-Signature"])
            assert not validator.validate(address, form, headers["X-Twilio-Signature"])

    def test_the_price_comes_with_the_last_one(
        self, twilio: Client, product: Product, address: str
    ) -> None:
        send(twilio, "à" * 71, status_callback=address)
        eventually(lambda: len(product.posts) == 2)
        assert [form.get("Price") for form in forms(product)] == [None, "-0.05000"]
        send(twilio, "ç" * 71, status_callback=address)
        eventually(lambda: len(product.posts) == 4)
        assert forms(product)[-1]["Price"] == "-0.10000"

    def test_an_unreachable_phone_fails_afterwards(
        self, twilio: Client, api: Api, product: Product, address: str
    ) -> None:
        api.control("POST", "settings", json={"unreachable": [MARIA]})
        send(twilio, status_callback=address)
        eventually(lambda: len(product.posts) == 2)
        assert forms(product)[-1]["MessageStatus"] == "undelivered"
        assert forms(product)[-1]["ErrorCode"] == "30003"

    def test_what_people_write_goes_where_the_number_says(
        self, twilio: Client, api: Api, product: Product, address: str
    ) -> None:
        [number] = twilio.incoming_phone_numbers.list(phone_number=NUMBER)
        number.update(sms_url=address)
        answer = text(api, "Oi", payload={"OptOutType": "HELP"})
        assert (answer["delivered"], answer["status"]) == (True, 200)
        [form] = forms(product)
        assert (form["From"], form["To"], form["Body"]) == (MARIA, NUMBER, "Oi")
        assert (form["SmsStatus"], form["OptOutType"]) == ("received", "HELP")


class TestFaults:
    @pytest.mark.parametrize(
        ("do", "expected"),
        [("429", (429, 20429)), ("500_json", (500, 20500)), ("error:21408", (400, 21408))],
    )
    def test_refusals_accept_nothing(
        self, twilio: Client, api: Api, do: str, expected: tuple[int, int]
    ) -> None:
        arm(api, do, times=1)
        assert refused(send, twilio) == expected
        assert api.ledger() == []
        assert send(twilio).sid

    def test_a_lost_answer_was_accepted(self, twilio: Client, api: Api) -> None:
        arm(api, "500_html", times=1)
        with pytest.raises((TwilioException, ValueError)):  # the SDK cannot read the page it gets
            send(twilio)
        assert len(api.ledger()) == 1

    def test_conditions_read_the_form(self, twilio: Client, api: Api) -> None:
        arm(api, "error:21610", when={"recipient": MARIA, "text_contains": "promo"})
        assert refused(send, twilio, "promo") == (400, 21610)
        assert send(twilio, "pedido").sid

    def test_a_code_can_come_with_the_receipt(
        self, twilio: Client, api: Api, product: Product, address: str
    ) -> None:
        arm(api, "fail:30007")
        send(twilio, status_callback=address)
        eventually(lambda: len(product.posts) == 2)
        assert forms(product)[-1]["ErrorCode"] == "30007"


class TestNumbers:
    def test_searched_bought_and_released(self, twilio: Client) -> None:
        [offer] = twilio.available_phone_numbers("BR").mobile.list(limit=1)
        bought = twilio.incoming_phone_numbers.create(phone_number=offer.phone_number)
        assert bought.capabilities["sms"] is True
        numbers = [one.phone_number for one in twilio.incoming_phone_numbers.list()]
        assert numbers == [*DEMO_SMS_NUMBERS, offer.phone_number]
        again = twilio.available_phone_numbers("BR").mobile.list(limit=1)
        assert again[0].phone_number != offer.phone_number
        assert refused(twilio.incoming_phone_numbers.create, phone_number=offer.phone_number) == (
            400,
            21422,
        )
        assert bought.delete() is True

    def test_search_looks_for_digits(self, twilio: Client) -> None:
        found = twilio.available_phone_numbers("BR").local.list(contains="77", limit=3)
        assert found
        assert all("77" in one.phone_number for one in found)

    def test_a_country_without_such_numbers_has_none(self, twilio: Client) -> None:
        with pytest.raises(TwilioException, match="20404"):
            twilio.available_phone_numbers("BR").toll_free.list()

    def test_prices_are_told(self, twilio: Client) -> None:
        country = twilio.pricing.v1.phone_numbers.countries("BR").fetch()
        prices = {row["number_type"]: row["current_price"] for row in country.phone_number_prices}
        assert (country.price_unit, prices["mobile"]) == ("USD", "15.00")


def text(api: Api, body: str, **more: Any) -> Any:
    data = {"provider": "twilio", "connection": NUMBER, "from": MARIA, "text": body, **more}
    return api.control("POST", "inbound", json=data)


def arm(api: Api, do: str, **more: Any) -> None:
    rule = {"when": {"path": "/Messages.json"}, "do": do, **more}
    api.control("POST", "faults", json={"provider": "twilio", "rules": [rule]})
