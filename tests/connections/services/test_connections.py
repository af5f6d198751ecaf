"""Connecting, checking, renewing and releasing a number, with the stand-in as the provider."""

from typing import Any

import pytest
from django.db import connection as database

from connections import agenda as kinds
from connections.enums import ConnectionState
from connections.models import Connection
from connections.selectors import callback_url, credentials_of
from connections.services import connections, states
from core import scope
from core.errors import Conflict, Invalid, Unavailable
from core.models import AgendaRow
from events.models import Event
from sandbox.accounts import DEMO_WABA
from sandbox.testing import Handle
from tenants.enums import RouteKind, RouteState
from tenants.models import Company, Route
from tests.connections.factories import NUMBER, PROVIDER, connected, control, demo_values

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh(sandbox: Handle) -> Handle:
    control(sandbox, "reset", what=["accounts", "settings"])
    return sandbox


def facts() -> list[str]:
    return list(Event.objects.order_by("sequence").values_list("type", flat=True))


class TestConnect:
    def test_the_number_is_this_companys(self, company: Company) -> None:
        connection = connected()
        assert (connection.state, connection.display_number) == ("active", "+55 11 4000-1000")
        assert (connection.quality, connection.tier) == ("GREEN", "TIER_2K")
        routes = {route.kind: route for route in Route.objects.filter(connection_id=connection.pk)}
        assert routes[RouteKind.NUMBER].external_id == NUMBER
        assert routes[RouteKind.WEBHOOK].external_id == connection.webhook_token
        assert routes[RouteKind.WEBHOOK].secret == demo_values()["app_secret"]
        assert routes[RouteKind.WEBHOOK].verify_token == connection.credentials["verify_token"]
        assert {route.company_id for route in routes.values()} == {company.pk}
        assert facts() == ["connection.connected"]

    def test_secrets_rest_encrypted(self, company: Company) -> None:
        connection = connected()
        with database.cursor() as cursor:
            cursor.execute("SELECT credentials FROM connections_connection")
            stored = cursor.fetchone()[0]
        assert demo_values()["token"] not in stored
        assert Connection.objects.get().credentials["token"] == demo_values()["token"]
        assert demo_values()["token"] not in str(Event.objects.values_list("data", flat=True))
        assert credentials_of(connection).number_id == NUMBER

    @pytest.mark.parametrize("field", ["number_id", "account_id", "token", "app_secret"])
    @pytest.mark.parametrize("value", ["", "999", "“999”"])
    def test_a_wrong_value_saves_nothing_and_is_named(
        self, company: Company, field: str, value: str
    ) -> None:
        with pytest.raises(Invalid) as caught:
            connected(**{field: value})
        assert list(caught.value.errors) == [field]
        assert not Connection.objects.exists()
        assert not Route.objects.exists()

    def test_a_verify_token_of_ones_own_is_kept(self, company: Company) -> None:
        assert connected(verify_token="meu-token").credentials["verify_token"] == "meu-token"

    def test_the_same_number_twice_is_refused(self, company: Company) -> None:
        connected()
        with pytest.raises(Conflict) as caught:
            connected()
        assert (caught.value.code, caught.value.field) == ("already_connected", "number_id")

    def test_another_companys_number_is_refused_without_naming_it(
        self, company: Company, other_company: Company
    ) -> None:
        with scope.opened(other_company):
            connected()
        with pytest.raises(Conflict) as caught:
            connected()
        assert (caught.value.code, caught.value.status) == ("number_taken", 409)
        assert other_company.name not in caught.value.text
        assert Route.objects.get(kind=RouteKind.NUMBER).company_id == other_company.pk

    def test_the_provider_away_is_said_so(self, company: Company, settings: Any) -> None:
        settings.GRAPH_BASE_URL = "http://127.0.0.1:1"
        settings.OUTBOUND_ALLOWED_PRIVATE = ["127.0.0.1:1"]
        with pytest.raises(Unavailable):
            connected()
        assert not Connection.objects.exists()

    def test_callbacks_that_cannot_arrive_do_not_spoil_it(
        self, company: Company, settings: Any
    ) -> None:
        settings.PLATFORM_URL = "http://127.0.0.1:1"
        connection = connected()
        assert connection.config["callbacks"]["state"] == "failed"
        assert callback_url(connection) == (
            f"http://127.0.0.1:1/webhooks/meta/{connection.webhook_token}/"
        )

    def test_its_health_is_looked_at_from_now_on(self, company: Company) -> None:
        connection = connected()
        rows = AgendaRow.objects.filter(kind=kinds.CHECK, key=str(connection.pk))
        assert rows.count() == 1


