"""`bin/bench automations`: events heard by a hundred automations, beside the same heard by one.

The target (Part 4, "must show" 7): 100,000 events against a hundred automations cost at most three
times what they cost against one, with the same number of queries for each event. The automations
ask different things of the event and of its contact (amount, product, tags, fields, opt-in); one in
a hundred events starts one run, in both. What is measured is what an event costs from its delivery
on: taken, looked at, written down as done. Events are told beforehand and not timed.

Both are measured by turns, some thousand events each, in CPU seconds of this process and in seconds
of the clock without those that other programs had the processor. It ends early when its time is
over (`LONGEST_SECONDS`, or `--seconds`): `events` in the result says how many there were.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import django

from benchmarks.report import Result, ratios
from benchmarks.server import throwaway_database

if TYPE_CHECKING:
    from tenants.models import Company

EVENTS = 100_000
MANY = 100
PIECE = 5_000
PEOPLE = 1_000
MAX_RATIO = 3.0
LONGEST_SECONDS = 220
PRODUCTS = 50
STARTS_EVERY = 100
CITY = "Curitiba"
NOTED = 50  # at once, and fewer, are noted as having started nothing


def run(arguments: list[str]) -> Result:
    """Tell events by the piece and have them heard, once with one automation, once with a hundred.

    Args:
        arguments: `--events N`, for a quick look; `--seconds N`, to have longer.
    """
    parser = argparse.ArgumentParser(prog="bin/bench automations")
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--seconds", type=float, default=LONGEST_SECONDS)
    asked = parser.parse_args(arguments)
    with throwaway_database() as url:
        os.environ["DATABASE_URL"] = url
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
        django.setup()
        from config.celery import settle_in

        settle_in()  # as a worker does when it starts
        return judged(*_measure(asked.events, ends_at=time.monotonic() + asked.seconds))


def judged(many: Mapping[str, float], one: Mapping[str, float]) -> Result:
    """The result with its verdict: the cost, the queries, and that both started the same runs."""
    ratio = ratios(many, one)
    holds = (
        ratio["seconds"] <= MAX_RATIO
        and many["queries_per_event"] == one["queries_per_event"]
        and many["runs"] == one["runs"]
    )
    return Result("automations", holds, many, one, ratio)


def _measure(events: int, *, ends_at: float) -> tuple[dict[str, float], dict[str, float]]:
    from core import scope

    places = {count: _company(f"bench-{count}") for count in (1, MANY)}
    people: dict[int, list[Any]] = {}
    for count, company in places.items():
        with scope.opened(company), scope.surroundings(company):
            people[count] = _people()
            _automations(count)
            _tell(people[count], 0, NOTED)
            _timed_hearing()  # versions are compiled, and what is noted at once is noted
    totals = {count: {"seconds": 0.0, "python_cpu_seconds": 0.0} for count in places}
    queries = {}
    told = 0
    while told < events and time.monotonic() < ends_at:
        number = min(PIECE, events - told)
        for count, company in places.items():
            with scope.opened(company), scope.surroundings(company):
                _tell(people[count], told, number)
                for name, value in _timed_hearing().items():
                    totals[count][name] += value
        told += number
    for count, company in places.items():
        with scope.opened(company), scope.surroundings(company):
            queries[count] = _queries_of_an_event(people[count])
    figures = {count: _figures(places[count], totals[count], told, queries[count])
               for count in places}  # fmt: skip
    return figures[MANY], figures[1]


def _figures(
    company: Company, spent: Mapping[str, float], events: int, queries: int
) -> dict[str, float]:
    from core import scope
    from webhooks.automations.models import Automation, Run

    with scope.opened(company):
        return {
            "events": events,
            "automations": Automation.objects.count(),
            "runs": Run.objects.exclude(event_type="").count(),
            "queries_per_event": queries,
            "events_per_second": events / spent["seconds"],
            **spent,
        }


def _company(slug: str) -> Company:
    from tenants.models import Person
    from tenants.services.companies import create_company

    person = Person.objects.create_user(f"{slug}@bench.example", name="Olga Owner")
    return create_company(name=slug, slug=slug, owner=person)


def _people() -> list[Any]:
    from core.ids import uuid7
    from crm.models import Contact, ContactTag, Tag

    rows = [
        Contact(
            id=uuid7(),
            name=f"Contact {index}",
            attributes={"cidade": f"Cidade {index % 20}" if index % STARTS_EVERY else CITY},
        )
        for index in range(PEOPLE)
    ]
    Contact.objects.bulk_create(rows)
    tag = Tag.objects.create(name="Cliente", key="cliente")
    ContactTag.objects.bulk_create(ContactTag(contact=row, tag=tag) for row in rows[::2])
    return [row.pk for row in rows]


def _automations(count: int) -> None:
    """The first one starts for contacts of one city, one in a hundred; the others ask just as much
    and start for none: of half of them the city decides, of the others the product."""
    from crm.models import Tag
    from webhooks.automations.services import automations

    tag = Tag.objects.create(name="Outra", key="outra")  # nobody has it
    for index in range(count):
        if index % 2:
            decides = {"kind": "event:product", "op": "is", "value": f"Nenhum {index}"}
        else:
            city = f"Nenhuma {index}" if index else CITY
            decides = {"kind": "attribute:cidade", "op": "is", "value": city}
        asked = [
            {"kind": "event:amount", "op": "greater", "value": 100},
            {"kind": "tag", "op": "none_of", "value": [str(tag.pk)]},
            {"kind": "contact:name", "op": "contains", "value": "Contact"},
            {"kind": "attribute:cidade", "op": "is_not", "value": "Recife"},
            {"kind": "opted_in:whatsapp.marketing", "op": "no"},
            decides,
        ]
        definition = {
            "trigger": {"kind": "event", "params": {"types": ["purchase.approved"]}},
            "conditions": {"join": "all", "items": asked},
            "steps": [{"id": "s1", "kind": "wait",
                       "params": {"for": {"amount": 300, "unit": "days"}}}],
            "limits": {"per_contact_per_day": 1000, "same_order_hours": 0},
        }  # fmt: skip
        made = automations.create(name=f"Automation {index}", definition=definition)
        automations.publish(automation=made)
        automations.switch_on(automation=made)


_TELL = """
    WITH told AS (
        INSERT INTO events_event (uid, type, version, data, actor, occurred_at)
        SELECT uid, %(type)s, %(version)s, data, 'system', now()
        FROM jsonb_to_recordset(%(rows)s::jsonb) AS row(uid uuid, data jsonb)
        RETURNING sequence)
    INSERT INTO events_delivery (event_id, subscriber, state, attempts, due_at, error, run)
    SELECT sequence, %(subscriber)s, 'pending', 0, now(), '', 0 FROM told
