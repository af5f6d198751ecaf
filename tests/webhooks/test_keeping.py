"""A callback outlives a database that is away: on disk, answered 200, brought home later, once."""

from typing import Any

import pytest
from django.db import InternalError, OperationalError
from django.test import Client
from prometheus_client import REGISTRY

from core import health, scope
from core.models import AgendaRow
from tenants.models import Company, Route
from tests.webhooks import callbacks
from webhooks.ingress import addresses
from webhooks.ingress.models import Envelope
from webhooks.ingress.services import envelopes, keeping, spool
from webhooks.models import Item

ONE = callbacks.envelope(callbacks.change(messages=[callbacks.text("wamid.1")]))
TWO = callbacks.envelope(callbacks.change(messages=[callbacks.text("wamid.2")]))


class Outage:
    """The database, as the ingress sees it, goes and comes back."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
        self._patch, self._error = monkeypatch, error
        self.asked = 0

    def begin(self) -> None:
        def fail(*args: Any, **values: Any) -> None:
            self.asked += 1
            raise self._error

        self._patch.setattr(envelopes.statements, "run", fail)
        self._patch.setattr(addresses, "_registered", fail)

    def end(self) -> None:
        self._patch.undo()
        keeping._outage.forget()


@pytest.fixture(params=[OperationalError, InternalError])
def outage(request: Any, monkeypatch: pytest.MonkeyPatch) -> Outage:
    return Outage(monkeypatch, request.param)


def stored() -> list[Envelope]:
    with scope.public():
        return list(Envelope.objects.order_by("received_at"))


def posts_counted(fate: str) -> float:
    """What Prometheus has read of the door."""
    labels = {"provider": "whatsapp_cloud", "fate": fate}
    return REGISTRY.get_sample_value("ingress_posts_total", labels) or 0.0


def test_a_callback_that_the_database_cannot_take_is_answered_and_waits_on_disk(
    address: str, company: Company, outage: Outage
) -> None:
    assert callbacks.post(address, ONE).status_code == 200  # and the address is remembered
    outage.begin()
    before = posts_counted("spooled")
    for body in (TWO, TWO):
        assert callbacks.post(address, body).status_code == 200
    assert outage.asked == 1  # it is left alone for a moment
    assert spool.count() == 2
    assert posts_counted("spooled") - before == 2
    came = [one.at for one in spooled()]
    outage.end()

    with scope.public():
        assert keeping.drain() == 2

    assert [(bytes(row.body or b""), row.seen) for row in stored()] == [(ONE, 1), (TWO, 2)]
    assert stored()[1].received_at == came[0]
    assert spool.count() == 0
    callbacks.work(company)
    assert sorted(Item.objects.values_list("key", flat=True)) == ["wamid.1", "wamid.2"]


def spooled() -> list[spool.Callback]:
    """What waits, left where it is."""
    return [one for path in spool._files(spool.SUFFIX) for one in spool._opened(path)]


def test_a_drain_that_died_before_the_file_went_changes_nothing(
    address: str, outage: Outage
) -> None:
    callbacks.post(address, ONE)
    outage.begin()
    callbacks.post(address, TWO)
    outage.end()
    with scope.public():
        keeping._store(spooled())  # and here it dies
        assert keeping.drain() == 1
    assert [bytes(row.body or b"") for row in stored()] == [ONE, TWO]


def test_the_next_callback_brings_home_what_waits(address: str, outage: Outage) -> None:
    callbacks.post(address, ONE)
    outage.begin()
    callbacks.post(address, TWO)
    outage.end()
    keeping._between._at = 0.0

    callbacks.post(address, ONE)

    assert len(stored()) == 2
    with scope.public():
        assert AgendaRow.objects.filter(kind="ingress.split").exists()


@pytest.mark.parametrize("secret", ["changed", "as it was"])
def test_who_cannot_be_verified_comes_again(address: str, outage: Outage, secret: str) -> None:
    """An address nobody here remembers, or a signature that does not hold with what is remembered:
    the secret may have changed since."""
    if secret == "changed":
        callbacks.post(address, ONE)
    outage.begin()

    answer = callbacks.post(address, TWO, secret=secret)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert spool.count() == 0


def test_what_is_remembered_is_not_believed_for_ever(
    address: str, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    callbacks.post(address, ONE)
    outage.begin()
    monkeypatch.setattr(addresses, "REMEMBERED_SECONDS", 0.0)
    monkeypatch.setattr(addresses, "REMEMBERED_IN_NEED_SECONDS", 0.0)
    assert callbacks.post(address, TWO).status_code == 503


def test_the_platforms_own_address_needs_no_database(
    db: None, settings: Any, outage: Outage
) -> None:
    settings.META_APP_SECRET = callbacks.SECRET
    outage.begin()
    assert callbacks.post("/webhooks/meta/", ONE).status_code == 200
    assert spool.count() == 1


def test_without_room_the_provider_comes_again(address: str, outage: Outage, settings: Any) -> None:
    callbacks.post(address, ONE)
    outage.begin()
    settings.INGRESS_SPOOL_MAX_BYTES = 10

    answer = callbacks.post(address, TWO)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert spool.count() == 0


def test_an_address_that_is_no_more_is_forgotten_by_what_came_to_it(
    address: str, outage: Outage
) -> None:
    callbacks.post(address, ONE)
    outage.begin()
    callbacks.post(address, TWO)
    outage.end()
    with scope.public():
        Route.objects.all().delete()
        assert keeping.drain() == 1
    assert [row.route_id for row in stored()] == [None, None]


def test_who_waits_too_long_for_those_before_goes_to_disk(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    callbacks.post(address, ONE)
    monkeypatch.setattr(keeping, "TURN_SECONDS", 0.01)
    held = envelopes._store_one._turn
    with held:
        assert callbacks.post(address, TWO).status_code == 200
    assert spool.count() == 1


def test_health_says_how_many_wait(db: None, settings: Any) -> None:
    settings.HEARTBEATS = {}
    settings.META_APP_SECRET = callbacks.SECRET
    keeping._outage.begin()
    callbacks.post("/webhooks/meta/", ONE)
    health._readiness.clear()

    answer = Client().get("/health/ready")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["waiting"] == {"spool": 1}
