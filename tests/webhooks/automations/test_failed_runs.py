"""Runs that crashed at a step are dead letters: tried again from there, or left."""

import pytest
from django.utils import timezone

from events.dead_letters import boxes
from events.models import Incident
from events.services import letters
from tenants.models import Company
from tests.webhooks.automations.factories import (
    a_step,
    a_talk,
    an_automation,
    hear,
    sent_to,
    text,
    told,
)
from webhooks.automations import registry
from webhooks.automations.enums import LIVE, Outcome, RunState
from webhooks.automations.failed_runs import BOX
from webhooks.automations.models import Run
from webhooks.automations.registry import Action, Done
from webhooks.automations.services import running


class Kettle:
    """What a step uses; it may be broken."""

    is_broken = True

    def boil(self) -> Done:
        if self.is_broken:
            raise LookupError("no kettle")
        return Done()


@pytest.fixture
def kettle(monkeypatch: pytest.MonkeyPatch) -> Kettle:
    kettle = Kettle()
    monkeypatch.setattr(registry, "_actions", dict(registry._actions))
    registry.add_action(
        Action(
            "boil",
            "Boil",
            "zap",
            "flow",
            lambda params: "Boil",
            lambda scene, params, doing: kettle.boil(),
            lambda scene, params: Done(),
        )
    )
    return kettle


def go_on() -> None:
    """As often as its tries come round."""
    while Run.objects.filter(state__in=LIVE).exists():
        Run.objects.filter(state__in=LIVE).update(wake_at=timezone.now())
        running.run_due("")


@pytest.fixture
def failed(company: Company, kettle: Kettle) -> Run:
    talk = a_talk()
    an_automation(text("Um"), a_step("boil"), text("Dois"))
    told("pix.created", talk.contact)
    hear()
    go_on()
    return Run.objects.get()


def test_it_is_a_letter_with_its_cause(failed: Run) -> None:
    [letter] = boxes[BOX].letters()
    assert (failed.state, failed.code, letter.key) == (RunState.FAILED, "crashed", str(failed.pk))
    assert (letter.of, letter.title, letter.error, letter.attempts) == (
        "PIX",
        "pix.created",
        "LookupError: no kettle",
        running.MAX_ATTEMPTS,
    )
    assert Incident.objects.filter(kind=letters.INCIDENT, closed_at=None).exists()


def test_tried_again_it_goes_on_where_it_stood(failed: Run, kettle: Kettle) -> None:
    kettle.is_broken = False
    boxes[BOX].redrive([failed.pk])
    go_on()
    run = Run.objects.get()
    assert (run.state, run.code, run.error) == (RunState.DONE, "", "")
    assert failed.contact is not None
    assert sent_to(failed.contact) == ["Um", "Dois"]
    outcomes = list(run.steps.values_list("outcome", flat=True))
    assert outcomes == [Outcome.HELD, Outcome.DONE, Outcome.DONE, Outcome.DONE]
    assert boxes[BOX].count() == 0


def test_what_is_still_broken_comes_back(failed: Run) -> None:
    boxes[BOX].redrive([failed.pk])
    go_on()
    assert boxes[BOX].count() == 1
    assert [step.outcome for step in failed.steps.all()].count(Outcome.FAILED) == 1


def test_thrown_away_it_is_not_tried_any_more(failed: Run) -> None:
    boxes[BOX].discard([failed.pk])
    boxes[BOX].redrive([failed.pk])
    failed.refresh_from_db()
    assert (failed.state, boxes[BOX].count()) == (RunState.STOPPED, 0)
    assert failed.steps.get(step=failed.position).outcome == Outcome.FAILED


def test_the_run_of_a_deleted_automation_stays_as_it_is(failed: Run) -> None:
    failed.automation.deleted_at = timezone.now()
    failed.automation.save()
    boxes[BOX].redrive([failed.pk])
    failed.refresh_from_db()
    assert (failed.state, boxes[BOX].count()) == (RunState.FAILED, 0)
