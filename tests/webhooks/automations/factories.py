"""Automations for tests, made by the services that the product uses, and events to start them."""

import itertools
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from connections.models import Connection
from conversations.models import Conversation
from core.ids import uuid7
from crm.models import Contact
from events import bus, deliveries
from events.models import Event
from messaging.models import Message
from tests.conversations.factories import received
from tests.messaging.factories import a_connection
from webhooks.automations.models import Automation, Run
from webhooks.automations.services import automations, running
from webhooks.sources import events as facts

_ids = itertools.count(1)
WINDOW_OPEN = {"kind": "window", "op": "open"}


def a_step(kind: str, /, **params: Any) -> dict[str, Any]:
    """A step with an id of its own; `then`, `else_` and `if_` stand beside its parameters."""
    step: dict[str, Any] = {"id": f"t{next(_ids)}", "kind": kind}
    for name, key in (("if_", "if"), ("then", "then"), ("else_", "else")):
        if name in params:
            step[key] = params.pop(name)
    return step if kind == "branch" else {**step, "params": params}


def text(words: str) -> dict[str, Any]:
    return a_step("send_text", text=words)


def wait_for(
    *types: str, then: Sequence[Any] = (), else_: Sequence[Any] = (), minutes: int = 30
) -> dict[str, Any]:
    """Wait for events about the same."""
    within = {"amount": minutes, "unit": "minutes"}
    return a_step(
        "wait_event", types=list(types), within=within, then=list(then), else_=list(else_)
    )


def all_of(*items: dict[str, Any]) -> dict[str, Any]:
    return {"join": "all", "items": list(items)}


def a_definition(
    *steps: dict[str, Any],
    on: Sequence[str] = ("pix.created",),
    trigger: dict[str, Any] | None = None,
    conditions: dict[str, Any] | None = None,
    **limits: Any,
) -> dict[str, Any]:
    return {
        "trigger": trigger or {"kind": "event", "params": {"types": list(on)}},
        "conditions": conditions or all_of(),
        "steps": list(steps) or [text("Oi")],
        "limits": limits,
    }


def an_automation(*steps: dict[str, Any], name: str = "PIX", **fields: Any) -> Automation:
    """One that is published and on."""
    automation = automations.create(name=name, definition=a_definition(*steps, **fields))
    automations.publish(automation=automation)
    return automations.switch_on(automation=automation)


def told(type_: str, contact: Contact | None = None, **fields: Any) -> Event:
    """What a source told, in the log; nobody has heard of it yet."""
    fact = next(one for one in facts.SourceFact.__subclasses__() if one.type == type_)
    values: dict[str, Any] = {
        "source_id": uuid7(),
        "received_id": uuid7(),
        "key": f"k{next(_ids)}",
        "contact_id": contact.pk if contact else None,
        **fields,
    }
    with transaction.atomic():
        return bus.publish(fact(**values))


def hear() -> None:
    """Deliver what was told to automations, and let runs go on as far as they come."""
    deliveries.deliver(automations.SUBSCRIBER)
    running.run_due("")


def later(run: Run | None = None) -> None:
    """The time of all waits (or of one run's) is over."""
    from django.utils import timezone

    now: datetime = timezone.now()
    rows = Run.objects.filter(wait_until__isnull=False)
    if run is not None:
        rows = rows.filter(pk=run.pk)
    rows.update(wait_until=now, wake_at=now)
    running.run_due("")


def a_talk(words: str = "Oi", connection: Connection | None = None, **fields: Any) -> Conversation:
    """A conversation whose window is open."""
    message = received(connection or a_connection(), words, **fields)
    return Conversation.objects.get(thread_id=message.thread_id)


def sent_to(contact: Contact) -> list[str]:
    """The texts that a contact got, in their order."""
    rows = Message.objects.filter(contact=contact, direction="out").order_by("created_at", "pk")
    return [row.content.get("text") or row.content.get("body") for row in rows]
