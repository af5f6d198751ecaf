"""SMS in the wizard, and the pages of an account's numbers."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from connections.models import Connection
from core import scope
from sandbox.testing import Handle
from sandbox.twilio.accounts import DEMO_ACCOUNT, DEMO_AUTH_TOKEN, DEMO_SMS_NUMBERS
from tenants.models import Company
from tests.connections.factories import a_connection
from tests.connections.twilio_sms.test_numbers import connect

pytestmark = pytest.mark.django_db
BASE = "/c/aurora/connections/"
FIRST, SECOND = DEMO_SMS_NUMBERS
TYPED = {"number_id": FIRST, "account_id": DEMO_ACCOUNT, "auth_token": DEMO_AUTH_TOKEN}


@pytest.fixture
def desk(aurora: Company, sandbox: Handle, client_for: Callable[..., Client]) -> Client:
    return client_for(aurora, "admin")


@pytest.fixture
def existing(desk: Client, aurora: Company) -> Connection:
    with scope.opened(aurora):
        return connect()


def numbers_of(aurora: Company) -> list[str]:
    with scope.opened(aurora):
        rows = Connection.objects.filter(deleted_at=None).order_by("created_at")
        return list(rows.values_list("external_id", flat=True))


class TestWizard:
    def test_step_by_step_to_a_connected_number(self, desk: Client, aurora: Company) -> None:
        guide = desk.get(f"{BASE}new/?channel=SMS").text
        assert "new/values/?channel=sms" in guide
        values = desk.get(f"{BASE}new/values/?channel=sms").text
        assert 'name="auth_token"' in values
        assert 'name="verify_token"' not in values
        answer = desk.post(f"{BASE}new/values/?channel=sms", TYPED, follow=True)
        assert numbers_of(aurora) == [FIRST]
        assert "Twilio accepted the values" in answer.text
        assert "/webhooks/twilio/" in answer.text

    def test_the_sandbox_number_in_one_click(self, desk: Client, existing: Connection) -> None:
        page = desk.get(f"{BASE}new/values/?channel=sms&sandbox=1").text
        assert (SECOND in page, DEMO_AUTH_TOKEN in page) == (True, True)

    @pytest.mark.parametrize("field", ["number_id", "account_id", "auth_token"])
    def test_the_wrong_value_is_shown_at_its_field(self, desk: Client, field: str) -> None:
        answer = desk.post(f"{BASE}new/values/?channel=sms", {**TYPED, field: "999"})
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [field]
        assert answer.context["search"].errors == {}

    def test_a_channel_that_nobody_speaks(self, desk: Client) -> None:
        assert desk.get(f"{BASE}new/?channel=fax").status_code == 404

    def test_who_has_no_number_buys_one_here(self, desk: Client, aurora: Company) -> None:
        typed = {**TYPED, "number_id": "", "csrfmiddlewaretoken": "x"}
        page = desk.post(
            f"{BASE}new/offers/?channel=sms", {**typed, "country": "BR", "contains": ""}
        )
        offer = page.context["offers"][0]
        assert (offer.number in page.text, "15" in page.text) == (True, True)
        answer = desk.post(
            f"{BASE}new/values/?channel=sms", {**typed, "buy": offer.number}, follow=True
        )
        assert numbers_of(aurora) == [offer.number]
        assert answer.status_code == 200

    def test_without_values_the_search_says_what_is_wrong(self, desk: Client) -> None:
        page = desk.post(f"{BASE}new/offers/?channel=sms", {"country": "BR"}).text
        assert "Fill in above first: Account SID, Auth token." in page

    def test_a_wrong_value_is_said_by_the_search(self, desk: Client) -> None:
        typed = {**TYPED, "auth_token": "wrong", "country": "BR"}
        page = desk.post(f"{BASE}new/offers/?channel=sms", typed).text
        assert "does not accept the auth token" in page


class TestNumbers:
    def test_the_accounts_numbers_with_what_may_be_done(
        self, desk: Client, existing: Connection
    ) -> None:
        assert "numbers/" in desk.get(f"{BASE}{existing.pk}/").text
        page = desk.get(f"{BASE}{existing.pk}/numbers/").text
        assert page.count('data-testid="owned"') == 2
        assert DEMO_AUTH_TOKEN not in page

    def test_searched_and_bought(self, desk: Client, existing: Connection, aurora: Company) -> None:
        url = f"{BASE}{existing.pk}/numbers/"
        page = desk.get(url, {"country": "BR", "contains": "9"}, headers={"HX-Request": "true"})
        offers = page.context["offers"]
        assert page.text.count('data-testid="offer"') == len(offers) > 0
        desk.post(f"{url}buy/", {"number": offers[0].number})
        assert numbers_of(aurora) == [FIRST, offers[0].number]

    def test_assigned_and_given_back(
        self, desk: Client, existing: Connection, aurora: Company
    ) -> None:
        url = f"{BASE}{existing.pk}/numbers/"
        desk.post(f"{url}assign/", {"number": SECOND})
        assert numbers_of(aurora) == [FIRST, SECOND]
        desk.post(f"{url}give-back/", {"number": SECOND})
        assert numbers_of(aurora) == [FIRST]

    def test_a_refusal_is_said_in_words(self, desk: Client, existing: Connection) -> None:
        url = f"{BASE}{existing.pk}/numbers/"
        answer = desk.post(f"{url}assign/", {"number": FIRST}, follow=True)
        assert "already connected" in answer.text

    def test_a_refused_account_still_shows_its_page(
        self, desk: Client, existing: Connection, aurora: Company
    ) -> None:
        with scope.opened(aurora):
            existing.credentials = {**existing.credentials, "auth_token": "old"}
            existing.save(update_fields=["credentials"])
        page: Any = desk.get(f"{BASE}{existing.pk}/numbers/")
        assert (page.status_code, "does not accept the auth token" in page.text) == (200, True)

    def test_whatsapp_sells_none(self, desk: Client, aurora: Company) -> None:
        with scope.opened(aurora):
            other = a_connection()
        assert desk.get(f"{BASE}{other.pk}/numbers/").status_code == 404
        assert "numbers/" not in desk.get(f"{BASE}{other.pk}/").text
