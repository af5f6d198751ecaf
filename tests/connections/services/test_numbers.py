"""Numbers looked for, bought, assigned and given back."""

from typing import Any

import pytest

from connections.models import Connection
from connections.selectors import callback_url
from connections.services import numbers
from core import scope
from core.errors import Conflict, Invalid, NotFound
from sandbox.testing import Handle
from sandbox.twilio.accounts import DEMO_ACCOUNT, DEMO_AUTH_TOKEN, DEMO_SMS_NUMBERS
from tenants.models import Company
from tests.connections.factories import a_connection, control
from tests.connections.twilio_sms.test_numbers import connect
from tests.messaging.texting import PROVIDER

pytestmark = pytest.mark.django_db
VALUES = {"account_id": DEMO_ACCOUNT, "auth_token": DEMO_AUTH_TOKEN}
FIRST, SECOND = DEMO_SMS_NUMBERS


def an_offer() -> str:
    return numbers.search(provider=PROVIDER, values=VALUES, country="BR")[0].number


def bought(sandbox: Handle) -> list[str]:
    rows = sandbox.http.get("/_sandbox/ledger").json()["results"]
    return [row["kind"] for row in rows]


def buy(number: str, **more: Any) -> Connection:
    return numbers.buy(provider=PROVIDER, values=VALUES, number=number, **more)


def test_bought_and_connected_in_one_step(company: Company, sandbox: Handle) -> None:
    number = an_offer()
    connection = buy(number, name="Nova")
    assert (connection.external_id, connection.name) == (number, "Nova")
    [line] = [one for one in numbers.owned(connection) if one.number.number == number]
    assert (line.connection, line.receives_here) == (connection, True)


def test_what_broke_between_buying_and_connecting_is_simply_repeated(
    company: Company, sandbox: Handle, settings: Any
) -> None:
    number = an_offer()
    rule = {"do": "500_json", "times": 1, "when": {"path": f"/{DEMO_ACCOUNT}.json"}}
    control(sandbox, "faults", provider="twilio", rules=[rule])
    with pytest.raises(Exception, match="could not be asked"):
        buy(number)
    assert not Connection.objects.exists()
    assert buy(number).external_id == number
    assert bought(sandbox) == ["number_buy"]


def test_a_number_that_somebody_took_is_said_in_words(company: Company, sandbox: Handle) -> None:
    number = an_offer()
    control(
        sandbox,
        "accounts",
        provider="twilio",
        account_sid="AC" + "1" * 32,
        numbers=[{"number": number}],
    )
    with pytest.raises(Invalid) as caught:
        buy(number)
    assert "Somebody else has just taken this number." in str(caught.value.errors[""][0].message)


def test_wrong_credentials_are_said_in_words(company: Company, sandbox: Handle) -> None:
    with pytest.raises(Invalid) as caught:
        numbers.search(provider=PROVIDER, values={**VALUES, "auth_token": "wrong"}, country="BR")
    assert "does not accept the auth token" in str(caught.value.errors[""][0].message)


def test_a_number_of_the_account_is_assigned(company: Company, sandbox: Handle) -> None:
    first = connect()
    by_number = {one.number.number: one for one in numbers.owned(first)}
    assert (by_number[FIRST].connection, by_number[SECOND].connection) == (first, None)
    second = numbers.assign(first, number=SECOND, name="Segundo")
    [line] = [one for one in numbers.owned(first) if one.number.number == SECOND]
    assert (line.connection, line.number.receives_at) == (second, callback_url(second))
    with pytest.raises(Conflict):
        numbers.assign(first, number=SECOND)


def test_given_back_it_is_gone_here_and_there(company: Company, sandbox: Handle) -> None:
    first = connect()
    second = numbers.assign(first, number=SECOND)
    for _ in range(2):
        numbers.give_back(first, number=SECOND)
    second.refresh_from_db()
    assert second.deleted_at is not None
    assert [one.number.number for one in numbers.owned(first)] == [FIRST]
    assert bought(sandbox) == ["number_release"]


def test_another_companys_number_is_not_given_back(
    company: Company, other_company: Company, sandbox: Handle
) -> None:
    first = connect()
    with scope.opened(other_company):
        connect(number_id=SECOND)
    with pytest.raises(Conflict):
        numbers.give_back(first, number=SECOND)
    assert len(numbers.owned(first)) == 2


def test_where_nothing_is_sold_there_is_no_page(company: Company) -> None:
    with pytest.raises(NotFound):
        numbers.owned(a_connection())
