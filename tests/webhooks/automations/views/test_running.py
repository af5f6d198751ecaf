"""The log of runs, and a run step by step."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from core import scope
from core.ids import uuid7
from crm.models import Contact
from events.models import Event
from tenants.models import Company
from tests.crm.factories import a_contact
from tests.webhooks.automations.views.conftest import HOME
from webhooks.automations.enums import Outcome, RunState
from webhooks.automations.models import Automation, Miss, Run, RunStep
from webhooks.automations.services import automations

ASKED = {"kind": "event:amount", "op": "greater", "value": 5000, "seen": 8990, "held": True}


def a_run(automation: Automation, contact: Contact | None = None, **fields: Any) -> Run:
    return Run.objects.create(
        **{
            "automation": automation,
            "version": automation.current,
            "contact": contact,
            "event_uid": uuid7(),
            "event_type": "pix.created",
            "event_at": timezone.now(),
            "state": RunState.DONE,
            **fields,
        }
    )


@pytest.fixture
def published(aurora: Company, automation: Automation) -> Automation:
    with scope.opened(aurora), scope.surroundings(aurora):
        automations.publish(automation=automation)
        automations.switch_on(automation=automation)
        return Automation.objects.select_related("current").get(pk=automation.pk)


@pytest.fixture
def run(aurora: Company, published: Automation) -> Run:
    with scope.opened(aurora), scope.surroundings(aurora):
        fields = {"cupom": "CAFE10", "event": "pix_criado"}
        data = {"amount": 8990, "order_id": "PED-202", "fields": fields}
        made = a_run(published, a_contact(name="Ana"), state=RunState.WAITING, data=data)
        RunStep.objects.create(
            run=made,
            step="start",
            kind="conditions",
            outcome=Outcome.HELD,
            said={"asked": [ASKED]},
        )
        RunStep.objects.create(
            run=made, step="s3", kind="add_note", outcome=Outcome.REFUSED, code="no_conversation"
        )
        return made


def test_a_run_says_what_was_seen_what_was_done_and_why_not(visitor: Client, run: Run) -> None:
    page = visitor.get(f"{HOME}runs/{run.pk}/").content.decode()
    for words in (
        "Amount is greater than 50",
        "it was ",
        "The contact has no conversation.",
        "Ana",
        "CAFE10",
    ):
        assert words in page


def test_what_the_event_said_is_named_in_words(visitor: Client, run: Run) -> None:
    said = visitor.get(f"{HOME}runs/{run.pk}/").context["said"]
    with translation.override("en"):
        named = {str(label): value for label, value in said}
    assert named == {
        "Order number": "PED-202",
        "Amount": "R$\xa089.90",
        "cupom": "CAFE10",
        "What the system calls it": "pix_criado",
    }


def test_a_run_whose_step_was_refused_looks_like_no_success(
    visitor: Client, aurora: Company, run: Run
) -> None:
    with scope.opened(aurora):
        Run.objects.update(state=RunState.DONE)
        RunStep.objects.create(run=run, step="s4", kind="add_tag", outcome=Outcome.DONE)
    undone = ("Done, with steps left undone", "warning")
    [row] = visitor.get(f"{HOME}runs/").context["rows"]
    assert (row["state"], row["last"]) == (undone, "The contact has no conversation.")
    assert visitor.get(f"{HOME}runs/{run.pk}/").context["state"] == undone
    assert undone[0] in visitor.get(f"/c/aurora/contacts/{run.contact_id}/").content.decode()


def test_a_waiting_run_is_stopped(visitor: Client, aurora: Company, run: Run) -> None:
    visitor.post(f"{HOME}runs/{run.pk}/stop/")
    with scope.opened(aurora):
        assert Run.objects.get(pk=run.pk).state == RunState.STOPPED


def test_a_run_is_done_once_more_as_a_run_of_its_own(
    visitor: Client, aurora: Company, run: Run
) -> None:
    visitor.post(f"{HOME}runs/{run.pk}/stop/")
    answer = visitor.post(f"{HOME}runs/{run.pk}/again/")
    with scope.opened(aurora):
        again = Run.objects.exclude(pk=run.pk).get()
    assert answer["Location"] == f"{HOME}runs/{again.pk}/"
    assert again.event_uid == run.event_uid
    assert again.event_run > run.event_run


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"Ana", "Bia"}),
        ("state=failed", {"Bia"}),
        ("contact=ana", {"Ana"}),
        ("period=1", {"Ana"}),
        ("period=30&state=waiting&contact=bia", set()),
        ("period=x&state=y&automation=z", {"Ana", "Bia"}),
    ],
)
def test_the_log_is_narrowed_by_state_contact_and_period(
    visitor: Client, aurora: Company, run: Run, query: str, shown: set[str]
) -> None:
    with scope.opened(aurora), scope.surroundings(aurora):
        before = timezone.now() - timedelta(days=3)
        automation = Automation.objects.select_related("current").get()
        a_run(automation, a_contact(name="Bia"), state=RunState.FAILED, started_at=before)
    answer = visitor.get(f"{HOME}runs/?{query}")
    assert {row["who"] for row in answer.context["rows"]} == shown


def test_what_started_nothing_says_which_condition_did_not_hold(
    visitor: Client, aurora: Company, published: Automation
) -> None:
    with scope.opened(aurora):
        Miss.objects.create(
            automation=published,
            event_uid=uuid7(),
            event_type="pix.created",
            code="conditions",
            said={"asked": [{**ASKED, "seen": 100, "held": False}]},
        )
    page = visitor.get(f"{HOME}{published.pk}/misses/").content.decode()
    assert "Did not hold:" in page
    assert "Amount is greater than 50" in page


def test_the_contact_page_leads_to_its_runs(visitor: Client, run: Run) -> None:
    page = visitor.get(f"/c/aurora/contacts/{run.contact_id}/").content.decode()
    assert f"{HOME}runs/{run.pk}/" in page


def test_the_event_page_names_the_runs_it_started_and_leads_to_them(
    visitor: Client, aurora: Company, run: Run
) -> None:
    with scope.opened(aurora), scope.surroundings(aurora):
        event = Event.objects.create(type="pix.created", data={}, uid=run.event_uid)
    assert f"{HOME}runs/{run.pk}/" in visitor.get(f"/c/aurora/events/{event.pk}/").content.decode()
    assert f"/c/aurora/events/{event.pk}/" in visitor.get(f"{HOME}runs/{run.pk}/").content.decode()