"""


def _tell(people: list[Any], first: int, number: int) -> None:
    """Events and their deliveries as `events.bus.publish` writes them, many in one statement."""
    from core import statements
    from core.ids import uuid7
    from webhooks.automations.services.automations import SUBSCRIBER
    from webhooks.sources.events import PurchaseApproved

    source = uuid7()
    facts = [
        PurchaseApproved(
            source_id=source,
            received_id=uuid7(),
            key=str(index),
            contact_id=people[index % len(people)],
            order_id=str(index),
            amount=20_000 + index,
            product=f"Produto {index % PRODUCTS}",
        )
        for index in range(first, first + number)
    ]
    statements.run(
        _TELL,
        type=PurchaseApproved.type,
        version=PurchaseApproved.version,
        subscriber=SUBSCRIBER,
        rows=statements.rows({"uid": uuid7(), "data": fact.data()} for fact in facts),
    )


def _timed_hearing() -> dict[str, float]:
    """Everything that is told is heard; the seconds that took."""
    from benchmarks.listpages.queries import waited
    from events import deliveries
    from events.models import Delivery
    from webhooks.automations.services.automations import SUBSCRIBER

    rows = Delivery.objects.filter(subscriber=SUBSCRIBER, state="pending")
    began, cpu, lost = time.monotonic(), time.process_time(), waited()
    while rows.exists():
        deliveries.deliver(SUBSCRIBER)
    return {
        "seconds": time.monotonic() - began - (waited() - lost),
        "python_cpu_seconds": time.process_time() - cpu,
    }


def _queries_of_an_event(people: list[Any]) -> int:
    """Of one that starts nothing and is not one of the few that are noted."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from events.models import Event
    from webhooks.automations import receivers

    _tell(people, 1, NOTED)
    counts = []
    for event in Event.objects.order_by("-sequence")[:NOTED]:
        with CaptureQueriesContext(connection) as seen:
            receivers.on_event(event)
        counts.append(len([one for one in seen.captured_queries if "SAVEPOINT" not in one["sql"]]))
    return min(counts)
