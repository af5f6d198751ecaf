"""Versions, and tries on the past."""

import json
from typing import Any

import pytest
from django.test import Client

from core import scope
from events.models import Event
from tenants.models import Company
from tests.crm.factories import a_contact
from tests.webhooks.automations.views.conftest import HOME, a_definition
from webhooks.automations.models import Automation, DryRun
from webhooks.automations.services import automations, dry_runs


@pytest.fixture
def twice(aurora: Company, automation: Automation) -> Automation:
    with scope.opened(aurora), scope.surroundings(aurora):
        automations.publish(automation=automation)
        always = a_definition(conditions={"join": "all", "items": []})
        automations.save_draft(automation=automation, definition=always)
        automations.publish(automation=automation)
        return Automation.objects.select_related("current").get(pk=automation.pk)


def test_each_version_says_what_it_changed(visitor: Client, twice: Automation) -> None:
    second, first = visitor.get(f"{HOME}{twice.pk}/versions/").context["versions"]
    assert (second["is_current"], first["is_current"]) == (True, False)
    gone = [line.text for line in second["differences"] if line.change]
    assert gone == ["Amount is greater than 50,00"] or gone == ["Amount is greater than 50.00"]
    assert {line.change for line in first["differences"]} == {"added"}


def test_one_that_was_never_published_has_none(visitor: Client, automation: Automation) -> None:
    assert visitor.get(f"{HOME}{automation.pk}/versions/").context["versions"] == []


def test_a_former_version_becomes_the_draft_and_nothing_else(
    visitor: Client, aurora: Company, twice: Automation
) -> None:
    with scope.opened(aurora):
        first = twice.versions.get(number=1)
    visitor.post(f"{HOME}{twice.pk}/versions/restore/", {"version": str(first.pk)})
    with scope.opened(aurora):
        kept = Automation.objects.select_related("current").get(pk=twice.pk)
    assert kept.draft["conditions"] == first.definition["conditions"]
    assert kept.current is not None
    assert kept.current.number == 2


@pytest.mark.parametrize("version", ["", "x", "0190b7c4-0000-7000-8000-000000000000"])
def test_a_version_of_nobody_changes_nothing(
    visitor: Client, aurora: Company, twice: Automation, version: str
) -> None:
    visitor.post(f"{HOME}{twice.pk}/versions/restore/", {"version": version})
    with scope.opened(aurora):
        assert Automation.objects.get(pk=twice.pk).draft == twice.draft


def test_a_try_shows_how_far_it_is_and_then_what_it_found(
    visitor: Client, aurora: Company, twice: Automation
) -> None:
    with scope.opened(aurora), scope.surroundings(aurora):
        about = {"contact_id": str(a_contact(name="Ana").pk), "amount": 8990}
        Event.objects.create(type="pix.created", data=about)
    answer = visitor.post(f"{HOME}{twice.pk}/dry-runs/", {"what": "draft", "days": "7"})
    with scope.opened(aurora), scope.surroundings(aurora):
        dry = DryRun.objects.get()
    assert answer["Location"] == f"{HOME}dry-runs/{dry.pk}/"
    assert "Looking at the events" in visitor.get(answer["Location"]).content.decode()
    with scope.opened(aurora), scope.surroundings(aurora):
        dry_runs.go_on(str(dry.pk))
    for view in ("", "differs", "all", "nonsense"):
        page = visitor.get(f"{answer['Location']}?show={view}&after=0").content.decode()
        assert "Event by event" in page
        assert ("Ana" in page) == (view != "differs")
    refreshed: Any = visitor.get(answer["Location"], headers={"HX-Request": "true"})
    assert refreshed["HX-Refresh"] == "true"


def test_a_draft_that_is_not_complete_says_what_is_missing_instead(
    visitor: Client, aurora: Company, automation: Automation
) -> None:
    with scope.opened(aurora), scope.surroundings(aurora):
        automations.save_draft(automation=automation, definition=a_definition(steps=[]))
    answer = visitor.post(f"{HOME}{automation.pk}/dry-runs/", {"what": "draft", "days": "7"})
    assert answer.status_code == 422
    assert "Add at least one step." in answer.content.decode()
    assert json.dumps(answer.context["refused"]) == '["Add at least one step."]'
