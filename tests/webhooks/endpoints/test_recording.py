"""When an endpoint is not asked again, and who is told (reliability D7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from events.models import Incident, Interest
from team.models import Notification
from tenants.enums import Role
from tenants.models import Company
from tests.conftest import make_member
from tests.webhooks.endpoints import driving
from tests.webhooks.endpoints.conftest import Make
from tests.webhooks.endpoints.sink import Sink
from webhooks.endpoints import requests
from webhooks.endpoints.enums import DispatchState, EndpointState, Failure
from webhooks.endpoints.models import Dispatch, Endpoint, Redrive
from webhooks.endpoints.services import claiming, endpoints, recording, redriving
from webhooks.endpoints.wire import Answer

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def days(endpoint: Endpoint, clock: time_machine.Traveller, count: int) -> None:
    """An event a day, and all attempts in between."""
    for _ in range(count):
        at = datetime.now(UTC)
        driving.queued()
        driving.play(endpoint, clock, at + DAY)
        clock.move_to(at + DAY, tick=False)


def open_incidents() -> list[str]:
    return sorted(
        Incident.objects.filter(closed_at=None)
        .exclude(kind="dead_letters")
        .values_list("kind", flat=True)
    )


def told() -> list[str]:
    """Of the endpoint; that a delivery was given up is the dead letters' own news."""
    rows = Notification.objects.exclude(code="dead_letters.quarantined")
    return sorted(rows.values_list("code", flat=True))


@pytest.fixture(autouse=True)
def admin(aurora: Company) -> None:
    make_member(aurora, Role.ADMIN)


def test_nothing_but_failures_for_five_days_disables_and_a_notice_comes_at_the_third(
    company: Company, sink: Sink, an_endpoint: Make
) -> None:
    endpoint = an_endpoint("/status/500")
    with time_machine.travel(START, tick=False) as clock:
        driving.queued()
        driving.play(endpoint, clock, START + timedelta(minutes=1))
        assert (len(sink.got), told()) == (2, [])
        driving.play(endpoint, clock, START + timedelta(minutes=10))
        assert (len(sink.got), told()) == (3, ["endpoint.failing"])
        assert open_incidents() == ["endpoint.failing"]
        days(endpoint, clock, 6)
        endpoint.refresh_from_db()
        assert (endpoint.state, endpoint.cause) == (EndpointState.DISABLED, "failing")
        assert told() == ["endpoint.disabled", "endpoint.failing"]
        assert open_incidents() == ["endpoint.disabled"]
        asked = len(sink.got)
        driving.queued()
        driving.send_all()
        assert len(sink.got) == asked
        held = Dispatch.objects.filter(state=DispatchState.HELD)
        assert held.count() > 1

        sink.answers["/status/500"] = 200
        clock.shift(1)
        endpoints.activate(endpoint=endpoint, sends_held=True)
        redriving.run(str(Redrive.objects.get().pk))
        driving.send_all()
    assert held.count() == 0
    assert open_incidents() == []


def test_any_success_ends_the_spell(company: Company, sink: Sink, an_endpoint: Make) -> None:
    endpoint = an_endpoint("/status/500")
    with time_machine.travel(START, tick=False) as clock:
        days(endpoint, clock, 4)
        sink.answers["/status/500"] = 200
        days(endpoint, clock, 1)
        assert open_incidents() == []
        sink.answers["/status/500"] = 500
        days(endpoint, clock, 4)
    endpoint.refresh_from_db()
    assert endpoint.state == EndpointState.ACTIVE


def test_failures_that_lie_far_apart_are_no_spell(
    company: Company, sink: Sink, an_endpoint: Make
) -> None:
    endpoint = an_endpoint("/status/500")
    with time_machine.travel(START, tick=False) as clock:
        driving.queued()
        driving.play(endpoint, clock, START + 5 * DAY)
        clock.move_to(START + 8 * DAY, tick=False)
        driving.queued()
        driving.send_all()
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.failures) == (EndpointState.ACTIVE, 1)


