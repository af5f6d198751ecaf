"""Pages: the gallery, connecting over the other system's page, settings, the queue."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from core import scope
from integrations.enums import IntegrationState, PushState, SyncState
from integrations.forms import _name_of
from integrations.models import Integration, Push, SyncRun
from integrations.preferences import Preferences
from integrations.services import connecting, queueing
from sandbox.testing import Handle
from tenants.enums import Role
from tenants.links import company_path, platform_path
from tenants.models import Company
from tests.crm.factories import a_contact
from tests.integrations.conftest import SLUG, SUBDOMAIN, TOKEN, Stand

SignIn = Callable[..., Client]


@pytest.fixture
def client(aurora: Company, client_for: SignIn) -> Client:
    return client_for(aurora, Role.ADMIN)


@pytest.fixture
def connected(aurora: Company, stand: Stand) -> Integration:
    with scope.opened(aurora), scope.surroundings(aurora):
        values = {"subdomain": SUBDOMAIN, "token": TOKEN}
        return connecting.connect_by_key(slug=SLUG, values=values)


def page(company: Company, name: str, *ids: object) -> str:
    return company_path(company, name, *ids)


def rows(company: Company) -> list[Integration]:
    with scope.opened(company):
        return list(Integration.objects.all())


def way_there(client: Client, company: Company) -> str:
    """The link to the other system's page, as the page of ours shows it."""
    answer = client.get(f"{page(company, 'integration-new')}?system={SLUG}")
    return str(answer.context["authorize_url"])


def say_yes(stand: Stand, url: str, answer: str = "allow") -> str:
    """What an administrator does there; where they are sent back to."""
    asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    form = {**asked, "account": SUBDOMAIN, "answer": answer}
    back = stand.http.post("/kommo/oauth", data=form, follow_redirects=False)
    parts = urlsplit(back.headers["Location"])
    return f"{parts.path}?{parts.query}"


def test_the_gallery_shows_what_there_is(client: Client, aurora: Company) -> None:
    text = client.get(page(aurora, "integrations")).content.decode()
    assert "Kommo" in text
    assert "Grapfy" in text


def test_over_the_other_systems_page_and_back(
    client: Client, aurora: Company, stand: Stand
) -> None:
    back = say_yes(stand, way_there(client, aurora))
    answer = client.get(back)
    [row] = rows(aurora)
    assert row.state == IntegrationState.CONNECTED
    assert answer.headers["Location"] == page(aurora, "integration", row.pk)
    again = client.get(back)  # the state was good once
    assert again.headers["Location"] == platform_path("companies")


def test_a_no_there_is_said_and_nothing_is_connected(
    client: Client, aurora: Company, stand: Stand
) -> None:
    answer = client.get(say_yes(stand, way_there(client, aurora), "deny"), follow=True)
    assert "Access was not granted" in answer.content.decode()
    assert rows(aurora) == []


def test_somebody_elses_way_back_leads_nowhere(
    client: Client, client_for: SignIn, aurora: Company, boreal: Company, stand: Stand
) -> None:
    back = say_yes(stand, way_there(client, aurora))
    for other in (client_for(aurora, Role.OWNER), client_for(boreal, Role.OWNER)):
        answer = other.get(back)
        assert answer.headers["Location"] == platform_path("companies")
    assert rows(aurora) == rows(boreal) == []
    assert Client().get(back).headers["Location"].startswith("/accounts/login/")


def test_who_lost_the_right_meanwhile_connects_nothing(
    client: Client, aurora: Company, stand: Stand
) -> None:
    back = say_yes(stand, way_there(client, aurora))
    aurora.memberships.filter(role=Role.ADMIN).update(role=Role.AGENT)
    assert client.get(back).headers["Location"] == platform_path("companies")
    assert rows(aurora) == []


def test_with_a_key_and_with_a_wrong_one(client: Client, aurora: Company, stand: Stand) -> None:
    url = f"{page(aurora, 'integration-new')}?system={SLUG}"
    wrong = client.post(url, {"subdomain": SUBDOMAIN, "token": "x"})
    assert wrong.status_code == 422
    assert "This token does not open the account." in wrong.content.decode()
    right = client.post(url, {"subdomain": f"https://{SUBDOMAIN}.kommo.com/", "token": TOKEN})
    assert right.status_code == 302
    assert [row.config["subdomain"] for row in rows(aurora)] == [SUBDOMAIN]
    assert client.get(f"{page(aurora, 'integration-new')}?system=x").status_code == 404


def test_what_is_sent_and_where_fields_go_is_chosen(
    client: Client, aurora: Company, connected: Integration
) -> None:
    with scope.opened(aurora):
        a_contact(attributes={"cidade": "Recife"})
    url = page(aurora, "integration-preferences", connected.pk)
    assert "Cidade" in client.get(url).content.decode()
    form = {
        "pushes": ["contact.created"],
        "note_sight": "public",
        _name_of("cidade"): "1003",
    }
    assert client.post(url, form).status_code == 302
    [row] = rows(aurora)
    assert Preferences.of(row.preferences) == Preferences(
        pushes=frozenset({"contact.created"}),
        note_sight="public",
        tags=False,
        mapping={"cidade": "1003"},
    )
    assert client.post(url, {**form, "note_sight": "x"}).status_code == 422


def test_the_queue_says_why_and_sends_again(
    client: Client, aurora: Company, connected: Integration
) -> None:
    with scope.opened(aurora):
        queueing.send_contact(integration=connected, contact=a_contact("Ana"))
        Push.objects.update(state=PushState.FAILED, code="refused", attempts=1)
        push = Push.objects.get()
    url = page(aurora, "integration-queue", connected.pk)
    text = client.get(f"{url}?state=failed").content.decode()
    assert "Ana" in text
    assert "The other system refuses this." in text
    assert client.get(f"{url}?state=done").context["rows"] == []
    client.post(page(aurora, "integration-push-retry", push.pk))
    with scope.opened(aurora):
        assert Push.objects.get().state == PushState.WAITING


def test_it_is_read_by_hand_stopped_and_told_how_often(
    client: Client, aurora: Company, connected: Integration
) -> None:
    client.post(page(aurora, "integration-sync", connected.pk))
    text = client.get(page(aurora, "integration", connected.pk)).content.decode()
    assert "Reading now" in text
    client.post(page(aurora, "integration-stop", connected.pk))
    client.post(page(aurora, "integration-interval", connected.pk), {"interval_minutes": "60"})
    [row] = rows(aurora)
    with scope.opened(aurora):
        states = list(SyncRun.objects.values_list("state", flat=True))
    assert (states, row.interval_minutes) == ([SyncState.STOPPED], 60)


def test_disconnecting_leaves_its_history(
    client: Client, aurora: Company, connected: Integration
) -> None:
    client.post(page(aurora, "integration-disconnect", connected.pk))
    [row] = rows(aurora)
    assert row.state == IntegrationState.DISCONNECTED
    assert client.get(page(aurora, "integration", row.pk)).status_code == 200


def test_a_stopped_one_says_so_on_its_pages(
    client: Client, aurora: Company, connected: Integration, sandbox: Handle
) -> None:
    with scope.opened(aurora):
        Integration.objects.update(state=IntegrationState.STOPPED, state_code="access_revoked")
    for name in ("integration", "integration-preferences", "integration-queue"):
        text = client.get(page(aurora, name, connected.pk)).content.decode()
        assert "Access was taken back in the other system." in text
