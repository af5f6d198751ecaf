"""The worker's side of a test: what is due is handled here and now, by a clock that tests move."""

from __future__ import annotations

from datetime import datetime

import time_machine
from django.db import transaction

from crm.events import ContactDeleted
from crm.models import Contact
from events import bus, deliveries
from events.models import Event
from webhooks.endpoints.agenda import next_times
from webhooks.endpoints.models import Dispatch, Endpoint
from webhooks.endpoints.services import queueing, sending


def an_event() -> Event:
    """Something that happened; its row and, if somebody wants it, its delivery are there."""
    with transaction.atomic():
        return bus.publish(ContactDeleted(contact=Contact.objects.create(name="Ana").pk))


def queued(count: int = 1) -> list[Event]:
    """So many events, each with its rows for the endpoints."""
    events = [an_event() for _ in range(count)]
    deliveries.deliver(queueing.SUBSCRIBER)
    return events


def send_all() -> None:
    """What is due now, at every endpoint, as far as a slice and the wait behind it come."""
    if wait := sending.send_due():
        wait()


def next_time(endpoint: Endpoint) -> datetime | None:
    """When something is due at an endpoint."""
    return next_times().get(endpoint.pk)


def play(endpoint: Endpoint, clock: time_machine.Traveller, until: datetime) -> None:
    """Move the clock from one due time to the next, as days go by."""
    while (at := next_time(endpoint)) is not None and at <= until:
        clock.move_to(at, tick=False)
        send_all()


def only(endpoint: Endpoint) -> Dispatch:
    """The one row that an endpoint has."""
    return Dispatch.objects.select_related("event").get(endpoint=endpoint)
