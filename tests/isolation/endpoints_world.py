"""What a world sends to addresses of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from core.ids import uuid7
from webhooks.endpoints import signing
from webhooks.endpoints.enums import DispatchState, Failure
from webhooks.endpoints.models import (
    Attempt,
    Dispatch,
    Endpoint,
    EndpointSecret,
    Redrive,
    WebhookEvent,
)

if TYPE_CHECKING:
    from tests.isolation.world import World


def fill(world: World) -> None:
    """An endpoint with a delivery that was given up; nothing is sent."""
    endpoint = Endpoint.objects.create(
        name=world.text("endpoint"),
        url=f"https://93.184.215.14/{world.marker}",
        types=["contact.created"],
    )
    secret = EndpointSecret(endpoint=endpoint)
    secret.value = signing.new_secret()
    secret.save()
    event = WebhookEvent.objects.create(
        id=uuid7(),
        type="contact.created",
        body=f'{{"name": "{world.text("Zul")}"}}',
        contact=world.things["contact"],
    )
    dispatch = Dispatch.objects.create(
        endpoint=endpoint,
        event=event,
        state=DispatchState.DEAD,
        failure=Failure.STATUS,
        last_status=500,
        attempts=10,
        finished_at=timezone.now(),
    )
    Attempt.objects.create(
        dispatch=dispatch,
        number=10,
        at=timezone.now(),
        status=500,
        failure=Failure.STATUS,
        response_body=world.text("answer"),
    )
    Redrive.objects.create(endpoint=endpoint, finished_at=timezone.now())
    world.things["endpoint"], world.things["dispatch"] = endpoint, dispatch
