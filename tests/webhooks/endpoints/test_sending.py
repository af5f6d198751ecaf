"""What leaves, to whom, and how often (reliability D2, D3, D9 to D11; must show 5)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import orjson
import pytest
import time_machine
from django.utils import timezone

from core import ids
from events.models import Incident
from tenants.models import Company
from tests.webhooks.endpoints import driving
from tests.webhooks.endpoints.conftest import Make
from tests.webhooks.endpoints.sink import Sink
from webhooks.endpoints import schedule
from webhooks.endpoints.enums import DispatchState, Failure
from webhooks.endpoints.models import Attempt, Dispatch, Endpoint, WebhookEvent
from webhooks.endpoints.services import claiming, endpoints, queueing, redriving, sending
from webhooks.endpoints.wire import READ_BYTES

START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
FAR_OFF = "Mon, 20 Nov 1995 19:12:08 +99999999999999999999"  # no zone lies there


def test_an_event_arrives_in_its_envelope(company: Company, sink: Sink, an_endpoint: Make) -> None:
    endpoint = an_endpoint(headers={"Authorization": "Bearer abc"})
    [event] = driving.queued()
    driving.send_all()
    [got] = sink.got
    told = json.loads(got.body)
    assert told == {
        "id": ids.encode("evt", event.uid),
        "type": "contact.deleted",
        "version": 1,
        "created_at": event.occurred_at.isoformat(),
        "company": "aurora",
        "sequence": event.sequence,
        "data": {
            "contact": {
                "id": ids.encode("con", UUID(event.data["contact"])),
                "name": "Ana",
                "phone": "",
                "email": "",
            }
        },
    }
    assert got.headers["authorization"] == "Bearer abc"
    assert got.headers["content-type"] == "application/json"
    assert got.headers["webhook-id"] == told["id"]
    dispatch = driving.only(endpoint)
    assert (dispatch.state, dispatch.attempts, dispatch.last_status) == ("delivered", 1, 200)


def open_incidents(scope: str) -> int:
    return Incident.objects.filter(scope=scope, closed_at=None).count()


def test_ten_attempts_on_schedule_then_it_waits_for_somebody_and_a_replay_delivers(
    company: Company, sink: Sink, an_endpoint: Make
) -> None:
    endpoint = an_endpoint("/status/500")
    with time_machine.travel(START, tick=False) as clock:
        driving.queued()
        driving.play(endpoint, clock, START + timedelta(hours=120))
        dispatch = driving.only(endpoint)
        assert (dispatch.state, dispatch.attempts) == (DispatchState.DEAD, 10)
        assert open_incidents("dead_letters:endpoints") == 1
        times = list(Attempt.objects.order_by("number").values_list("at", flat=True))
        waits = [later - earlier for earlier, later in pairwise(times)]
        assert [0.8 <= wait / planned <= 1.2 for wait, planned in zip(
            waits, schedule.DELAYS, strict=True)] == [True] * 9  # fmt: skip
        assert len(sink.got) == 10
        assert len({one.body for one in sink.got}) == 1
        assert len({one.headers["webhook-id"] for one in sink.got}) == 1
        assert len({one.headers["webhook-timestamp"] for one in sink.got}) == 10

        sink.answers["/status/500"] = 200
        redriving.redrive(endpoint=endpoint)
        clock.shift(1)
        redriving.run(str(redriving.Redrive.objects.get().pk))
        driving.send_all()
    assert driving.only(endpoint).state == DispatchState.DELIVERED
    assert sink.got[-1].body == sink.got[0].body


def test_the_waits_are_the_same_however_often_they_are_asked_for(
    company: Company, an_endpoint: Make
) -> None:
    key = an_endpoint().pk
    waits = {schedule.next_wait(key, 3, retry_after=None) for _ in range(5)}
    assert len(waits) == 1
    assert schedule.next_wait(key, 10, retry_after=None) is None


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [
        (timedelta(seconds=1), 240, 360),  # our own wait is longer
        (timedelta(seconds=400), 400, 400),
        (timedelta(hours=9), 480, 720),  # twice ours at most
    ],
)
def test_retry_after_is_heeded_within_bounds(
    company: Company, an_endpoint: Make, asked: timedelta, least: float, most: float
) -> None:
    wait = schedule.next_wait(an_endpoint().pk, 2, retry_after=asked)
    assert wait is not None
    assert least <= wait.total_seconds() <= most


@pytest.mark.parametrize("text", ["120", " 120 ", "Sun, 22 Nov 2026 09:02:00 GMT"])
def test_retry_after_is_seconds_or_a_date(text: str) -> None:
    assert schedule.retry_after(text, START) == timedelta(seconds=120)


@pytest.mark.parametrize("text", ["", "soon", "-5", "1e9", "²", FAR_OFF])
def test_a_strange_retry_after_is_ignored(text: str) -> None:
    assert schedule.retry_after(text, START) is None


def test_who_does_not_keep_up_is_left_alone_for_a_minute(
    company: Company, sink: Sink, an_endpoint: Make
) -> None:
    endpoint = an_endpoint("/status/429")
    with time_machine.travel(START, tick=False):
        driving.queued(3)
        driving.send_all()
        assert len(sink.got) == 2  # what was on the wire together
        assert driving.next_time(endpoint) == START + schedule.OVERLOAD


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_redirects_are_failures_and_nobody_follows_them(
    company: Company, sink: Sink, an_endpoint: Make, code: int
) -> None:
    endpoint = an_endpoint(f"/redirect/{code}")
    driving.queued()
    driving.send_all()
    dispatch = driving.only(endpoint)
    assert (dispatch.state, dispatch.failure) == (DispatchState.WAITING, Failure.REDIRECT)
    assert sink.at("/canary") == []


def test_an_endless_answer_is_read_up_to_its_cap_and_counts_by_its_status(
    company: Company, sink: Sink, an_endpoint: Make
) -> None:
    endpoint = an_endpoint("/bomb")
    driving.queued()
    driving.send_all()
    assert driving.only(endpoint).state == DispatchState.DELIVERED
    kept = Attempt.objects.get().response_body
    assert kept == "x" * 4096
    assert READ_BYTES == 65536


def test_bytes_are_the_same_at_every_attempt_and_keep_their_order(
    company: Company, sink: Sink, an_endpoint: Make
) -> None:
    endpoint = an_endpoint("/status/500")
    with time_machine.travel(START, tick=False) as clock:
        queueing.send(
            endpoint=endpoint,
            type="automation.called",
            data={"zebra": 1, "alpha": "é", "mango": [1.0, None]},
            key="run-1",
        )
        driving.play(endpoint, clock, START + timedelta(minutes=10))
    assert len(sink.got) == 3
    assert len({one.body for one in sink.got}) == 1
    assert b'"data":{"zebra":1,"alpha":"\xc3\xa9","mango":[1.0,null]}' in sink.got[0].body


def test_an_event_that_is_queued_twice_leaves_once_and_a_second_run_once_more(
    company: Company, sink: Sink, an_endpoint: Make
) -> None:
    an_endpoint()
    event = driving.an_event()
    for run in (0, 0, 1, 1):
        event.run = run
        queueing.queue(event)
    driving.send_all()
    assert Dispatch.objects.count() == 2
    assert len({one.body for one in sink.got}) == 1
    assert len(sink.got) == 2


def test_a_sender_that_died_is_found_by_its_lease_and_the_event_goes_out_again(
    company: Company, sink: Sink, an_endpoint: Make
) -> None:
    endpoint = an_endpoint()
    with time_machine.travel(START, tick=False) as clock:
        driving.queued()
        [dead] = claiming.claim(2)  # and then nothing more
        assert driving.next_time(endpoint) == START + schedule.LEASE
        driving.play(endpoint, clock, START + timedelta(minutes=5))
    dispatch = driving.only(endpoint)
    assert (dispatch.pk, dispatch.state, dispatch.attempts) == (
        dead.pk, DispatchState.DELIVERED, 2,
    )  # fmt: skip
    failures = Attempt.objects.order_by("number").values_list("failure", flat=True)
    assert list(failures) == [Failure.INTERRUPTED, ""]


def test_whoever_comes_back_after_its_lease_changes_nothing(
    company: Company, sink: Sink, an_endpoint: Make
) -> None:
    from webhooks.endpoints import requests
    from webhooks.endpoints.services import recording
    from webhooks.endpoints.wire import Answer

    endpoint = an_endpoint()
    with time_machine.travel(START, tick=False) as clock:
        driving.queued()
        [late] = claiming.claim(2)
        request = requests.of(late, signers=[], at=START)
        driving.play(endpoint, clock, START + timedelta(minutes=5))
        recording.record([Answer(request, 20_000, failure=Failure.TIMEOUT)])
    assert driving.only(endpoint).state == DispatchState.DELIVERED
    assert Endpoint.objects.get().failures == 0


def test_what_is_too_large_leaves_without_its_contents(
    company: Company, sink: Sink, an_endpoint: Make
) -> None:
    endpoint = an_endpoint()
    data = {"contact": {"id": "con_1", "name": "Ana"}, "order": "77", "text": "x" * 300_000}
    queueing.send(endpoint=endpoint, type="automation.called", data=data, key="1")
    driving.send_all()
    told = orjson.loads(sink.got[0].body)
    assert told["data"] == {"contact": {"id": "con_1"}, "order": "77", "truncated": True}


def test_a_test_is_sent_once_also_to_an_endpoint_that_is_off(
    company: Company, sink: Sink, an_endpoint: Make
) -> None:
    endpoint = an_endpoint("/status/500")
    endpoints.deactivate(endpoint=endpoint)
    dispatch = endpoints.send_test(endpoint=endpoint, type="message.received")
    driving.send_all()
    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.last_status) == (DispatchState.DEAD, 500)
    assert json.loads(sink.got[0].body)["data"]["message"]["state"] == "received"
    endpoint.refresh_from_db()
    assert (endpoint.failing_since, endpoint.last_attempt_at) == (None, None)


def test_who_is_erased_while_it_is_being_sent_is_not_told_of_again(
    company: Company, sink: Sink, an_endpoint: Make
) -> None:
    endpoint = an_endpoint()
    with time_machine.travel(START, tick=False) as clock:
        driving.queued()
        claiming.claim(2)  # and its sender died
        WebhookEvent.objects.update(body="")
        driving.play(endpoint, clock, START + timedelta(minutes=5))
    assert driving.only(endpoint).state == DispatchState.CANCELLED
    assert sink.got == []


def test_who_hangs_keeps_no_neighbour_waiting(
    company: Company, sink: Sink, an_endpoint: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slice ends with the hanging one on the wire; the next one serves who else is due."""
    monkeypatch.setattr(sending, "SLICE_SECONDS", 0.2)
    hanging, healthy = an_endpoint("/hang"), an_endpoint("/ok")
    driving.queued()
    waits = [sending.send_due()]
    driving.queued(3)
    waits.append(sending.send_due())  # the second place of the hanging one
    driving.queued()
    waits.append(sending.send_due())
    assert [wait is None for wait in waits] == [False, False, True]
    assert len(sink.at("/ok")) == 5
    assert len(sink.at("/hang")) == 2
    states = Dispatch.objects.filter(endpoint=healthy).values_list("state", flat=True)
    assert set(states) == {DispatchState.DELIVERED}
    at = driving.next_time(hanging)
    assert at is not None
    assert at > timezone.now() + timedelta(seconds=10)
    sink.released.set()
    for wait in waits:
        if wait is not None:
            wait()


def test_many_are_written_down_together(
    company: Company, sink: Sink, an_endpoint: Make, django_assert_max_num_queries: Any
) -> None:
    for number in range(10):
        an_endpoint(f"/ok/{number}")
    driving.queued(2)
    with django_assert_max_num_queries(40):
        driving.send_all()
    assert Attempt.objects.count() == 20
