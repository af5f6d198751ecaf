"""Reads of endpoints and deliveries, shaped for pages and the API."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from webhooks.endpoints.enums import (
    CLAIMABLE,
    REDRIVABLE,
    DispatchState,
    EndpointOrigin,
    EndpointState,
)
from webhooks.endpoints.models import Attempt, Dispatch, Endpoint, Redrive

COUNTED = timedelta(hours=24)
_HEALTH: dict[str, Promise] = {
    "ok": _("Works"),
    "new": _("Nothing sent yet"),
    "failing": _("Fails"),
    "disabled": _("Disabled"),
    "inactive": _("Switched off"),
}
_TONES = {"ok": "success", "new": "neutral", "failing": "danger", "disabled": "danger"}


@dataclass(frozen=True, slots=True)
class Row:
    """An endpoint as tables show it; counts are of the deliveries of the last 24 hours.

    Attributes:
        health: ok, new, failing, disabled, inactive.
    """

    endpoint: Endpoint
    health: str
    delivered: int
    waiting: int
    undelivered: int

    @property
    def health_label(self) -> Promise:
        """The health in words."""
        return _HEALTH[self.health]

    @property
    def tone(self) -> str:
        """The health as a colour."""
        return _TONES.get(self.health, "neutral")


def endpoint_list(*, q: str = "") -> QuerySet[Endpoint]:
    """Endpoints that were not deleted, newest first."""
    rows = Endpoint.objects.present().order_by("-created_at", "-id")
    return rows.filter(name__icontains=q) if q else rows


def endpoint_rows(*, q: str = "") -> list[Row]:
    """What a table of endpoints shows, in two statements."""
    endpoints = list(endpoint_list(q=q))
    since = timezone.now() - COUNTED
    counts: dict[UUID, dict[str, int]] = defaultdict(dict)
    found = Dispatch.objects.filter(
        endpoint__in=endpoints, created_at__gte=since, event__is_test=False
    )
    for pk, state, count in found.values_list("endpoint", "state").annotate(Count("id")).order_by():
        counts[pk][state] = count
    return [_row(endpoint, counts[endpoint.pk]) for endpoint in endpoints]


def endpoint_row(endpoint: Endpoint) -> Row:
    """The same of one."""
    since = timezone.now() - COUNTED
    found = Dispatch.objects.filter(endpoint=endpoint, created_at__gte=since, event__is_test=False)
    return _row(endpoint, dict(found.values_list("state").annotate(Count("id")).order_by()))


def deliveries(
    *, endpoint: Endpoint | None = None, state: str = "", type_: str = ""
) -> QuerySet[Dispatch]:
    """Deliveries with their events, without the bodies."""
    rows = Dispatch.objects.select_related("event", "endpoint").defer(
        "event__body", "endpoint__headers"
    )
    if endpoint is not None:
        rows = rows.filter(endpoint=endpoint)
    if state in DispatchState.values:
        rows = rows.filter(state=state)
    return rows.filter(event__type=type_) if type_ else rows


def undelivered(
    *, endpoint: Endpoint | None = None, state: str = "", type_: str = ""
) -> QuerySet[Dispatch]:
    """What did not arrive and waits for somebody: given up, or held back."""
    rows = deliveries(endpoint=endpoint, type_=type_)
    states = [state] if state in REDRIVABLE else REDRIVABLE
    return rows.filter(state__in=states, event__is_test=False, endpoint__deleted_at=None)


def tries_of(dispatch: Dispatch) -> list[Attempt]:
    """Its attempts, newest first."""
    return list(dispatch.tries.order_by("-at", "-id"))


def former_secret_until(endpoint: Endpoint) -> datetime | None:
    """Until when the secret before the last rotation signs, too; None if there is none."""
    rows = endpoint.secrets.signing(timezone.now()).exclude(expires_at=None)
    return rows.values_list("expires_at", flat=True).first()


def redrives_under_way() -> bool:
    """Whether undelivered events are being sent again at this moment."""
    return Redrive.objects.filter(finished_at=None).exists()


def subscriptions() -> QuerySet[Endpoint]:
    """Endpoints that programs subscribed over REST hooks."""
    return Endpoint.objects.present().filter(origin=EndpointOrigin.REST_HOOK)


def _row(endpoint: Endpoint, counts: dict[str, int]) -> Row:
    return Row(
        endpoint=endpoint,
        health=_health(endpoint),
        delivered=counts.get(DispatchState.DELIVERED, 0),
        waiting=sum(counts.get(state, 0) for state in CLAIMABLE),
        undelivered=sum(counts.get(state, 0) for state in REDRIVABLE),
    )


def _health(endpoint: Endpoint) -> str:
    if endpoint.state != EndpointState.ACTIVE:
        return endpoint.state
    if endpoint.last_attempt_at is None:
        return "new"
    return "failing" if endpoint.failing_since else "ok"
