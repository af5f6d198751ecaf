"""What webhooks does when others tell it something."""

from core import scope
from events.dead_letters import boxes
from events.models import Event
from team.services.notifications import notify
from tenants.links import company_path
from tenants.models import Company
from webhooks.ingress.services import parking


def replay_parked(event: Event) -> None:
    """A number connected: what came for it before is handed over in the same transaction."""
    parking.replay(provider=event.data["provider"], number_id=event.data["external_id"])


def tell_quarantined(event: Event) -> None:
    """Something was given up, the first since somebody emptied the list."""
    box = boxes[event.data["box"]]
    company = Company.objects.get(pk=scope.required_company_id())
    notify(
        code=event.type,
        permission="events.manage",
        data={"box": str(box.label)},
        url=company_path(company, "dead-letters"),
    )
