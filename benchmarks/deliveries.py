"""`bin/bench deliveries`: webhooks sent to a company's ten endpoints, beside a bare loop.

Ours is the sender as a worker runs it: claimed, signed, sent, judged and written down, with a log
of each attempt. The reference is what somebody would write first: for each delivery one POST over
a kept connection (httpx) and one INSERT (psycopg), one after the other. Both send to the same
receiver, by turns. The events and their rows are made beforehand and not timed.

The target: to keep every promise costs no more than the bare loop, and at most two statements for
each delivery.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

import django
import httpx
import psycopg

from benchmarks.report import Result, interleaved, ratios
from benchmarks.server import ROOT, free_port, throwaway_database

if TYPE_CHECKING:
    from tenants.models import Company

ENDPOINTS = 10
EVENTS = 200
ROUNDS = 5
COUNTED = 20  # events whose statements are counted
MOST_STATEMENTS = 2.0
BODY = b'{"id":"evt_0","type":"contact.deleted","version":1,"data":{"contact":{"id":"con_0"}}}'
TABLE = "CREATE TABLE bare_attempt (id uuid PRIMARY KEY, at timestamptz, status int, body text)"
INSERT = "INSERT INTO bare_attempt VALUES (%s, now(), %s, %s)"


def run(arguments: list[str]) -> Result:
    """Send by turns, ours and bare.

    Args:
        arguments: `--events N` a round, each to ten endpoints.
    """
    parser = argparse.ArgumentParser(prog="bin/bench deliveries")
    parser.add_argument("--events", type=int, default=EVENTS)
    events = parser.parse_args(arguments).events
    with throwaway_database() as url, _receiver() as host:
        os.environ["DATABASE_URL"] = url
        os.environ["OUTBOUND_ALLOWED_PRIVATE"] = host
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
        django.setup()
        from config.celery import settle_in

        settle_in()  # as a worker does when it starts
        company = _company(host)
        measured = interleaved(
            ROUNDS,
            {
                "ours": partial(_ours, company, events),
                "bare": partial(_bare, url, host, events * ENDPOINTS),
            },
        )
        ours = {**measured["ours"], "statements": _statements(company)}
    return judged(ours, measured["bare"])


def judged(ours: Mapping[str, float], bare: Mapping[str, float]) -> Result:
    """The result with its verdict: as fast as the bare loop, and few statements."""
    ratio = ratios(ours, bare)
    holds = ratio["per_second"] >= 1 and ours["statements"] <= MOST_STATEMENTS
    return Result("deliveries", holds, ours, bare, ratio)


@contextmanager
def _receiver() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.delivering.receiver", str(port)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            _wait_for(f"http://127.0.0.1:{port}")
            yield f"127.0.0.1:{port}"
        finally:
            process.kill()


def _wait_for(url: str) -> None:
    for _ in range(100):
        try:
            httpx.post(url)
        except httpx.ConnectError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the receiver did not start")


def _company(host: str) -> Company:
    from core import scope
    from tenants.models import Person
    from tenants.services.companies import create_company
    from webhooks.endpoints.services import endpoints

    person = Person.objects.create_user("deliveries@bench.example", name="Olga Owner")
    company = create_company(name="Bench", slug="bench", owner=person)
    with scope.opened(company), scope.surroundings(company):
        for number in range(ENDPOINTS):
            endpoints.create_endpoint(url=f"http://{host}/{number}", types=["contact.deleted"])
    return company


def _ours(company: Company, events: int) -> dict[str, float]:
    from core import scope
    from webhooks.endpoints.models import Dispatch

    with scope.opened(company), scope.surroundings(company):
        _queue(events)
        if Dispatch.objects.filter(state="pending").count() != events * ENDPOINTS:
            raise RuntimeError("not everything was queued")
        began, cpu = time.monotonic(), time.process_time()
        _send_all()
        seconds, cpu = time.monotonic() - began, time.process_time() - cpu
    count = events * ENDPOINTS
    return {"per_second": count / seconds, "python_cpu_ms": 1000 * cpu / count}


def _bare(url: str, host: str, count: int) -> dict[str, float]:
    with psycopg.connect(url, autocommit=True) as server, httpx.Client() as client:
        server.execute(TABLE)
        began, cpu = time.monotonic(), time.process_time()
        for _ in range(count):
            answer = client.post(
                f"http://{host}/0", content=BODY, headers={"Content-Type": "application/json"}
            )
            server.execute(INSERT, [uuid4(), answer.status_code, answer.text])
        seconds, cpu = time.monotonic() - began, time.process_time() - cpu
        server.execute("DROP TABLE bare_attempt")
    return {"per_second": count / seconds, "python_cpu_ms": 1000 * cpu / count}


def _statements(company: Company) -> float:
    """For each delivery, transactions included."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from core import scope

    with scope.opened(company), scope.surroundings(company):
        _queue(COUNTED)
        with CaptureQueriesContext(connection) as seen:
            _send_all()
    return len(seen.captured_queries) / (COUNTED * ENDPOINTS)


def _queue(events: int) -> None:
    """So many events and the rows of their deliveries."""
    from django.db import transaction

    from crm.events import ContactDeleted
    from crm.models import Contact
    from events import bus, deliveries
    from events.models import Delivery
    from webhooks.endpoints.services.queueing import SUBSCRIBER

    with transaction.atomic():
        contact = Contact.objects.create(name="Ana")
        for _ in range(events):
            bus.publish(ContactDeleted(contact=contact.pk))
    while Delivery.objects.due(SUBSCRIBER).exists():
        deliveries.deliver(SUBSCRIBER)


def _send_all() -> None:
    """What a worker does as long as something is due."""
    from webhooks.endpoints.agenda import unsent
    from webhooks.endpoints.models import Dispatch
    from webhooks.endpoints.services import sending

    while found := list(unsent(None)):
        for key, _due_at in found:
            sending.send_due(key)
    if Dispatch.objects.exclude(state="delivered").exists():
        raise RuntimeError("not everything was delivered")
