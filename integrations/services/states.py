"""Stopping: the other system refuses us, and people hear of it; what is to be sent waits."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from core import realtime, scope
from events.bus import publish
from events.services import incidents
from integrations.enums import IntegrationState
from integrations.events import IntegrationStopped
from integrations.models import Integration
from integrations.registry import provider
from team.services.notifications import notify
from tenants.links import company_path
from tenants.models import Company

STOPPED = "integration.stopped"  # the incident's and the notification's kind
TOPIC = "integrations"


@transaction.atomic
def stop(integration: Integration, *, code: str, detail: str = "") -> bool:
    """Ask nothing more of it until somebody connects it again. False when it was so before."""
    changed = Integration.objects.filter(
        pk=integration.pk, state=IntegrationState.CONNECTED
    ).update(state=IntegrationState.STOPPED, state_code=code[:48], state_detail=detail[:500])
    if not changed:
        return False
    publish(
        IntegrationStopped(
            integration_id=integration.pk, provider=integration.provider, code=code[:48]
        )
    )
    company = Company.objects.get(pk=scope.required_company_id())
    url = company_path(company, "integration", integration.pk)
    data = {"name": provider(integration.provider).label}
    notify(code=STOPPED, permission="integrations.manage", data=data, url=url)
    incidents.report(kind=STOPPED, scope=scope_of(integration), cause=code, data=data, url=url)
    show()
    return True


def hold(integration: Integration, *, until: datetime) -> None:
    """The other system asked us to wait; a longer wait that holds already stays."""
    shorter = Q(blocked_until=None) | Q(blocked_until__lt=until)
    Integration.objects.filter(shorter, pk=integration.pk).update(blocked_until=until)


def scope_of(integration: Integration) -> str:
    """How incidents name it."""
    return incidents.scope_of("integration", integration.pk)


def show() -> None:
    """Open pages fetch the new state."""
    realtime.push_coalesced(scope.required_company_id(), TOPIC, "changed")
