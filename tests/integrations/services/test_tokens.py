"""Keys that end: renewed once however many need it, and kept before they are used."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from core import scope
from integrations.models import Integration
from integrations.providers.base import Access, Grant, ProviderError, Revoked, Unreachable
from integrations.providers.kommo.provider import Kommo
from integrations.registry import provider
from integrations.services import connecting, queueing, tokens
from tenants.models import Company
from tests.crm.factories import a_contact
from tests.integrations.conftest import SLUG, SUBDOMAIN, Stand, a_code, push_all

Connect = Callable[..., Integration]


def test_an_expired_key_is_renewed_and_the_work_done(consented: Connect, stand: Stand) -> None:
    row = consented()
    before = row.credentials
    stand.steer(expire=True)  # there; our row believes it lives
    queueing.send_contact(integration=row, contact=a_contact())
    push_all(row)
    row.refresh_from_db()
    assert stand.kinds() == ["token", "token", "contact_create"]
    assert row.credentials["refresh_token"] != before["refresh_token"]
    assert row.token_expires_at is not None


def test_a_key_that_is_about_to_end_is_renewed_before_it_is_used(
    consented: Connect, stand: Stand
) -> None:
    row = consented(token_seconds=60)
    stand.steer(token_seconds=86_400)
    access = tokens.access_to(row.pk)
    row.refresh_from_db()
    assert access.token == row.credentials["access_token"]
    assert row.token_expires_at is not None
    assert row.token_expires_at > timezone.now() + timedelta(hours=23)


def test_the_new_pair_is_kept_although_what_follows_fails(consented: Connect, stand: Stand) -> None:
    row = consented()
    stand.steer(expire=True)

    def work(access: Access) -> None:
        ask_name(access)
        raise Unreachable("unreachable")

    with pytest.raises(Unreachable):
        tokens.ask(row.pk, work)
    row.refresh_from_db()
    held = tokens.access_to(row.pk).token
    assert held == row.credentials["access_token"]
    assert stand.kinds() == ["token", "token"]


def test_a_long_lived_key_that_is_refused_cannot_be_renewed(
    integration: Integration, stand: Stand
) -> None:
    stand.steer(revoke=True)
    with pytest.raises(Revoked) as refused:
        tokens.ask(integration.pk, provider(SLUG).remote_fields)
    assert refused.value.code == "token_ended"


def test_a_key_that_is_refused_although_it_is_new_ends_it(consented: Connect, stand: Stand) -> None:
    row = consented()
    stand.fault("error:401", when={"path": "/custom_fields"})
    with pytest.raises(Revoked):
        tokens.ask(row.pk, provider(SLUG).remote_fields)
    assert stand.kinds() == ["token", "token"]


@pytest.mark.parametrize(("comes_back", "error"), [(False, Revoked), (True, Unreachable)])
def test_a_renewal_that_ends_after_letting_go_writes_nothing_back(
    consented: Connect,
    monkeypatch: pytest.MonkeyPatch,
    comes_back: bool,
    error: type[ProviderError],
) -> None:
    row = consented(token_seconds=60)
    renew = Kommo.refresh
    connected_again: list[Integration] = []

    def slow(*args: Any, **kwargs: Any) -> Grant:
        grant = renew(*args, **kwargs)
        connecting.disconnect(integration=row)
        if comes_back:
            connected_again.append(consented(token_seconds=86_400))
        return grant

    monkeypatch.setattr(Kommo, "refresh", slow)
    with pytest.raises(error):
        tokens._renew(row)
    row.refresh_from_db()
    assert row.credentials == (connected_again[0].credentials if comes_back else {})


def test_keys_are_in_no_repr(consented: Connect) -> None:
    access = tokens.access_to(consented().pk)
    assert access.token not in repr(access)


def test_two_workers_that_need_a_new_key_at_once_make_one(
    fresh_database: None, consented_for_real: Integration, stand: Stand, aurora_for_real: Company
) -> None:
    stand.steer(expire=True)
    with scope.opened(aurora_for_real):
        stale = consented_for_real.credentials["access_token"]
    together, got = threading.Barrier(2), []

    def work() -> None:
        try:
            with scope.opened(aurora_for_real):
                together.wait(10)
                access = tokens.access_to(consented_for_real.pk, refused=stale)
                got.append(ask_name(access))
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(20)
    assert got == ["Loja Aurora", "Loja Aurora"]
    assert stand.kinds() == ["token", "token"]  # connecting, and one renewal


def ask_name(access: Access) -> str:
    return provider(SLUG).account(access).name


@pytest.fixture
def aurora_for_real(fresh_database: None) -> Company:
    return Company.objects.get(slug="aurora")


@pytest.fixture
def consented_for_real(aurora_for_real: Company, stand: Stand) -> Integration:
    with scope.opened(aurora_for_real), scope.surroundings(aurora_for_real):
        params = {"code": a_code(stand), "referer": f"{SUBDOMAIN}.kommo.com"}
        return connecting.connect_by_consent(slug=SLUG, params=params)
