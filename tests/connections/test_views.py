"""The wizard and the pages of numbers, as people use them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from connections.models import Connection
from connections.services import states
from core import scope
from sandbox.accounts import DEMO_SECRET, DEMO_TOKEN
from sandbox.testing import Handle
from tenants.models import Company
from tests.connections.factories import a_connection, connected, control, demo_values

pytestmark = pytest.mark.django_db
BASE = "/c/aurora/connections/"


@pytest.fixture
def desk(aurora: Company, sandbox: Handle, client_for: Callable[..., Client]) -> Client:
    control(sandbox, "reset", what=["accounts", "settings"])
    return client_for(aurora, "admin")


@pytest.fixture
def existing(desk: Client, aurora: Company) -> Connection:
    with scope.opened(aurora):
        return connected()


def text(answer: Any) -> str:
    return str(answer.content.decode())


def in_aurora(aurora: Company) -> Connection:
    with scope.opened(aurora):
        return Connection.objects.get()


class TestWizard:
    def test_step_by_step_to_a_connected_number(self, desk: Client, aurora: Company) -> None:
        assert "new/values/" in text(desk.get(f"{BASE}new/"))
        answer = desk.post(f"{BASE}new/values/", demo_values(name="Vendas"), follow=True)
        connection = in_aurora(aurora)
        assert answer.redirect_chain == [(f"{BASE}{connection.pk}/connected/", 302)]
        page = text(answer)
        assert "+55 (11) 4000-1000" in page
        assert f"/webhooks/meta/{connection.webhook_token}/" in page
        assert connection.name == "Vendas"

    @pytest.mark.parametrize("field", ["number_id", "account_id", "token", "app_secret"])
    def test_the_wrong_value_is_shown_at_its_field(self, desk: Client, field: str) -> None:
        answer = desk.post(f"{BASE}new/values/", demo_values(**{field: "999"}))
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [field]

    def test_the_sandbox_number_in_one_click(self, desk: Client) -> None:
        page = text(desk.get(f"{BASE}new/values/?sandbox=1"))
        assert "106540352242922" in page
        assert DEMO_TOKEN in page

    def test_of_several_the_free_one(self, desk: Client, existing: Connection) -> None:
        page = text(desk.get(f"{BASE}new/values/?sandbox=1"))
        assert "106540352242923" in page

    def test_no_sandbox_no_button(self, desk: Client, settings: Any) -> None:
        settings.SANDBOX_URL = ""
        for path in ("new/", "new/values/"):
            assert "sandbox=1" not in text(desk.get(BASE + path))


class TestPages:
    def test_an_empty_list_says_what_to_do(self, desk: Client) -> None:
        assert f"{BASE}new/" in text(desk.get(BASE))

    @pytest.mark.parametrize("rows", [1, 3])
    def test_the_list_costs_the_same_for_one_and_three(
        self, desk: Client, aurora: Company, rows: int, django_assert_max_num_queries: Any
    ) -> None:
        with scope.opened(aurora):
            for _ in range(rows):
                a_connection()
        desk.get(BASE)
        with django_assert_max_num_queries(12):
            page = text(desk.get(BASE))
        assert page.count('id="connection-') == rows

    def test_secrets_are_on_no_page(self, desk: Client, existing: Connection) -> None:
        for path in ("", f"{existing.pk}/", f"{existing.pk}/credentials/"):
            page = text(desk.get(BASE + path))
            assert DEMO_TOKEN not in page
            assert DEMO_SECRET not in page

    def test_a_stopped_number_says_why_and_what_to_do(
        self, desk: Client, existing: Connection, aurora: Company
    ) -> None:
        with scope.opened(aurora):
            states.stop(existing, "131042", "no card")
        answer = desk.get(f"{BASE}{existing.pk}/")
        assert answer.context["health"].reason is not None
        assert "no card" in text(answer)

    def test_pause_resume_check_edit(
        self, desk: Client, existing: Connection, aurora: Company
    ) -> None:
        url = f"{BASE}{existing.pk}/"
        desk.post(f"{url}pause/")
        assert in_aurora(aurora).state == "paused"
        desk.post(f"{url}resume/")
        assert in_aurora(aurora).state == "active"
        assert desk.post(f"{url}check/").status_code == 302
        desk.post(f"{url}edit/", {"name": "Suporte", "rate_per_second": "7"})
        assert (in_aurora(aurora).name, in_aurora(aurora).rate_per_second) == ("Suporte", 7)
        assert desk.post(f"{url}edit/", {"name": ""}).status_code == 422

    def test_new_secrets_are_checked(
        self, desk: Client, existing: Connection, aurora: Company
    ) -> None:
        url = f"{BASE}{existing.pk}/credentials/"
        wrong = desk.post(url, {"token": "nonsense"})
        assert (wrong.status_code, list(wrong.context["form"].errors)) == (422, ["token"])
        assert desk.post(url, {}).status_code == 422
        assert desk.post(url, {"token": DEMO_TOKEN}).status_code == 302

    def test_release(self, desk: Client, existing: Connection) -> None:
        url = f"{BASE}{existing.pk}/"
        assert desk.post(f"{url}release/")["Location"] == BASE
        assert desk.get(url).status_code == 404

    def test_callbacks_are_asked_for_again(
        self, desk: Client, existing: Connection, aurora: Company
    ) -> None:
        desk.post(f"{BASE}{existing.pk}/callbacks/")
        assert in_aurora(aurora).config["callbacks"]["state"] == "failed"


class TestRights:
    @pytest.mark.parametrize(("role", "seen", "made"), [("manager", 200, 403), ("agent", 403, 403)])
    def test_roles(
        self, aurora: Company, sandbox: Handle, client_for: Callable[..., Client],
        role: str, seen: int, made: int,
    ) -> None:  # fmt: skip
        desk = client_for(aurora, role)
        assert desk.get(BASE).status_code == seen
        assert desk.get(f"{BASE}new/").status_code == made

    def test_another_companys_number_is_not_there(
        self, desk: Client, other_company: Company
    ) -> None:
        with scope.opened(other_company):
            foreign = a_connection()
        assert desk.get(f"{BASE}{foreign.pk}/").status_code == 404
