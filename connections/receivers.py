"""What follows from facts about connections: open pages look again, administrators are told."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils.formats import date_format
from django.utils.timezone import localtime

from connections import history
from core import realtime, scope
from events.models import Event
from events.services import incidents
from team.services.notifications import notify
from tenants.links import company_path
from tenants.models import Company

TOPIC = "connections"
EXPIRING = "token_expiring"  # the cause of an incident


def show(event: Event) -> None:
    """Open lists and cards fetch the new state."""
    realtime.push_coalesced(scope.required_company_id(), TOPIC, "changed")


def keep_history(event: Event) -> None:
    """The number's condition may have changed."""
    history.write(UUID(event.data["connection_id"]))


def on_stopped(event: Event) -> None:
    """A number stopped: those who can mend it hear of it at once, and it stays an incident."""
    url = _page(event)
    notify(
        code="connection.stopped",
        permission="connections.manage",
        data={"name": event.data["name"]},
        url=url,
    )
    incidents.report(
        kind="connection.stopped",
        scope=_scope(event),
        cause=event.data["code"],
        data={"name": event.data["name"]},
        url=url,
    )


def on_token_expiring(event: Event) -> None:
    """A token ends soon: told at each step, one incident until it is renewed."""
    url = _page(event)
    ends = localtime(datetime.fromisoformat(event.data["expires_at"]))
    data = {"name": event.data["name"], "date": date_format(ends, "SHORT_DATETIME_FORMAT")}
    notify(
        code="connection.token_expiring",
        permission="connections.manage",
        data=data,
        url=url,
    )
    incidents.report(
        kind="connection.token_expiring", scope=_scope(event), cause=EXPIRING, data=data, url=url
    )


def on_updated(event: Event) -> None:
    """A renewed token ends the warning about the former one."""
    if "token_expires_at" in event.data["changed"]:
        incidents.close(scope=_scope(event), cause=EXPIRING)


def on_mended(event: Event) -> None:
    """It sends again, or is no longer ours: nothing of it is in trouble."""
    incidents.close(scope=_scope(event))


def _scope(event: Event) -> str:
    return incidents.scope_of("connection", event.data["connection_id"])


def _page(event: Event) -> str:
    company = Company.objects.get(pk=scope.required_company_id())
    return company_path(company, "connection", event.data["connection_id"])
