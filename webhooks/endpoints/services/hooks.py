"""REST hooks: programs such as Zapier subscribe an address to one type of event, and end it."""

from __future__ import annotations

from django.db import transaction

from core import locks
from team.models import Member
from webhooks.endpoints import addresses
from webhooks.endpoints.enums import EndpointOrigin
from webhooks.endpoints.models import Endpoint
from webhooks.endpoints.services import endpoints


@transaction.atomic
def subscribe(
    *, target_url: str, event: str, by: Member | None = None, actor: str = "system"
) -> Endpoint:
    """Send events of a type to an address from now on; asked twice, it is one subscription; one
    that is off is switched on again.

    Raises:
        core.errors.Invalid: under `url` or `types`.
    """
    locks.hold(f"hooks:{event}:{target_url}")
    present = Endpoint.objects.present().filter(
        origin=EndpointOrigin.REST_HOOK, url=target_url, types=[event]
    )
    if standing := present.first():
        if not standing.is_active:
            endpoints.activate(endpoint=standing, by=by, actor=actor)
        return standing
    endpoint, _secret = endpoints.create_endpoint(
        url=target_url,
        name=f"{addresses.shown(target_url)}: {event}",
        types=[event],
        origin=EndpointOrigin.REST_HOOK,
        by=by,
        actor=actor,
    )
    return endpoint
