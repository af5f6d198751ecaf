"""C7: one address's flood is bounded after its signature held, and nobody else notices."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from connections.models import Connection
from core import redis, scope
from core.ids import uuid7
from core.models import AgendaRow
from events.models import Incident
from tenants.models import Company, Route
from tests.messaging import factories
from tests.webhooks import callbacks
from webhooks.ingress.agenda import CALM
from webhooks.ingress.models import Envelope
from webhooks.ingress.services import admission

BURST = 3


@pytest.fixture(autouse=True)
def small(settings: Any) -> None:
    settings.INGRESS_RATE_PER_SECOND, settings.INGRESS_BURST = 0.1, BURST


@pytest.fixture(params=["redis", "no redis"])
def counted_by(request: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    def away(operation: Any) -> None:
        raise redis.Away

    if request.param == "no redis":
        monkeypatch.setattr(redis, "ask", away)
    return str(request.param)


def body(number: int) -> bytes:
    return callbacks.envelope(callbacks.change(messages=[callbacks.text(f"wamid.{number}")]))


def statuses(address: str, count: int, **more: Any) -> list[int]:
    return [callbacks.post(address, body(number), **more).status_code for number in range(count)]


def test_c7_what_is_above_the_limit_is_told_to_come_again(address: str, counted_by: str) -> None:
    assert statuses(address, BURST) == [200] * BURST

    answer = callbacks.post(address, body(9))

    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 10
    with scope.public():
        assert Envelope.objects.count() == BURST


def test_c7_only_what_is_signed_counts(address: str) -> None:
    assert statuses(address, 10, secret="wrong") == [403] * 10
    assert statuses(address, BURST) == [200] * BURST


def test_c7_another_address_has_a_limit_of_its_own(address: str, company: Company) -> None:
    other = callbacks.an_address(company, factories.a_connection(external_id="7"))
    assert statuses(address, BURST + 1)[-1] == 429
    assert statuses(other, BURST) == [200] * BURST


def test_c7_the_platforms_address_speaks_for_all_companies_and_has_none(
    db: None, settings: Any
) -> None:
    settings.META_APP_SECRET = callbacks.SECRET
    assert statuses("/webhooks/meta/", BURST + 3) == [200] * (BURST + 3)


def test_a_flood_is_one_incident_of_its_company_until_it_is_quiet(
    address: str, company: Company, time_machine: Any
) -> None:
    statuses(address, BURST + 4)

    incident = Incident.objects.get()
    with scope.public():
        route = Route.objects.get(external_id=address.split("/")[3])
    assert (incident.kind, incident.scope, incident.closed_at, incident.times) == (
        admission.KIND,
        f"address:{route.pk}",
        None,
        1,
    )
    assert AgendaRow.objects.get(kind=CALM).key == str(route.pk)

    admission.calm(str(route.pk))
    assert Incident.objects.get().closed_at is None  # not yet, but it looks again
    assert AgendaRow.objects.filter(kind=CALM).count() == 2

    time_machine.move_to(timezone.now() + admission.QUIET + timedelta(seconds=1))
    admission.calm(str(route.pk))
    assert Incident.objects.get().closed_at is not None
    assert list(admission.due(None)) == []


def test_a_share_spares_redis(
    connection: Connection, address: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.INGRESS_RATE_PER_SECOND, settings.INGRESS_BURST = 200.0, 1000
    asked: list[int] = []
    take = admission._limiter.take

    def counted(*args: Any, **values: Any) -> Any:
        asked.append(1)
        return take(*args, **values)

    monkeypatch.setattr(type(admission._limiter), "take", lambda self, *a, **v: counted(*a, **v))
    with scope.public():
        route = Route.objects.get(external_id=address.split("/")[3])
    assert {admission.wait_of(route) for _ in range(20)} == {0.0}
    assert len(asked) == 2


def test_posts_at_once_use_up_no_more_than_there_are(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.INGRESS_RATE_PER_SECOND, settings.INGRESS_BURST = 100.0, 1_000
    granted: list[int] = []

    def take(_key: str, *, want: int, **_limits: Any) -> tuple[int, float]:
        time.sleep(0.005)  # others come meanwhile
        granted.append(want)
        return want, 0.0

    monkeypatch.setattr(admission, "_limiter", SimpleNamespace(take=take))
    route = Route(id=uuid7())
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _number: admission.wait_of(route), range(50))) == [0.0] * 50
    assert granted == [5] * 10
