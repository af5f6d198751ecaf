"""What deliveries are signed with: made, shown once, and replaced with a day of both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from events import bus
from webhooks.endpoints import signing
from webhooks.endpoints.events import EndpointChanged
from webhooks.endpoints.models import Endpoint, EndpointSecret

OVERLAP = timedelta(hours=24)


def create(*, endpoint: Endpoint) -> str:
    """A secret for an endpoint; the text is told this once."""
    value = signing.new_secret()
    row = EndpointSecret(endpoint=endpoint)
    row.value = value
    row.save()
    return value


@transaction.atomic
def rotate(*, endpoint: Endpoint, actor: str = "system") -> str:
    """A new secret. The ones before go on signing for a day, so that receivers can change over;
    the text is told this once."""
    Endpoint.objects.select_for_update().get(pk=endpoint.pk)
    now = timezone.now()
    EndpointSecret.objects.filter(endpoint=endpoint, expires_at__lte=now).delete()
    EndpointSecret.objects.filter(endpoint=endpoint, expires_at=None).update(
        expires_at=now + OVERLAP
    )
    fact = EndpointChanged(endpoint_id=endpoint.pk, name=endpoint.name, change="secret_rotated")
    bus.publish(fact, actor=actor)
    return create(endpoint=endpoint)


def signers(endpoints: Iterable[UUID], at: datetime) -> dict[UUID, list[str]]:
    """The secrets that sign for each endpoint at this moment, the newest first."""
    found: dict[UUID, list[str]] = defaultdict(list)
    for row in EndpointSecret.objects.filter(endpoint__in=set(endpoints)).signing(at):
        found[row.endpoint_id].append(row.value)
    return found
