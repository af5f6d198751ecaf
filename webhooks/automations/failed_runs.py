"""Runs that were given up at a step, as a box of dead letters (`events.dead_letters`)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import agenda
from events.dead_letters import Box, Letter, add_box
from webhooks.automations.agenda import RUN
from webhooks.automations.enums import Outcome, RunState
from webhooks.automations.models import Run, RunStep

BOX = "automations"


def register() -> None:
    """Called once, from AppConfig.ready()."""
    add_box(
        Box(
            BOX,
            _("Runs of automations"),
            rows=_dead,
            letter=_letter,
            redrive=redrive,
            discard=discard,
            at="finished_at",
        )
    )


@transaction.atomic
def redrive(keys: Sequence[UUID]) -> None:
    """Have runs go on at the step that they were given up at: it did nothing, and what was done
    before it is not done again. Those of automations that are gone stay."""
    wanted = Run.objects.filter(pk__in=keys, state=RunState.FAILED, automation__deleted_at=None)
    runs = list(wanted.select_for_update(of=("self",)).values_list("pk", flat=True))
    RunStep.objects.filter(run__in=runs, outcome=Outcome.FAILED).delete()
    Run.objects.filter(pk__in=runs).update(
        state=RunState.RUNNING, code="", attempts=0, finished_at=None, wake_at=timezone.now()
    )
    if runs:
        agenda.append(RUN)


def discard(keys: Sequence[UUID]) -> None:
    """Leave them; the log of each still shows at which step it failed."""
    Run.objects.filter(pk__in=keys, state=RunState.FAILED).update(
        state=RunState.STOPPED, code="by_hand"
    )


def _dead() -> QuerySet[Run]:
    return (
        Run.objects.filter(state=RunState.FAILED, automation__deleted_at=None)
        .select_related("automation")
        .defer("data", "automation__draft")
    )


def _letter(run: Run) -> Letter:
    return Letter(
        key=str(run.pk),
        title=run.event_type,
        of=run.automation.name,
        error=run.error,
        at=run.finished_at or run.started_at,
        attempts=run.attempts,
        url=reverse("automation-run", args=[run.pk]),
    )
