"""A slice of sending to a company's endpoints: claim, commit "sending", wire, record.

Everything goes in batches: one claim takes what is due at all endpoints, as far as the places of
each are free; outcomes that come in together are written down together. An endpoint that hangs
keeps nobody waiting but itself: the slice goes on with the others, and when its two seconds are
over the next one does, while this one waits for the answers that are still missing, out of turn.

Nothing outlives a slice: a sender that dies leaves rows whose lease ends, and they are tried again
(at least once, never lost).
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from core import agenda, stopping
from core.agenda.kinds import Rest
from webhooks.endpoints import requests
from webhooks.endpoints.addresses import is_secure
from webhooks.endpoints.agenda import SEND, unsent
from webhooks.endpoints.enums import Failure
from webhooks.endpoints.models import Dispatch
from webhooks.endpoints.services import recording, secrets
from webhooks.endpoints.services.claiming import claim
from webhooks.endpoints.wire import Answer, Wire

MOST_AT_ONCE = 200  # of a company
SLICE_SECONDS = 2.0
# The first wait, whatever a Retry-After makes of it; every other is longer than a lease.
SOON = timedelta(seconds=15)


def send_due(_key: str = "") -> Rest | None:
    """The agenda's handler: two seconds of what is due at the company's endpoints. Returns how to
    wait for answers that are still missing then."""
    ends_at = time.monotonic() + SLICE_SECONDS
    with ExitStack() as stack:
        wire = stack.enter_context(Wire(MOST_AT_ONCE))
        while time.monotonic() < ends_at and not stopping.is_asked():
            _start(wire, claim(MOST_AT_ONCE - wire.flying))
            if not wire.flying:
                break
            recording.record(wire.collect())
        _come_back()
        return partial(_wait, stack.pop_all(), wire) if wire.flying else None


def _wait(stack: ExitStack, wire: Wire) -> None:
    """Take in what is still missing."""
    with stack:
        while wire.flying:
            recording.record(wire.collect())
    _come_back()


def _start(wire: Wire, dispatches: list[Dispatch]) -> None:
    if not dispatches:
        return
    now = timezone.now()
    signers = secrets.signers((one.endpoint_id for one in dispatches), now)
    posts = [
        requests.of(one, signers=signers.get(one.endpoint_id, []), at=now) for one in dispatches
    ]
    recording.record(
        [Answer(post, 0, failure=Failure.BLOCKED) for post in posts if not is_secure(post.url)]
    )
    wire.start(post for post in posts if is_secure(post.url))


def _come_back() -> None:
    """Have the next look in time. What is further off is found without: our hint had a follow-up,
    which at every look is put off until what is next, and of a row that is being sent that is the
    end of its lease."""
    for key, due_at in unsent(None):
        if due_at <= timezone.now() + SOON:
            with transaction.atomic():
                agenda.append(SEND, key, due_at)
