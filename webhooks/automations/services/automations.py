"""Making, changing, publishing and switching automations.

What is heard of is declared in the transaction of the switch: the next event of a type has its
delivery, and not one before.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import agenda
from core.errors import Conflict, Invalid, NotFound
from events import bus
from events.services import incidents, interests
from team.models import Member
from webhooks.automations import definition as definitions
from webhooks.automations import registry
from webhooks.automations.agenda import CLOCK
from webhooks.automations.definition import Definition
from webhooks.automations.enums import LIVE, AutomationState, WhenOff
from webhooks.automations.events import (
    AutomationDeleted,
    AutomationPublished,
    AutomationSwitched,
)
from webhooks.automations.models import Automation, Listener, Run, Version
from webhooks.automations.services import runs

SUBSCRIBER = "automations.start"
NAME_LENGTH = 120


@transaction.atomic
def create(
    *, name: str, definition: Any = None, by: Member | None = None, actor: str = "system"
) -> Automation:
    """A new draft; nothing happens before it is published and switched on.

    Raises:
        core.errors.Invalid: under `name`, or the definition has not the shape of one.
    """
    return Automation.objects.create(
        name=_name(name),
        draft=definitions.shaped(definition or definitions.empty()),
        created_by=by,
    )


@transaction.atomic
def save_draft(*, automation: Automation, definition: Any, name: str | None = None) -> Automation:
    """Keep what the builder has, complete or not; what is in force stays in force.

    Raises:
        core.errors.Invalid: under `name`, or the definition has not the shape of one.
    """
    automation = _locked(automation.pk)
    automation.draft = definitions.shaped(definition)
    if name is not None:
        automation.name = _name(name)
    automation.save(update_fields=["draft", "name", "updated_at"])
    return automation


def rename(*, automation: Automation, name: str) -> Automation:
    """Give it another name.

    Raises:
        core.errors.Invalid: under `name`.
    """
    automation.name = _name(name)
    automation.save(update_fields=["name", "updated_at"])
    return automation


@transaction.atomic
def publish(*, automation: Automation, by: Member | None = None, actor: str = "system") -> Version:
    """Make the draft the version in force; runs that are under way keep theirs. One that is on
    goes on with the new version from the next event. The same again makes no new version.

    Raises:
        core.errors.Invalid: all that is missing or wrong, by place (`definition.problems`).
    """
    automation = _locked(automation.pk)
    read = definitions.validate(automation.draft)
    current = automation.current
    if current is not None and current.definition == read:
        return current
    number = automation.versions.aggregate(last=Max("number"))["last"] or 0
    version = Version.objects.create(
        automation=automation,
        number=number + 1,
        definition=read,
        waits_for=_waits_for(read),
        author=by,
    )
    automation.draft, automation.current = read, version
    automation.trigger_kind = read["trigger"]["kind"]
    if automation.state == AutomationState.DRAFT:
        automation.state = AutomationState.OFF
    automation.save()
    if automation.state == AutomationState.ON:
        _start_listening(automation)
    incidents.close(scope=incidents.scope_of("automation", automation.pk))
    bus.publish(
        AutomationPublished(
            automation_id=automation.pk, name=automation.name, number=version.number
        ),
        actor=actor,
    )
    return version


@transaction.atomic
def switch_on(*, automation: Automation, actor: str = "system") -> Automation:
    """From now on it starts; what happened before starts nothing.

    Raises:
        core.errors.Conflict: `automation_unpublished`: there is no version yet.
        core.errors.Invalid: something that its version names is gone, by place.
    """
    automation = _locked(automation.pk)
    if automation.current is None:
        raise Conflict("automation_unpublished", _("Publish it first."))
    if automation.state == AutomationState.ON:
        return automation
    definitions.validate(automation.current.definition)
    automation.state, automation.switched_on_at = AutomationState.ON, timezone.now()
    automation.save()
    _start_listening(automation)
    _tell(automation, actor)
    return automation


@transaction.atomic
def switch_off(
    *, automation: Automation, waiting: str = WhenOff.GO_ON, actor: str = "system"
) -> Automation:
    """New events start nothing; runs that wait go on or stop, by choice (`enums.WhenOff`)."""
    automation = _locked(automation.pk)
    if waiting == WhenOff.STOP:
        runs.stop_waiting(automation=automation, code="switched_off")
    if automation.state != AutomationState.ON:
        return automation
    automation.state, automation.clock_at = AutomationState.OFF, None
    automation.clock_cursor = None
    automation.save()
    Listener.objects.filter(automation=automation).delete()
    incidents.close(scope=incidents.scope_of("automation", automation.pk))
    declare_interests()
    _tell(automation, actor)
    return automation


@transaction.atomic
def duplicate(*, automation: Automation, name: str = "", by: Member | None = None) -> Automation:
    """A draft with what the automation's draft says, under a name of its own."""
    copied = name or str(_("%(name)s (copy)") % {"name": automation.name[: NAME_LENGTH - 10]})
    return create(name=copied, definition=automation.draft, by=by)


