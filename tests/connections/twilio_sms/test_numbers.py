"""Connecting a number of Twilio's, and the numbers that can be had there."""

from decimal import Decimal
from typing import Any

import pytest

from connections.models import Connection
from connections.providers.base import Credentials, ProviderError
from connections.registry import provider
from connections.selectors import callback_url
from connections.services import connections
from core.errors import Invalid
from sandbox.testing import Handle
from sandbox.twilio.accounts import (
    DEMO_ACCOUNT,
    DEMO_AUTH_TOKEN,
    DEMO_SERVICE,
    DEMO_SMS_NUMBERS,
)
from tenants.enums import RouteKind
from tenants.models import Company, Route
from tests.connections.factories import control
from tests.messaging.texting import PROVIDER

pytestmark = pytest.mark.django_db
NUMBER = DEMO_SMS_NUMBERS[0]


def connect(**changed: str) -> Connection:
    values = {"number_id": NUMBER, "account_id": DEMO_ACCOUNT, "auth_token": DEMO_AUTH_TOKEN}
    return connections.connect(provider=PROVIDER, values={**values, **changed}, name="SMS")


def account(sandbox: Handle) -> dict[str, Any]:
    answer = sandbox.http.get("/_sandbox/accounts", params={"provider": "twilio"})
    found: dict[str, Any] = answer.json()["results"][0]
    return found


class TestConnect:
    def test_the_number_is_this_companys_and_its_messages_come_here(
        self, company: Company, sandbox: Handle
    ) -> None:
        connection = connect()
        assert (connection.external_id, connection.state) == (NUMBER, "active")
        assert account(sandbox)["numbers"][0]["sms_url"] == callback_url(connection)
        routes = {route.kind: route for route in Route.objects.filter(connection_id=connection.pk)}
        assert routes[RouteKind.NUMBER].external_id == NUMBER
        assert routes[RouteKind.WEBHOOK].secret == DEMO_AUTH_TOKEN

    @pytest.mark.parametrize("written", ["+55 (11) 94000-2000", "+55 11 94000.2000"])
    def test_a_number_may_be_written_as_people_do(
        self, company: Company, sandbox: Handle, written: str
    ) -> None:
        assert connect(number_id=written).external_id == NUMBER

    def test_a_messaging_service_is_told_another_address(
        self, company: Company, sandbox: Handle
    ) -> None:
        connection = connect(number_id=DEMO_SERVICE)
        [service] = account(sandbox)["services"]
        assert service["inbound_request_url"] == f"{callback_url(connection)}?via={DEMO_SERVICE}"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("account_id", "ACnone"),
            ("account_id", "AC" + "0" * 32),
            ("auth_token", "wrong"),
            ("auth_token", "“token”"),
            ("number_id", "12"),
            ("number_id", "+5511999990000"),
            ("number_id", "MG" + "0" * 32),
            ("number_id", ""),
        ],
    )
    def test_a_wrong_value_saves_nothing_and_is_named(
        self, company: Company, sandbox: Handle, field: str, value: str
    ) -> None:
        with pytest.raises(Invalid) as caught:
            connect(**{field: value})
        # An unknown account and a wrong token look alike from outside.
        assert set(caught.value.errors) <= {field, "auth_token"}
        assert not Connection.objects.exists()

    def test_a_number_that_cannot_text_is_refused(self, company: Company, sandbox: Handle) -> None:
        numbers = [{"number": NUMBER, "sms": False}]
        control(sandbox, "accounts", provider="twilio", account_sid=DEMO_ACCOUNT, numbers=numbers)
        with pytest.raises(Invalid) as caught:
            connect()
        assert list(caught.value.errors) == ["number_id"]

    def test_letting_it_go_ends_its_callbacks(self, company: Company, sandbox: Handle) -> None:
        connections.release(connect())
        assert account(sandbox)["numbers"][0]["sms_url"] == ""

    def test_a_suspended_account_stops_the_number(self, company: Company, sandbox: Handle) -> None:
        connection = connect()
        control(
            sandbox, "accounts", provider="twilio", account_sid=DEMO_ACCOUNT, status="suspended"
        )
        connections.check(connection)
        assert (connection.state, connection.state_code) == ("stopped", "20005")


class TestMarket:
    credentials = Credentials("", DEMO_ACCOUNT, {"auth_token": DEMO_AUTH_TOKEN})

    @property
    def market(self) -> Any:
        return provider(PROVIDER).market

    def test_offers_have_a_price(self, sandbox: Handle) -> None:
        offers = self.market.search(self.credentials, country="BR", limit=30)
        assert {offer.kind for offer in offers} == {"mobile", "local"}
        prices = {offer.kind: (offer.price, offer.currency) for offer in offers}
        assert prices["mobile"] == (Decimal("15.00"), "USD")

    def test_digits_are_looked_for(self, sandbox: Handle) -> None:
        offers = self.market.search(self.credentials, country="BR", contains="77", limit=5)
        assert offers
        assert all("77" in offer.number for offer in offers)

    def test_a_country_without_numbers_has_none(self, sandbox: Handle) -> None:
        assert self.market.search(self.credentials, country="PT") == []

    def test_bought_twice_is_bought_once(self, sandbox: Handle) -> None:
        [offer] = self.market.search(self.credentials, country="BR", limit=1)
        first = self.market.buy(self.credentials, number=offer.number)
        again = self.market.buy(self.credentials, number=offer.number)
        assert (first.number, first.sends_texts) == (again.number, True)
        rows = sandbox.http.get("/_sandbox/ledger").json()["results"]
        assert [row["kind"] for row in rows] == ["number_buy"]

    def test_a_number_that_is_gone_is_said_so(self, sandbox: Handle) -> None:
        with pytest.raises(ProviderError) as caught:
            self.market.buy(self.credentials, number="+1")
        assert caught.value.code == "21421"

    def test_let_go_twice_is_fine(self, sandbox: Handle) -> None:
        for _ in range(2):
            self.market.let_go(self.credentials, number=NUMBER)
        assert [one.number for one in self.market.owned(self.credentials)] == [DEMO_SMS_NUMBERS[1]]
