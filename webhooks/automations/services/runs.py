"""What people do to runs: stop one, stop all that wait, have one once more."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import agenda
from core.errors import Conflict, NotFound
from webhooks.automations.agenda import RUN
from webhooks.automations.compiled import compiled
from webhooks.automations.enums import LIVE, RunState
from webhooks.automations.models import Automation, Run

# Runs that somebody asked for count from here: those of the log's own replays are below.
BY_HAND = 1000


@transaction.atomic
def stop(*, run: Run, code: str = "by_hand") -> Run:
    """Nothing more of it is done.

    Raises:
        core.errors.Conflict: `run_over`: it is over already.
    """
    locked = _locked(run.pk)
    if locked.state not in LIVE:
        raise Conflict("run_over", _("This run is over already."))
    locked.state, locked.code, locked.finished_at = RunState.STOPPED, code, timezone.now()
    locked.wake_at, locked.waits_for = None, []
    locked.save(update_fields=["state", "code", "finished_at", "wake_at", "waits_for"])
    return locked


@transaction.atomic
def stop_waiting(*, automation: Automation, code: str) -> int:
    """Stop all runs of an automation that are under way; how many they were."""
    rows = Run.objects.filter(automation=automation, state__in=LIVE)
    return rows.update(
        state=RunState.STOPPED,
        code=code,
        finished_at=timezone.now(),
        wake_at=None,
        waits_for=[],
    )


@transaction.atomic
def run_again(*, run: Run) -> Run:
    """Go through it once more with its effects, by the version in force: the same event and
    contact, another count. Guards do not hold it back: somebody wants it.

    Raises:
        core.errors.Conflict: `automation_unpublished`: there is no version any more.
    """
    automation = Automation.objects.select_for_update(of=("self",)).get(pk=run.automation_id)
    version = automation.current
    if version is None or automation.deleted_at is not None:
        raise Conflict("automation_unpublished", _("Publish it first."))
    same = Run.objects.filter(
        automation=automation, event_uid=run.event_uid, contact=run.contact_id
    )
    last = same.order_by("-event_run").values_list("event_run", flat=True).first() or 0
    plan = compiled(version.pk, version.definition)
    assert plan is not None  # noqa: S101 -- it was given
    now = timezone.now()
    again = Run.objects.create(
        automation=automation,
        version=version,
        contact_id=run.contact_id,
        event_uid=run.event_uid,
        event_run=max(last, BY_HAND) + 1,
        event_type=run.event_type,
        event_at=run.event_at,
        data=run.data,
        correlation=run.correlation,
        position=plan.first,
        wake_at=now,
        started_at=now,
    )
    agenda.append(RUN)
    return again


def _locked(pk: UUID) -> Run:
    found = Run.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found
