"""A slice of sending to one endpoint: claim, commit "sending", wire, record; two at once.

Nothing outlives a slice: a sender that dies leaves rows whose lease ends, and they are tried again
(at least once, never lost). Endpoints are keys of their own in the agenda, so one that hangs keeps
nobody waiting but itself; and it rests for a minute after it let us wait.
"""

from __future__ import annotations

import time
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from core import agenda, stopping
from webhooks.endpoints import requests
from webhooks.endpoints.addresses import is_secure
from webhooks.endpoints.agenda import SEND, SENDABLE, unsent
from webhooks.endpoints.enums import CLAIMABLE, DispatchState, Failure
from webhooks.endpoints.models import Dispatch, Endpoint
from webhooks.endpoints.services import recording, secrets
from webhooks.endpoints.wire import Answer, Wire

AT_ONCE = 2
SLICE_SECONDS = 2.0
LEASE = timedelta(seconds=30)  # twice what a request may last


def send_due(endpoint_id: str) -> None:
    """The agenda's handler: two seconds of what is due at one endpoint."""
    ends_at = time.monotonic() + SLICE_SECONDS
    with Wire(AT_ONCE) as wire:
        while True:
            if time.monotonic() < ends_at and not stopping.is_asked():
                _start(wire, claim(UUID(endpoint_id), AT_ONCE - wire.flying))
            if not wire.flying:
                break
            recording.record(wire.collect())
    for key, due_at in unsent(endpoint_id):
        with transaction.atomic():
            agenda.append(SEND, key, due_at)


@transaction.atomic
def claim(endpoint_id: UUID, room: int) -> list[Dispatch]:
    """Take what is due, as far as the endpoint's two places are free, and say so before the first
    byte leaves. The endpoint's row is the lock: two senders never take more than two together."""
    if room <= 0:
        return []
    rows = Endpoint.objects.present().select_for_update(no_key=True)
    endpoint = rows.filter(pk=endpoint_id).first()
    now = timezone.now()
    if endpoint is None or (endpoint.rests_until and endpoint.rests_until > now):
        return []
    sending = Dispatch.objects.filter(endpoint=endpoint, state=DispatchState.SENDING)
    recording.give_up(list(sending.filter(due_at__lte=now).select_related("event")), endpoint)
    places = AT_ONCE - sending.filter(due_at__gt=now).count()
    due = (
        Dispatch.objects.filter(SENDABLE, endpoint=endpoint, state__in=CLAIMABLE, due_at__lte=now)
        .select_related("event", "endpoint")
        .select_for_update(of=("self",), skip_locked=True)
    )
    taken = list(due.order_by("due_at", "id")[: max(0, min(room, places))])
    for dispatch in taken:
        dispatch.state, dispatch.due_at = DispatchState.SENDING, now + LEASE
        dispatch.attempts += 1
    Dispatch.objects.bulk_update(taken, ["state", "due_at", "attempts"])
    return taken


def _start(wire: Wire, dispatches: list[Dispatch]) -> None:
    if not dispatches:
        return
    now = timezone.now()
    signers = secrets.signers(dispatches[0].endpoint, now)
    for dispatch in dispatches:
        request = requests.of(dispatch, signers=signers, at=now)
        if is_secure(request.url):
            wire.start(request)
        else:
            recording.record([Answer(request, 0, failure=Failure.BLOCKED)])