@transaction.atomic
def restore(*, automation: Automation, version: Version) -> Automation:
    """Take a former version into the draft; publishing it makes it a new one."""
    return save_draft(automation=automation, definition=version.definition)


@transaction.atomic
def delete_automation(*, automation: Automation, actor: str = "system") -> None:
    """Put it away: it starts no more, and runs that wait stop. Its log stays for its time."""
    automation = switch_off(automation=automation, waiting=WhenOff.STOP, actor=actor)
    automation.deleted_at = timezone.now()
    automation.save(update_fields=["deleted_at"])
    bus.publish(AutomationDeleted(automation_id=automation.pk, name=automation.name), actor=actor)


def declare_interests() -> None:
    """Say anew which events are heard: what starts automations that are on, and what ends a wait
    of theirs or of a run that is under way."""
    starting = set(Listener.objects.values_list("type", flat=True))
    versions = Version.objects.exclude(waits_for=[])
    on = versions.filter(automation__state=AutomationState.ON)
    live = versions.filter(pk__in=Run.objects.filter(state__in=LIVE).values("version"))
    waited = {name for rows in (on, live) for types in rows.values_list("waits_for", flat=True)
              for name in types}  # fmt: skip
    interests.declare(subscriber=SUBSCRIBER, types=starting | waited)


def _start_listening(automation: Automation) -> None:
    """What starts the version in force, from now on."""
    assert automation.current is not None  # noqa: S101 -- both callers see to it
    trigger = automation.current.definition["trigger"]
    found = registry.trigger_of(trigger["kind"])
    types = found.types(trigger["params"]) if found else ()
    Listener.objects.filter(automation=automation).exclude(type__in=types).delete()
    Listener.objects.bulk_create(
        [Listener(automation=automation, type=name) for name in types], ignore_conflicts=True
    )
    now = timezone.now()
    timing = found.timing if found else None
    automation.clock_at = timing.next_at(trigger["params"], now) if timing else None
    automation.clock_from = now if timing else None
    automation.clock_cursor = None
    automation.save(update_fields=["clock_at", "clock_from", "clock_cursor"])
    if automation.clock_at is not None:
        agenda.append(CLOCK, str(automation.pk), automation.clock_at)
    declare_interests()


def _waits_for(definition: Definition) -> list[str]:
    found: set[str] = set()
    for step in definitions.steps_of(definition):
        wait = registry.wait_of(step["kind"])
        if wait is not None and wait.types is not None:
            found.update(wait.types(step["params"]))
    return sorted(found)


def _tell(automation: Automation, actor: str) -> None:
    bus.publish(
        AutomationSwitched(
            automation_id=automation.pk,
            name=automation.name,
            is_on=automation.state == AutomationState.ON,
        ),
        actor=actor,
    )


def _locked(pk: UUID) -> Automation:
    rows = Automation.objects.select_for_update(of=("self",)).select_related("current")
    found = rows.filter(pk=pk, deleted_at=None).first()
    if found is None:
        raise NotFound
    return found


def _name(text: str) -> str:
    name = " ".join(str(text).replace("\x00", "").split())
    if not 0 < len(name) <= NAME_LENGTH:
        raise Invalid({"name": _("Give it a name of at most 120 characters.")})
    return name
