"""The list, its switches and its menus."""

from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from core import scope
from tenants.models import Company
from tests.webhooks.automations.views.conftest import HOME, a_definition
from tests.webhooks.automations.views.test_running import a_run
from webhooks.automations import ready_made
from webhooks.automations.enums import AutomationState, RunState
from webhooks.automations.models import Automation, Run
from webhooks.automations.services import automations

HTMX = {"HX-Request": "true"}


@pytest.fixture
def on(aurora: Company, automation: Automation) -> Automation:
    with scope.opened(aurora), scope.surroundings(aurora):
        automations.publish(automation=automation)
        automations.switch_on(automation=automation)
        return Automation.objects.select_related("current").get(pk=automation.pk)


def state_of(aurora: Company, automation: Automation) -> str:
    with scope.opened(aurora):
        return Automation.objects.get(pk=automation.pk).state


def test_a_line_says_when_it_starts_and_what_it_did(
    visitor: Client, aurora: Company, on: Automation
) -> None:
    with scope.opened(aurora):
        a_run(on, state=RunState.FAILED)
        a_run(on, state=RunState.WAITING)
    [row] = visitor.get(HOME).context["rows"]
    assert row["when"] == "PIX created"
    activity = row["activity"]
    assert (activity.today, activity.week, activity.failing, activity.waiting) == (2, 2, 1, 1)


def test_without_any_the_ready_made_ones_are_offered(visitor: Client) -> None:
    page = visitor.get(HOME).content.decode()
    with translation.override("en"):
        assert [str(one.label) in page for one in ready_made.READY_MADE.values()] == [True] * 4


@pytest.mark.parametrize("slug", ready_made.READY_MADE)
def test_a_ready_made_one_opens_in_the_builder(visitor: Client, aurora: Company, slug: str) -> None:
    answer = visitor.post(f"{HOME}new/", {"flow": slug})
    with scope.opened(aurora):
        made = Automation.objects.get()
    assert answer["Location"] == f"{HOME}{made.pk}/"
    assert visitor.get(answer["Location"]).status_code == 200


def test_one_that_nobody_made_ready_is_not_found(visitor: Client) -> None:
    assert visitor.post(f"{HOME}new/", {"flow": "nothing"}).status_code == 404


@pytest.mark.parametrize("name", ["", " ", "x" * 121])
def test_one_without_a_name_is_not_made(visitor: Client, aurora: Company, name: str) -> None:
    assert visitor.post(f"{HOME}new/", {"name": name}).status_code == 422
    with scope.opened(aurora):
        assert not Automation.objects.exists()


def test_switching_off_asks_what_becomes_of_the_waiting(
    visitor: Client, aurora: Company, on: Automation
) -> None:
    with scope.opened(aurora):
        run = a_run(on, state=RunState.WAITING)
    assert "Stop them now" in visitor.get(f"{HOME}{on.pk}/off/").content.decode()
    visitor.post(f"{HOME}{on.pk}/off/", {"waiting": "stop"})
    with scope.opened(aurora):
        assert Run.objects.get(pk=run.pk).state == RunState.STOPPED
    assert state_of(aurora, on) == AutomationState.OFF
    visitor.post(f"{HOME}{on.pk}/on/", headers=HTMX)
    assert state_of(aurora, on) == AutomationState.ON


def test_runs_that_wait_go_on_unless_somebody_says_otherwise(
    visitor: Client, aurora: Company, on: Automation
) -> None:
    with scope.opened(aurora):
        run = a_run(on, state=RunState.WAITING)
    visitor.post(f"{HOME}{on.pk}/off/", {"waiting": "anything"})
    with scope.opened(aurora):
        assert Run.objects.get(pk=run.pk).state == RunState.WAITING


def test_a_copy_is_a_draft_and_a_deleted_one_is_gone(
    visitor: Client, aurora: Company, on: Automation
) -> None:
    copy: Any = visitor.post(f"{HOME}{on.pk}/duplicate/")
    assert copy.status_code == 302
    visitor.post(f"{HOME}{on.pk}/delete/")
    [row] = visitor.get(HOME).context["rows"]
    assert row["automation"].state == AutomationState.DRAFT
    assert visitor.get(f"{HOME}{on.pk}/").status_code == 404


def test_the_list_is_searched_by_name_and_state(
    visitor: Client, aurora: Company, on: Automation
) -> None:
    with scope.opened(aurora):
        automations.create(name="Boas-vindas", definition=a_definition())
    for query, names in (("q=boas", {"Boas-vindas"}), ("state=on", {"PIX"}), ("q=nada", set())):
        rows = visitor.get(f"{HOME}?{query}").context["rows"]
        assert {row["automation"].name for row in rows} == names
