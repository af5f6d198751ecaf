"""Runs in the event log: what an event started (`events.traces`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from events.models import Event
from events.traces import TraceRow, add_trace
from webhooks.automations.enums import RunState
from webhooks.automations.models import Automation, Run

_TONES = {
    RunState.DONE: "success",
    RunState.FAILED: "danger",
    RunState.SKIPPED: "neutral",
    RunState.STOPPED: "warning",
}


def register() -> None:
    """Called once, from AppConfig.ready()."""
    add_trace(_("Automations"), rows_for, order=30)


def rows_for(events: Sequence[Event]) -> Mapping[UUID, Sequence[TraceRow]]:
    """The runs that these events started."""
    found: dict[UUID, list[TraceRow]] = defaultdict(list)
    # Named one by one, so that the key (automation, event …) finds them.
    automations = list(Automation.objects.values_list("pk", flat=True))
    rows = Run.objects.filter(
        automation__in=automations, event_uid__in=[event.uid for event in events]
    )
    for run in rows.select_related("automation").order_by("pk"):
        state = RunState(run.state)
        found[run.event_uid].append(
            TraceRow(
                title=run.automation.name,
                state=state.label,
                tone=_TONES.get(state, "info"),
                at=run.started_at,
                detail=run.error,
                url=reverse("automation-run", args=[run.pk]),
            )
        )
    return found
