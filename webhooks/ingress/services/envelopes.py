"""Envelopes: stored once, byte for byte; then split into the items of their companies."""

import hashlib
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import F, Min
from django.utils import timezone

from connections import registry
from core import agenda
from core.ids import uuid7
from tenants.models import Route
from webhooks.ingress.agenda import SPLIT
from webhooks.ingress.enums import EnvelopeState
from webhooks.ingress.models import Envelope
from webhooks.ingress.services import delivery

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 5
LEASE = timedelta(seconds=20)
SLICE_SECONDS = 2.0
BATCH = 10

_STORE = f"""
    WITH stored AS (
        INSERT INTO public.ingress_envelope
            (id, provider, route_id, sha256, body, state, seen, attempts, items, error, received_at,
             due_at)
        VALUES (%(id)s, %(provider)s, %(route)s, %(sha256)s, %(body)s, 'received', 1, 0, 0, '',
                now(), now())
        ON CONFLICT (provider, sha256, route_id) DO UPDATE SET seen = ingress_envelope.seen + 1
        RETURNING id, seen),
    fresh AS (SELECT FROM stored WHERE seen = 1),
    errand AS ({agenda.follow_up(SPLIT, "fresh")})
    SELECT id, seen FROM stored
"""  # noqa: S608 -- names of ours


def store(*, provider: str, body: bytes, route: Route | None) -> UUID:
    """Keep a callback whose signature held; the same bytes again only raise `seen`.

    Returns:
        The envelope's id. When this returns, a worker will see to it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _STORE,
            {
                "id": uuid7(),
                "provider": provider,
                "route": route.pk if route else None,
                "sha256": hashlib.sha256(body).hexdigest(),
                "body": body,
            },
        )
        envelope_id, seen = cursor.fetchone()
    if seen == 1:
        agenda.wake(SPLIT)
    return envelope_id


def split(_key: str) -> None:
    """The agenda's handler for `ingress.split`: a slice of waiting envelopes, oldest first."""
    ends_at = time.monotonic() + SLICE_SECONDS
    while time.monotonic() < ends_at:
        taken = _take()
        for envelope_id in taken:
            _split_safely(envelope_id)
        if len(taken) < BATCH:
            return
    with transaction.atomic():
        agenda.append(SPLIT)


def due(_key: str | None) -> Iterable[tuple[str, datetime]]:
    """When the next waiting envelope is due (the agenda's selector); at most one entry."""
    at = Envelope.objects.filter(state=EnvelopeState.RECEIVED).aggregate(at=Min("due_at"))["at"]
    return [("", at)] if at is not None else []


@transaction.atomic
def _take() -> list[UUID]:
    """Count the attempt first and put the next one off, so that a crash is an attempt too."""
    now = timezone.now()
    ids = list(
        Envelope.objects.filter(state=EnvelopeState.RECEIVED, due_at__lte=now)
        .order_by("due_at")
        .select_for_update(skip_locked=True, of=("self",))
        .values_list("pk", flat=True)[:BATCH]
    )
    dead = Envelope.objects.filter(pk__in=ids, attempts__gte=MAX_ATTEMPTS)
    for envelope_id in dead.values_list("pk", flat=True):
        log.error("ingress.envelope_dead", envelope=str(envelope_id))
        ids.remove(envelope_id)
    dead.update(state=EnvelopeState.DEAD)
    if ids:
        Envelope.objects.filter(pk__in=ids).update(attempts=F("attempts") + 1, due_at=now + LEASE)
        # If we die, somebody looks again when the lease is over.
        agenda.append(SPLIT, "", now + LEASE)
    return ids


def _split_safely(envelope_id: UUID) -> None:
    try:
        with transaction.atomic():
            _split(envelope_id)
    except Exception as error:
        log.exception("ingress.split_failed", envelope=str(envelope_id))
        Envelope.objects.filter(pk=envelope_id).update(
            error=f"{type(error).__name__}: {error}"[:500]
        )


def _split(envelope_id: UUID) -> None:
    """Hand every item over and drop the bytes, all or nothing."""
    envelope = (
        Envelope.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("route__company")
        .filter(pk=envelope_id, state=EnvelopeState.RECEIVED)
        .first()
    )
    if envelope is None or envelope.body is None:
        return
    items = registry.provider(envelope.provider).parse(bytes(envelope.body))
    delivery.hand_over(envelope, items)
    envelope.body = None
    envelope.items = len(items)
    envelope.state = EnvelopeState.SPLIT
    envelope.split_at = timezone.now()
    envelope.error = ""
    envelope.save(update_fields=["body", "items", "state", "split_at", "error"])
