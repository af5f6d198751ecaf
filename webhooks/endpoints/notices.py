"""Who is told that an endpoint is in trouble: administrators by their bell, and an incident that
is open until something arrives again."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core import scope
from events.incidents import Kind as IncidentKind
from events.services import incidents
from team.notifications import Kind
from team.services.notifications import notify
from tenants.links import company_path
from tenants.models import Company
from webhooks.endpoints import addresses
from webhooks.endpoints.models import Endpoint

PERMISSION = "webhooks.manage"
FAILING = Kind(
    code="endpoint.failing",
    text=_("The endpoint %(name)s fails: nothing arrives at %(host)s."),
    icon="webhook-off",
    label=_("An endpoint fails"),
    tone="warning",
    permission=PERMISSION,
)
DISABLED = Kind(
    code="endpoint.disabled",
    text=_("The endpoint %(name)s was disabled: nothing is sent to %(host)s any more."),
    icon="webhook-off",
    label=_("An endpoint was disabled"),
    tone="danger",
    permission=PERMISSION,
)
KINDS = (FAILING, DISABLED)
INCIDENTS = (
    IncidentKind(
        FAILING.code,
        FAILING.text,
        _("Open the endpoint: the last deliveries show what it answered. We go on trying."),
        FAILING.icon,
        FAILING.tone,
    ),
    IncidentKind(
        DISABLED.code,
        DISABLED.text,
        _("Mend the receiver, activate the endpoint and send what was held back."),
        DISABLED.icon,
        DISABLED.tone,
    ),
)


def failing(endpoint: Endpoint) -> None:
    """Three failures in a row."""
    _tell(endpoint, FAILING)


def disabled(endpoint: Endpoint) -> None:
    """We gave up on it."""
    incidents.close(scope=_scope(endpoint), cause=FAILING.code)
    _tell(endpoint, DISABLED)


def mended(endpoint: Endpoint) -> None:
    """Something arrived, it was activated again, or it is gone."""
    incidents.close(scope=_scope(endpoint))


def _tell(endpoint: Endpoint, kind: Kind) -> None:
    data = {"name": endpoint.name, "host": addresses.shown(endpoint.url)}
    company = Company.objects.get(pk=scope.required_company_id())
    url = company_path(company, "endpoint", endpoint.pk)
    incidents.report(kind=kind.code, scope=_scope(endpoint), cause=kind.code, data=data, url=url)
    notify(code=kind.code, permission=PERMISSION, data=data, url=url)


def _scope(endpoint: Endpoint) -> str:
    return incidents.scope_of("endpoint", endpoint.pk)
