"""An automation of the company's with a run, an event that started nothing, and a try."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from core.ids import uuid7
from webhooks.automations.enums import DryRunState, Outcome, RunState
from webhooks.automations.models import DryRun, DryRunItem, Miss, Run, RunStep
from webhooks.automations.services import automations

if TYPE_CHECKING:
    from tests.isolation.world import World


def fill(world: World) -> None:
    note = {"id": "s1", "kind": "add_note", "params": {"text": world.text("automation note")}}
    trigger = {"kind": "event", "params": {"types": ["pix.created"]}}
    automation = automations.create(
        name=world.text("automation"), definition={"trigger": trigger, "steps": [note]}
    )
    version = automations.publish(automation=automation)
    automations.switch_on(automation=automation)
    contact, now = world.things["contact"], timezone.now()
    event = {"event_uid": uuid7(), "event_type": "pix.created"}
    run = Run.objects.create(
        automation=automation,
        version=version,
        contact=contact,
        event_at=now,
        data={"product": world.text("product")},
        state=RunState.DONE,
        **event,
    )
    said = {"text": world.text("said")}
    line = {"step": "s1", "kind": "add_note", "outcome": Outcome.DONE, "said": said}
    RunStep.objects.create(run=run, **line)
    Miss.objects.create(automation=automation, contact=contact, code="keyword", said=said, **event)
    dry = DryRun.objects.create(
        automation=automation,
        definition=version.definition,
        against=version,
        since=now,
        until=now,
        state=DryRunState.RUNNING,
    )
    DryRunItem.objects.create(
        dry_run=dry, contact=contact, event_at=now, starts=True, lines=[line], **event
    )
    world.things |= {"automation": automation, "automation_run": run, "dry_run": dry}
