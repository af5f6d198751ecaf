"""Which events start what: conditions, guards, what is noted of those that start nothing."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.ids import uuid7
from crm.models import Tag
from crm.services import contacts
from events.models import Incident
from tenants.models import Company
from tests.crm.factories import a_contact
from tests.webhooks.automations.factories import (
    a_step,
    all_of,
    an_automation,
    hear,
    told,
)
from webhooks.automations.enums import RunState
from webhooks.automations.happening import Happening, actor_of
from webhooks.automations.models import Automation, Miss, Run
from webhooks.automations.scene import Scene
from webhooks.automations.services import listeners, misses, starting

WAIT = a_step("wait", **{"for": {"amount": 1, "unit": "days"}})
ABOVE_50 = {"kind": "event:amount", "op": "greater", "value": "50,00"}


def test_what_did_not_hold_is_noted_with_what_was_seen(company: Company) -> None:
    an_automation(WAIT, conditions=all_of(ABOVE_50))
    told("pix.created", a_contact(), amount=1990)
    hear()
    miss = Miss.objects.get()
    assert not Run.objects.exists()
    assert (miss.code, miss.said["asked"]) == (
        "conditions",
        [{"kind": "event:amount", "op": "greater", "seen": 1990, "held": False, "value": 5000}],
    )


def test_what_held_stands_in_the_log(company: Company) -> None:
    an_automation(WAIT, conditions=all_of(ABOVE_50))
    told("pix.created", a_contact(), amount=9900)
    hear()
    [start, *_rest] = Run.objects.get().steps.all()
    assert [line["held"] for line in start.said["asked"]] == [True]


def test_only_the_last_ones_are_kept(company: Company) -> None:
    automation = an_automation(WAIT)
    Miss.objects.bulk_create(
        Miss(automation=automation, event_uid=automation.pk, event_type="x", code="conditions")
        for _number in range(misses.KEPT + 7)
    )
    misses.forget([automation.pk])
    assert Miss.objects.count() == misses.KEPT


def test_the_queries_of_an_event_do_not_grow_with_the_automations(company: Company) -> None:
    tag = Tag.objects.create(name="VIP", key="vip")
    contact = a_contact()
    asked = [
        ABOVE_50,
        {"kind": "tag", "op": "none_of", "value": [str(tag.pk)]},
        {"kind": "contact:name", "op": "is", "value": "Niemand"},
    ]

    def queries() -> int:
        happening = Happening.of(told("pix.created", contact, amount=9900))
        starting.start([happening])  # what is compiled stays compiled
        with CaptureQueriesContext(connection) as seen:
            starting.start([happening])
        return len(seen)

    an_automation(WAIT, conditions=all_of(*asked))
    alone = queries()
    for _number in range(9):
        an_automation(WAIT, conditions=all_of(*asked))
    assert queries() == alone


def test_the_queries_of_a_batch_do_not_grow_with_its_events(company: Company) -> None:
    tag = Tag.objects.create(name="VIP", key="vip")
    an_automation(WAIT, conditions=all_of({"kind": "tag", "op": "none_of", "value": [str(tag.pk)]}))

    def queries(events: int) -> int:
        batch = [
            Happening.of(told("pix.created", a_contact(), order_id=str(order)))
            for order in range(events)
        ]
        with CaptureQueriesContext(connection) as seen:
            assert starting.start(batch) == events
        return len(seen)

    queries(1)  # what is compiled stays compiled
    assert queries(1) == queries(9)


def test_an_event_is_shown_to_those_who_ask_for_its_product(company: Company) -> None:
    asked = {
        name: {"kind": "event:product", "op": "is", "value": name} for name in ("Caneca", "Bolo")
    }
    cup, _cake = (an_automation(WAIT, conditions=all_of(asked[name])) for name in asked)
    whoever = an_automation(WAIT)
    contact = a_contact()
    told("pix.created", contact, product="caneca")
    hear()
    assert {run.automation for run in Run.objects.all()} == {cup, whoever}
    [heard] = listeners.of_types(["pix.created"]).values()
    for one in (misses.allowance(pk) for pk in Automation.objects.values_list("pk", flat=True)):
        one.left = 0  # nobody may note that it started nothing
    scene = Scene(
        Happening.of(told("pix.created", contact, product="CANECA")), contact.pk, now=timezone.now()
    )
    assert {one.automation_id for one in heard.meant(scene)} == {cup.pk, whoever.pk}


@pytest.mark.parametrize(
    ("limits", "orders", "code"),
    [
        ({"per_contact_per_day": 2}, ["1", "2", "3"], "per_day"),
        ({"cooldown": {"amount": 1, "unit": "hours"}}, ["1", "2"], "cooldown"),
        ({}, ["1", "1"], "same_order"),
    ],
)
def test_guards_hold_back_and_say_so(
    company: Company, limits: dict[str, Any], orders: list[str], code: str
) -> None:
    contact = a_contact()
    an_automation(WAIT, **limits)
    for order in orders:
        told("pix.created", contact, order_id=order)
        hear()
    assert Run.objects.count() == len(orders) - 1
    assert Miss.objects.get().code == code


@pytest.mark.parametrize(
    ("limits", "orders", "code"),
    [
        ({"per_contact_per_day": 2}, ["1", "2", "3"], "per_day"),
        ({"cooldown": {"amount": 1, "unit": "hours"}}, ["1", "2"], "cooldown"),
        ({}, ["1", "1"], "same_order"),
    ],
)
def test_guards_hold_back_those_that_are_heard_together(
    company: Company, limits: dict[str, Any], orders: list[str], code: str
) -> None:
    contact = a_contact()
    an_automation(WAIT, **limits)
    events = [told("pix.created", contact, order_id=order) for order in orders]
    hear()
    assert Run.objects.count() == len(orders) - 1
    miss = Miss.objects.get()
    assert (miss.code, miss.event_uid) == (code, events[-1].uid)
    starting.start([Happening.of(event) for event in events])  # told again: no run, no other miss
    assert Run.objects.count() == len(orders) - 1
    assert set(Miss.objects.values_list("code", "event_uid")) == {(code, events[-1].uid)}


def test_two_shops_have_an_order_of_the_same_number(company: Company) -> None:
    an_automation(WAIT)
    ana, bia = a_contact("Ana"), a_contact("Bia")
    shop, other = uuid7(), uuid7()
    for source, contact in ((shop, ana), (other, bia), (shop, bia), (other, ana)):
        told("pix.created", contact, order_id="1001", source_id=source)
    hear()
    assert set(Run.objects.values_list("contact", flat=True)) == {ana.pk, bia.pk}
    assert list(Miss.objects.values_list("code", flat=True)) == ["same_order", "same_order"]


def test_an_order_may_be_told_again_where_that_is_wanted(company: Company) -> None:
    contact = a_contact()
    an_automation(WAIT, same_order_hours=0)
    for _time in range(2):
        told("pix.created", contact, order_id="1")
    hear()
    assert Run.objects.count() == 2


def test_automations_that_set_each_other_off_end_after_five(company: Company) -> None:
    tag = Tag.objects.create(name="A", key="a")
    automation = an_automation(WAIT)
    for depth in (4, 5):
        event = told("pix.created", a_contact())
        event.actor = actor_of(automation.pk, depth)
        starting.start([Happening.of(event)])
    states = Run.objects.order_by("started_at").values_list("depth", "state", "code")
    assert list(states) == [(5, RunState.RUNNING, ""), (6, RunState.SKIPPED, "depth")]
    assert Incident.objects.get().kind == "automation.loop"
    assert tag.pk


def test_a_loop_of_two_automations_comes_to_an_end(company: Company) -> None:
    one, two = (Tag.objects.create(name=name, key=name) for name in "ab")
    contact = a_contact()
    for tag, other in ((one, two), (two, one)):
        an_automation(
            a_step("add_tag", tags=[str(other.pk)]),
            a_step("remove_tag", tags=[str(tag.pk)]),
            trigger={"kind": "tag_added", "params": {"tags": [str(tag.pk)]}},
        )
    contacts.tag(contact_ids=[contact.pk], tags=["a"])
    for _round in range(12):
        hear()
    assert sorted(Run.objects.values_list("depth", flat=True)) == [0, 1, 2, 3, 4, 5, 6]
    assert Run.objects.filter(state=RunState.SKIPPED).count() == 1


def test_a_fact_about_many_starts_a_run_for_each(company: Company) -> None:
    tag = Tag.objects.create(name="VIP", key="vip")
    people = [a_contact().pk for _number in range(3)]
    an_automation(WAIT, trigger={"kind": "tag_added", "params": {"tags": [str(tag.pk)]}})
    contacts.tag(contact_ids=people, tags=["VIP"])
    hear()
    assert sorted(Run.objects.values_list("contact", flat=True)) == sorted(people)