def test_gone_disables_at_once_and_keeps_what_waits(
    company: Company, sink: Sink, an_endpoint: Make
) -> None:
    endpoint = an_endpoint("/status/410")
    driving.queued(3)
    driving.send_all()
    endpoint.refresh_from_db()
    assert (endpoint.state, endpoint.cause) == (EndpointState.DISABLED, "gone")
    states = set(Dispatch.objects.values_list("state", flat=True))
    assert states == {DispatchState.HELD}
    assert len(sink.got) == 2


def test_gone_ends_a_subscription_over_rest_hooks(
    company: Company, sink: Sink, an_endpoint: Make
) -> None:
    endpoint = an_endpoint("/status/410", origin="rest_hook")
    driving.queued()
    driving.send_all()
    endpoint.refresh_from_db()
    assert endpoint.deleted_at is not None
    assert Interest.objects.filter(subscriber="endpoints.queue").count() == 0
    assert Dispatch.objects.get().state == DispatchState.CANCELLED


def answered_late(endpoint: Endpoint, change: Callable[..., None]) -> Dispatch:
    """The third failure comes in after something was done to its endpoint."""
    Endpoint.objects.update(failing_since=START, failures=2)
    driving.queued()
    [sent] = claiming.claim(1)
    request = requests.of(sent, signers=[], at=START)
    change(endpoint=Endpoint.objects.get())
    recording.record([Answer(request, 10, status=500, failure=Failure.STATUS)])
    return driving.only(endpoint)


def test_answers_of_a_batch_are_judged_in_order_and_each_endpoint_by_its_own(
    company: Company, an_endpoint: Make
) -> None:
    with time_machine.travel(START, tick=False):
        failing, healthy = an_endpoint("/status/500"), an_endpoint("/ok")
        Endpoint.objects.filter(pk=failing.pk).update(failing_since=START, failures=7)
        driving.queued(2)
        sent = claiming.claim(4)
        answers = [
            Answer(requests.of(one, signers=[], at=START), 10, status=status, failure=failure)
            for endpoint, outcomes in (
                (failing, ((200, ""), (500, Failure.STATUS))),
                (healthy, ((200, ""), (204, ""))),
            )
            for one, (status, failure) in zip(
                [one for one in sent if one.endpoint_id == endpoint.pk], outcomes, strict=True
            )
        ]
        recording.record(answers)
    health = Endpoint.objects.order_by("created_at", "id")
    assert list(health.values_list("failures", "failing_since", "last_status")) == [
        (1, START, 500), (0, None, 204),
    ]  # fmt: skip
    states = (
        Dispatch.objects.filter(endpoint=failing).order_by("id").values_list("state", flat=True)
    )
    assert list(states) == [DispatchState.DELIVERED, DispatchState.WAITING]


def test_a_late_failure_of_who_is_off_opens_no_incident(
    company: Company, an_endpoint: Make
) -> None:
    with time_machine.travel(START, tick=False):
        late = answered_late(an_endpoint(), endpoints.deactivate)
    assert (late.state, open_incidents(), told()) == (DispatchState.HELD, [], [])


def test_a_late_failure_of_who_is_deleted_is_cancelled(company: Company, an_endpoint: Make) -> None:
    with time_machine.travel(START, tick=False):
        late = answered_late(an_endpoint(), endpoints.delete_endpoint)
    assert (late.state, open_incidents(), told()) == (DispatchState.CANCELLED, [], [])


def test_of_a_deleted_address_the_host_is_left(company: Company, an_endpoint: Make) -> None:
    endpoint = an_endpoint("/hooks/token?key=1")
    origin = endpoint.url.removesuffix("/hooks/token?key=1")
    endpoints.delete_endpoint(endpoint=endpoint)
    endpoint.refresh_from_db()
    assert endpoint.url == origin
