"""Rows of endpoints, for tests that send nothing."""

from typing import Any

from core.ids import uuid7
from webhooks.endpoints.enums import DispatchState, Failure
from webhooks.endpoints.models import Dispatch, Endpoint, WebhookEvent


def an_endpoint(**fields: Any) -> Endpoint:
    """One that hears of new contacts, at an address that nobody asks."""
    defaults = {"name": "n8n", "url": "https://93.184.215.14/hook", "types": ["contact.created"]}
    return Endpoint.objects.create(**{**defaults, **fields})


def a_dispatch(endpoint: Endpoint | None = None, **fields: Any) -> Dispatch:
    """An event on its way to it."""
    event = WebhookEvent.objects.create(id=uuid7(), type="contact.created", body='{"id": "evt_1"}')
    return Dispatch.objects.create(endpoint=endpoint or an_endpoint(), event=event, **fields)


def an_undelivered(endpoint: Endpoint | None = None) -> Dispatch:
    """One that was given up."""
    return a_dispatch(
        endpoint, state=DispatchState.DEAD, failure=Failure.STATUS, last_status=500, attempts=10
    )
