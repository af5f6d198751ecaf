"""Which events start what, and what they cost."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

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
from webhooks.automations.models import Run
from webhooks.automations.services import starting

WAIT = a_step("wait", **{"for": {"amount": 1, "unit": "days"}})
ABOVE_50 = {"kind": "event:amount", "op": "greater", "value": "50,00"}


def test_what_held_stands_in_the_log(company: Company) -> None:
    an_automation(WAIT, conditions=all_of(ABOVE_50))
    told("pix.created", a_contact(), amount=9900)
    hear()
    [start, *_rest] = Run.objects.get().steps.all()
    assert [line["held"] for line in start.said["asked"]] == [True]


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
