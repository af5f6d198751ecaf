"""Outgoing webhooks with real workers: D1 and D10 (killed in the middle), D8 (one that hangs),
D11 (an answer without end), A6 (a wiped Redis)."""

from __future__ import annotations

import itertools
import resource
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import redis
from django.db import transaction

from core import ids
from core.ids import uuid7
from crm.events import ContactDeleted
from crm.models import Contact
from events import bus
from sandbox.testing import Handle
from tenants.models import Company
from tests.faults import rig
from tests.webhooks.endpoints.sink import Sink, receiving
from webhooks.endpoints.enums import DispatchState
from webhooks.endpoints.models import Dispatch, Endpoint
from webhooks.endpoints.services import endpoints
from webhooks.endpoints.wire import Request, Wire

HEALTHY = 9
EVENTS = 100  # a thousand deliveries in all
PACE = 0.25  # seconds from one event to the next
PATIENCE = 120


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    with receiving() as found:
        settings.OUTBOUND_ALLOWED_PRIVATE = [found.host]
        yield found


def environment(sandbox: Handle, sink: Sink, redis_url: str) -> dict[str, str]:
    return rig.environment(sandbox, redis_url=redis_url, OUTBOUND_ALLOWED_PRIVATE=sink.host)


def an_endpoint(sink: Sink, path: str) -> Endpoint:
    return endpoints.create_endpoint(url=sink.url(path), types=["contact.deleted"])[0]


def happens(contact: Contact) -> str:
    """Something that everybody hears of; its id outside."""
    with transaction.atomic():
        return ids.encode("evt", bus.publish(ContactDeleted(contact=contact.pk)).uid)


@pytest.mark.faults
def test_d8_one_that_hangs_keeps_its_nine_neighbours_from_nothing(
    committed_company: Company, sandbox: Handle, sink: Sink
) -> None:
    contact = Contact.objects.create(name="Ana")
    an_endpoint(sink, "/hang")
    for number in range(HEALTHY):
        an_endpoint(sink, f"/ok/{number}")
    told: dict[str, float] = {}
    with rig.a_redis() as url:
        env = environment(sandbox, sink, url)
        with rig.running(rig.worker(env), rig.scanner(env)):
            first = happens(contact)
            rig.until(lambda: len(sink.got) > HEALTHY, PATIENCE, "nothing arrived")
            for _ in range(EVENTS):
                told[happens(contact)] = time.time()
                time.sleep(PACE)
            rig.until(
                lambda: sum(one.path != "/hang" for one in sink.got) >= HEALTHY * (EVENTS + 1),
                PATIENCE,
                "the healthy ones did not get everything",
            )
    waits = sorted(
        one.at - told[one.headers["webhook-id"]]
        for one in sink.got
        if one.path != "/hang" and one.headers["webhook-id"] != first
    )
    p95 = waits[int(len(waits) * 0.95)]
    assert len(waits) == HEALTHY * EVENTS
    assert p95 <= 5, f"p95 {p95:.1f} s"


@pytest.mark.faults
def test_d1_d10_a6_killed_workers_and_a_wiped_redis_lose_no_event(
    committed_company: Company, sandbox: Handle, sink: Sink
) -> None:
    contact = Contact.objects.create(name="Ana")
    an_endpoint(sink, "/slow/0.05")
    told = set()
    kills = 3
    with rig.a_redis() as url:
        env = environment(sandbox, sink, url)
        with rig.running(rig.scanner(env)):
            for _ in range(kills):
                worker = rig.worker(env)
                told |= {happens(contact) for _ in range(60)}
                seen = len(sink.got)
                rig.until(lambda seen=seen: len(sink.got) > seen + 10, PATIENCE, "none arrived")
                worker.kill()
                redis.Redis.from_url(url).flushall()
            with rig.running(rig.worker(env)):
                rig.until(
                    lambda: (
                        Dispatch.objects.filter(state=DispatchState.DELIVERED).count() == len(told)
                    ),
                    PATIENCE,
                    "not everything was delivered",
                )
    got = Counter(one.headers["webhook-id"] for one in sink.got)
    assert set(got) == told
    # Whatever was on the wire when a worker died may come twice: two at once, three kills.
    assert sum(got.values()) - len(got) <= 2 * kills


@pytest.mark.faults
def test_d11_a_gigabyte_of_answers_costs_no_memory(sink: Sink) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with Wire(2) as wire:
        for _ in itertools.repeat(None, 4):
            request = Request(
                uuid7(), uuid7(), 1, sink.url("/bomb"), {"X-A": "b"}, b"{}", datetime.now(UTC)
            )
            wire.start([request])
        answers = []
        while wire.flying:
            answers += wire.collect()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert [(one.status, len(one.body)) for one in answers] == [(200, 64 * 1024)] * 4
    assert grown < 20 * 1024  # KiB
