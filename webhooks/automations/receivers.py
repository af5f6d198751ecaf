"""What automations hear."""

from events.models import Event
from webhooks.automations.happening import Happening
from webhooks.automations.services import starting, waking


def on_event(event: Event) -> None:
    """An event that some automation begins with, or some run waits for."""
    happening = Happening.of(event)
    waking.wake(happening)
    starting.start(happening)
