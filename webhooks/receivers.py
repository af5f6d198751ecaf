"""What webhooks does when others tell it something."""

from events.models import Event
from webhooks.ingress.services import parking


def replay_parked(event: Event) -> None:
    """A number connected: what came for it before is handed over in the same transaction."""
    parking.replay(provider=event.data["provider"], number_id=event.data["external_id"])
