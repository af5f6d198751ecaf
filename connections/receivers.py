"""What follows from facts about connections: open pages look again, administrators are told."""

from __future__ import annotations

from core import realtime, scope
from events.models import Event
from team.services.notifications import notify
from tenants.links import company_path
from tenants.models import Company

TOPIC = "connections"


def show(event: Event) -> None:
    """Open lists and cards fetch the new state."""
    realtime.push_coalesced(scope.required_company_id(), TOPIC, "changed")


def tell_administrators(event: Event) -> None:
    """A number stopped: those who can mend it hear of it at once."""
    company = Company.objects.get(pk=scope.required_company_id())
    notify(
        code="connection.stopped",
        permission="connections.manage",
        data={"name": event.data["name"]},
        url=company_path(company, "connection", event.data["connection_id"]),
    )
