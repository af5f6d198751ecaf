"""How much one address may post: counted after the signature held, so that nobody can use up
another's share, and before anything is stored.

Redis counts for all processes. Asking it for each callback would cost more than storing one, so a
process takes a share for the next moment at once; and who was refused is not asked for again before
his time. While Redis is away, each process counts for itself (`core.ratelimit`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core import agenda, scope
from core.ratelimit import Limiter
from events.models import Incident
from events.services import incidents
from tenants.models import Route
from webhooks.ingress.agenda import CALM
from webhooks.ingress.services.spool import AWAY

log = structlog.get_logger(__name__)

SHARE_SECONDS = 0.05  # of the rate, taken at once
KEEP_SECONDS = 1.0  # what is not used by then is gone
MOST_REMEMBERED = 10_000
REPORT_EVERY_SECONDS = 30.0
QUIET = timedelta(minutes=5)
KIND = "ingress.too_many"
NOUN = "address"


def wait_of(route: Route) -> float:
    """Seconds until the address may post again; 0 if it may now, and this one is counted."""
    with _turn:
        return _wait_of(route)


def _wait_of(route: Route) -> float:
    rate, burst = settings.INGRESS_RATE_PER_SECOND, settings.INGRESS_BURST
    now = time.monotonic()
    share = _shares.get(route.pk)
    if share is not None and now < share.until:
        if share.left > 0:
            share.left -= 1
            return 0.0
        if share.is_refusal:
            return share.until - now
    want = max(1, int(rate * SHARE_SECONDS))
    granted, wait = _limiter.take(str(route.pk), rate=rate, burst=burst, want=want)
    if len(_shares) >= MOST_REMEMBERED:
        _shares.clear()
    _shares[route.pk] = _Share(granted - 1, now + (KEEP_SECONDS if granted else wait), not granted)
    return 0.0 if granted else wait


def note_refusal(route: Route) -> None:
    """Have the company see that an address of its posts too much; twice a minute is enough."""
    now = time.monotonic()
    if now < _noted.get(route.pk, 0.0):
        return
    if len(_noted) >= MOST_REMEMBERED:
        _noted.clear()
    _noted[route.pk] = now + REPORT_EVERY_SECONDS
    try:
        with scope.opened(route.company), transaction.atomic():
            incidents.report(
                kind=KIND,
                scope=incidents.scope_of(NOUN, route.pk),
                cause=KIND,
                data={"provider": route.provider, "rate": int(settings.INGRESS_RATE_PER_SECOND)},
            )
            agenda.append(CALM, str(route.pk), timezone.now() + QUIET)
    except AWAY as error:  # the refusal stands all the same
        log.warning("ingress.refusal_not_noted", error=type(error).__name__)


def calm(key: str) -> None:
    """The agenda's handler for `ingress.calm`: an address that was quiet for a while is mended."""
    for _, at in due(key):
        if at > timezone.now():
            agenda.append(CALM, key, at)
        else:
            incidents.close(scope=incidents.scope_of(NOUN, key))


def due(key: str | None) -> Iterable[tuple[str, datetime]]:
    """When to look whether it is quiet again (the agenda's selector)."""
    rows = Incident.objects.filter(kind=KIND, closed_at=None)
    if key is not None:
        rows = rows.filter(scope=incidents.scope_of(NOUN, key))
    for found, seen_at in rows.values_list("scope", "seen_at"):
        yield found.partition(":")[2], seen_at + QUIET


class _Share:
    """What a process may let pass without asking, or until when it need not ask."""

    __slots__ = ("is_refusal", "left", "until")

    def __init__(self, left: int, until: float, is_refusal: bool) -> None:
        self.left, self.until, self.is_refusal = left, until, is_refusal


_limiter = Limiter("ingress")
_shares: dict[UUID, _Share] = {}
# One thread asks for all: of several at once each would take a share, and all but one go to waste.
_turn = threading.Lock()
_noted: dict[UUID, float] = {}
