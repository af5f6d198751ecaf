"""What automations hear."""

from collections.abc import Sequence

from events.models import Event
from webhooks.automations.happening import Happening
from webhooks.automations.services import starting, waking


def on_event(event: Event) -> None:
    """An event that some automation begins with, or some run waits for."""
    on_events([event])


def on_events(events: Sequence[Event]) -> None:
    """The same of many at once, oldest first."""
    happenings = [Happening.of(event) for event in events]
    waking.wake(happenings)
    starting.start(happenings)
