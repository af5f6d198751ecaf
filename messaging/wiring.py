"""What messaging announces at start-up: its due work, its gate checks, its files, whom it hears."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from connections.events import (
    ConnectionConnected,
    ConnectionPaused,
    ConnectionResumed,
    ConnectionStopped,
)
from connections.selectors import alive
from core import agenda
from core.agenda import Kind
from events import bus
from events.models import Event
from messaging import agenda as kinds
from messaging import gate_checks, media_types
from messaging.dispatch import lanes, pump, sweep
from messaging.services import breakers, expiry, media, outbox, streams
from messaging.template_events import TemplateChanged
from tenants.signals import company_reactivated


def register() -> None:
    """Called once, from AppConfig.ready()."""
    gate_checks.register_all()
    media_types.register()
    for kind in _kinds():
        agenda.register(kind)
    for fact in (ConnectionConnected, ConnectionResumed):
        bus.subscribe(f"messaging.wake_on_{fact.type}", fact, _wake_connection, mode="inline")
    for end in (ConnectionStopped, ConnectionPaused):
        bus.subscribe(f"messaging.expire_on_{end.type}", end, _look_for_late_ones, mode="inline")
    bus.subscribe("messaging.follow_template", TemplateChanged, _follow_template, mode="inline")
    company_reactivated.connect(_wake_company, dispatch_uid="messaging.wake_company")


def _kinds() -> list[Kind]:
    return [
        Kind(kinds.PUMP, pump.pump_runs, partial(lanes.due, lanes.RUNS), queue="sending"),
        Kind(kinds.PUMP_BESIDE, pump.pump_beside, _nothing_of_its_own),
        Kind(kinds.REPLY, pump.pump_replies, partial(lanes.due, lanes.REPLIES), queue="replies"),
        Kind(kinds.SWEEP, sweep.sweep, sweep.due, queue="sending"),
        Kind(kinds.CANCEL, _cancel, streams.cancelled, queue="sending"),
        Kind(kinds.RECOUNT, _recount, streams.uncounted),
        Kind(kinds.EXPIRE, _expire, expiry.due, queue="sending"),
        Kind(kinds.TRY_TEMPLATE, _try_template, breakers.paused_templates, queue="sending"),
        Kind(kinds.FETCH_MEDIA, media.fetch, media.due, queue="inbound"),
    ]


def _wake_connection(event: Event) -> None:
    """What waited for the number may go."""
    outbox.wake(connection_id=UUID(event.data["connection_id"]))


def _wake_company(**_kwargs: Any) -> None:
    """What waited for the company may go."""
    for connection_id in alive().values_list("pk", flat=True):
        outbox.wake(connection_id=connection_id)


def _look_for_late_ones(_event: Event) -> None:
    """What waits for the number does so until its time is over."""
    agenda.append(kinds.EXPIRE)


def _follow_template(event: Event) -> None:
    breakers.follow_template(UUID(event.data["template_id"]))


def _nothing_of_its_own(_key: str | None) -> Iterable[tuple[str, datetime]]:
    """Whoever sends a fast number's runs calls for help; what is due is due there."""
    return ()


def _cancel(key: str) -> None:
    streams.cancel_rows(stream_id=UUID(key))


def _recount(key: str) -> None:
    breakers.recount(UUID(key))


def _expire(_key: str) -> None:
    expiry.expire_due()


def _try_template(key: str) -> None:
    breakers.try_template(UUID(key))
