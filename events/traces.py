"""What became of an event, as far as each app knows: its own deliveries, runs, outgoing posts, the
post that it came from. Apps above register theirs in AppConfig.ready().
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise

from events.models import Event

Text = str | Promise


@dataclass(frozen=True, slots=True)
class TraceRow:
    """A line of a trace.

    Attributes:
        title: what it is: a subscriber, an automation, an endpoint, a post.
        state: in words, in the reader's language.
        tone: of a badge: neutral, info, success, warning, danger.
        detail: what is worth knowing: an error, an answer. No secrets.
        url: where there is more, inside the company.
        key: of a subscriber, by which it is chosen for a replay.
    """

    title: Text
    state: Text
    tone: str = "neutral"
    at: datetime | None = None
    detail: Text = ""
    url: str = ""
    key: str = ""
    attempts: int = 0


RowsFor = Callable[[Sequence[Event]], Mapping[UUID, Sequence[TraceRow]]]


@dataclass(frozen=True, slots=True)
class Trace:
    """A part of the trace: its heading and how its lines are found, for several events at once, by
    the events' `uid`."""

    label: Text
    rows_for: RowsFor
    order: int = 100


_traces: list[Trace] = []


def add_trace(label: Text, rows_for: RowsFor, *, order: int = 100) -> None:
    """Have the log's page show a part of what became of an event, once, at start-up.

    Args:
        rows_for: one query or two for all the events that it is asked for; events that it knows
            nothing of are left out.
    """
    _traces.append(Trace(label, rows_for, order))
    _traces.sort(key=lambda trace: trace.order)


def of(event: Event) -> list[tuple[Text, Sequence[TraceRow]]]:
    """Each part that knows something of this event, in order."""
    parts = [(trace.label, trace.rows_for([event]).get(event.uid, ())) for trace in _traces]
    return [(label, rows) for label, rows in parts if rows]
