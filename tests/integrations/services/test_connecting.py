"""Connecting over the other system's page or with a key, and letting go."""

from collections.abc import Callable

import pytest

from core.errors import Conflict, Invalid, NotFound, Unavailable
from events.models import Incident, Interest
from integrations.enums import IntegrationState, PushState, SyncState, Thing
from integrations.models import ExternalId, Integration, Push, SyncRun
from integrations.preferences import PUSHES, TAGGED
from integrations.registry import provider
from integrations.services import connecting, queueing, states, syncing, tokens
from tenants.models import Company
from tests.crm.factories import a_contact
from tests.integrations.conftest import SLUG, SUBDOMAIN, TOKEN, Stand, a_code


def test_a_key_that_holds_connects_and_is_kept_encrypted(integration: Integration) -> None:
    assert (integration.state, integration.account_name) == ("connected", "Loja Aurora")
    assert integration.credentials == {"access_token": TOKEN}
    assert TOKEN not in integration.credentials_sealed
    assert set(Interest.objects.values_list("subscriber", "type")) == {
        (connecting.SUBSCRIBER, name) for name in {*PUSHES, *TAGGED}
    }
    labels = [field["label"] for field in integration.config["fields"]]
    assert labels == ["Cidade", "Plano", "Pontos"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"subdomain": "não é", "token": TOKEN}, "subdomain"),
        ({"subdomain": "evil.example/x", "token": TOKEN}, "subdomain"),
        ({"subdomain": SUBDOMAIN, "token": "wrong"}, "token"),
    ],
)
def test_what_does_not_hold_is_named_and_nothing_is_kept(
    company: Company, stand: Stand, values: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        connecting.connect_by_key(slug=SLUG, values=values)
    assert list(refused.value.errors) == [field]
    assert not Integration.objects.exists()


def test_a_code_is_exchanged_for_keys_that_end(
    consented: Callable[..., Integration], stand: Stand
) -> None:
    row = consented()
    assert set(row.credentials) == {"access_token", "refresh_token"}
    assert row.token_expires_at is not None
    assert stand.kinds() == ["token"]


def test_our_secret_goes_to_no_other_host(company: Company, stand: Stand) -> None:
    for referer in ("evil.example", "kommo.com.evil.example", "127.0.0.1:5000", ""):
        with pytest.raises(Conflict) as refused:
            connecting.connect_by_consent(
                slug=SLUG, params={"code": a_code(stand), "referer": referer}
            )
        assert refused.value.code == "consent_refused"
    assert stand.kinds() == []


def test_a_no_there_and_a_void_code_are_refusals(company: Company, stand: Stand) -> None:
    referer = f"{SUBDOMAIN}.kommo.com"
    for params in ({"error": "access_denied"}, {"code": "void", "referer": referer}):
        with pytest.raises(Conflict):
            connecting.connect_by_consent(slug=SLUG, params=params)


def test_a_system_that_does_not_answer_is_no_wrong_key(company: Company, stand: Stand) -> None:
    stand.fault("500_json", when={"path": "/account"})
    with pytest.raises(Unavailable):
        connecting.connect_by_key(slug=SLUG, values={"subdomain": SUBDOMAIN, "token": TOKEN})
    with pytest.raises(NotFound):
        connecting.connect_by_key(slug="nothing", values={})


def test_disconnecting_forgets_keys_and_what_waits_and_hears_of_nothing(
    integration: Integration,
) -> None:
    queueing.send_contact(integration=integration, contact=a_contact())
    connecting.disconnect(integration=integration)
    integration.refresh_from_db()
    assert (integration.state, integration.credentials) == (IntegrationState.DISCONNECTED, {})
    assert [push.state for push in Push.objects.all()] == [PushState.DROPPED]
    assert not Interest.objects.filter(subscriber=connecting.SUBSCRIBER).exists()


def test_connecting_again_ends_the_trouble_and_another_account_has_other_people(
    integration: Integration, stand: Stand
) -> None:
    link = {"integration": integration, "thing": Thing.CONTACT, "contact": a_contact()}
    ExternalId.objects.create(**link, external_id="1")
    states.stop(integration, code="access_revoked")
    values = {"subdomain": SUBDOMAIN, "token": TOKEN}
    connecting.connect_by_key(slug=SLUG, values=values)
    assert ExternalId.objects.count() == 1
    assert not Incident.objects.filter(closed_at=None).exists()
    stand.http.post("/_sandbox/kommo", json={"subdomain": "outra", "token": "t"})
    connecting.connect_by_key(slug=SLUG, values={"subdomain": "outra", "token": "t"})
    assert ExternalId.objects.count() == 0


def test_another_account_goes_on_with_nothing_of_the_former(
    integration: Integration, stand: Stand
) -> None:
    queueing.send_contact(integration=integration, contact=a_contact())
    stand.steer(contacts=[{"name": "Ana", "phone": "+5511987654321"}])
    run = syncing.start(integration=integration)
    in_flight = provider(SLUG).page(tokens.access_to(integration.pk), run.checkpoint)
    values = {"subdomain": SUBDOMAIN, "token": TOKEN}
    connecting.connect_by_key(slug=SLUG, values=values)  # the same one goes on
    assert [row.state for row in SyncRun.objects.all()] == [SyncState.RUNNING]
    assert [push.state for push in Push.objects.all()] == [PushState.WAITING]
    stand.http.post("/_sandbox/kommo", json={"subdomain": "outra", "token": "t"})
    connecting.connect_by_key(slug=SLUG, values={"subdomain": "outra", "token": "t"})
    stopped = SyncRun.objects.get()
    assert (stopped.state, stopped.finished_at is None) == (SyncState.STOPPED, False)
    assert [push.state for push in Push.objects.all()] == [PushState.DROPPED]
    syncing._take(run, in_flight)
    assert ExternalId.objects.count() == 0


def test_another_account_has_other_fields(integration: Integration, stand: Stand) -> None:
    integration.preferences = {"mapping": {"cidade": "1003"}, "tags": False}
    integration.account_id = "another"
    integration.save()
    row = connecting.connect_by_key(slug=SLUG, values={"subdomain": SUBDOMAIN, "token": TOKEN})
    assert row.preferences == {"mapping": {}, "tags": False}