class TestCheck:
    def test_news_are_written_and_told(self, company: Company, fresh: Handle) -> None:
        connection = connected()
        number = {"id": NUMBER, "quality_rating": "YELLOW", "messaging_limit_tier": "TIER_10K"}
        control(fresh, "accounts", waba_id=DEMO_WABA, numbers=[number])
        connections.check(connection)
        assert (connection.quality, connection.tier) == ("YELLOW", "TIER_10K")
        event = Event.objects.get(type="connection.updated")
        assert event.data["changed"] == ["quality", "tier"]

    def test_a_refused_token_stops_the_number_and_a_good_one_frees_it(
        self, company: Company, fresh: Handle
    ) -> None:
        connection = connected()
        control(fresh, "accounts", waba_id=DEMO_WABA, tokens={"sandbox-token": 1})
        connections.check(connection)
        assert (connection.state, connection.state_code) == (ConnectionState.STOPPED, "190")
        control(fresh, "accounts", waba_id=DEMO_WABA, tokens={"sandbox-token": 0})
        connections.check(connection)
        assert (connection.state, connection.state_code) == (ConnectionState.ACTIVE, "")
        assert facts() == ["connection.connected", "connection.stopped", "connection.resumed"]

    def test_the_provider_being_away_changes_nothing(self, company: Company, settings: Any) -> None:
        connection = connected()
        settings.GRAPH_BASE_URL = "http://127.0.0.1:1"
        with pytest.raises(Unavailable):
            connections.check(connection)
        assert Connection.objects.get().state == ConnectionState.ACTIVE

    def test_the_agenda_asks_and_comes_back(self, company: Company) -> None:
        connection = connected()
        AgendaRow.objects.all().delete()
        connections.check_due(connection.pk)
        (row,) = AgendaRow.objects.filter(kind=kinds.CHECK)
        assert row.key == str(connection.pk)
        assert [key for key, _ in kinds.to_check(None)] == [str(connection.pk)]


class TestRenew:
    def test_what_is_left_empty_stays(self, company: Company, fresh: Handle) -> None:
        connection = connected()
        control(fresh, "accounts", waba_id=DEMO_WABA, token="second")
        connections.renew_credentials(connection, values={"token": "second", "app_secret": ""})
        stored = Connection.objects.get().credentials
        assert (stored["token"], stored["app_secret"]) == ("second", demo_values()["app_secret"])

    def test_a_new_secret_signs_the_callbacks(self, company: Company, fresh: Handle) -> None:
        connection = connected()
        control(fresh, "accounts", waba_id=DEMO_WABA, app_secret="new-secret")
        connections.renew_credentials(connection, values={"app_secret": "new-secret"})
        assert Route.objects.get(kind=RouteKind.WEBHOOK).secret == "new-secret"

    def test_wrong_ones_are_refused_and_the_old_stay(self, company: Company) -> None:
        connection = connected()
        with pytest.raises(Invalid) as caught:
            connections.renew_credentials(connection, values={"token": "nonsense"})
        assert list(caught.value.errors) == ["token"]
        assert Connection.objects.get().credentials["token"] == demo_values()["token"]

    def test_a_stopped_number_goes_on(self, company: Company) -> None:
        connection = connected()
        states.stop(connection, "190")
        connection.refresh_from_db()
        connections.renew_credentials(connection, values={"token": demo_values()["token"]})
        assert connection.state == ConnectionState.ACTIVE


class TestRelease:
    def test_the_number_is_free_for_another_company(
        self, company: Company, other_company: Company
    ) -> None:
        connection = connected()
        connections.release(connection)
        route = Route.objects.get(kind=RouteKind.NUMBER)
        assert route.state == RouteState.RELEASED
        with scope.opened(other_company):
            connected()
        route.refresh_from_db()
        assert (route.company_id, route.state) == (other_company.pk, RouteState.ACTIVE)
        history = list(route.history.order_by("id").values_list("company_id", "state"))
        assert history == [
            (company.pk, "active"),
            (company.pk, "released"),
            (other_company.pk, "active"),
        ]

    def test_its_secrets_are_gone_and_its_rows_stay(self, company: Company) -> None:
        connection = connected()
        connections.release(connection)
        row = Connection.objects.get()
        assert (row.state, row.credentials) == (ConnectionState.RELEASED, {})
        assert row.deleted_at is not None

    def test_twice_is_told_once(self, company: Company) -> None:
        connection = connected()
        connections.release(connection)
        connections.release(connection)
        assert facts().count("connection.released") == 1

    def test_it_may_come_back(self, company: Company) -> None:
        connections.release(connected())
        assert connected().state == ConnectionState.ACTIVE

    def test_an_unknown_provider_is_no_provider(self, company: Company) -> None:
        with pytest.raises(LookupError):
            connections.connect(provider="pigeon", values={})
        assert PROVIDER != "pigeon"


class TestUpdate:
    def test_name_and_speed(self, company: Company) -> None:
        connection = connected()
        connections.update(connection, name=" Vendas ", rate=20)
        row = Connection.objects.get()
        assert (row.name, row.rate_per_second) == ("Vendas", 20)
        connections.update(row, rate=0)
        assert Connection.objects.get().rate_per_second is None

    def test_a_name_is_needed(self, company: Company) -> None:
        with pytest.raises(Invalid):
            connections.update(connected(), name=" ")
