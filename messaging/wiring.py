"""What messaging announces at start-up: its due work, its gate checks, its files, whom it hears."""

from functools import partial
from uuid import UUID

from connections.events import ConnectionConnected, ConnectionResumed
from core import agenda
from core.agenda import Kind
from events import bus
from events.models import Event
from messaging import agenda as kinds
from messaging import gate_checks, media_types
from messaging.dispatch import lanes, pump, sweep
from messaging.services import media, streams


def register() -> None:
    """Called once, from AppConfig.ready()."""
    gate_checks.register_all()
    media_types.register()
    for kind in _kinds():
        agenda.register(kind)
    for fact in (ConnectionConnected, ConnectionResumed):
        bus.subscribe(f"messaging.wake_on_{fact.type}", fact, _wake_connection, mode="inline")


def _kinds() -> list[Kind]:
    return [
        Kind(kinds.PUMP, pump.pump_runs, partial(lanes.due, lanes.RUNS), queue="sending"),
        Kind(kinds.REPLY, pump.pump_replies, partial(lanes.due, lanes.REPLIES), queue="replies"),
        Kind(kinds.SWEEP, sweep.sweep, sweep.due, queue="sending"),
        Kind(kinds.RELEASE, _release, streams.planned, queue="sending"),
        Kind(kinds.CANCEL, _cancel, streams.cancelled, queue="sending"),
        Kind(kinds.RECOUNT, _recount, streams.uncounted),
        Kind(kinds.FETCH_MEDIA, media.fetch, media.due, queue="inbound"),
    ]


def _wake_connection(event: Event) -> None:
    """What waited for the number may go."""
    for kind in (kinds.PUMP, kinds.REPLY):
        agenda.append(kind, event.data["connection_id"])


def _release(key: str) -> None:
    streams.release(stream_id=UUID(key))


def _cancel(key: str) -> None:
    streams.cancel_rows(stream_id=UUID(key))


def _recount(key: str) -> None:
    streams.recount(stream_id=UUID(key))
