"""A callback is kept: in PostgreSQL, or on disk while PostgreSQL is away; then brought home.

Who posts waits for us, so nobody waits long for the database: a second for a connection, a little
more for the callbacks before. After a failure it is not asked again for a second, and what comes
meanwhile goes to the spool at once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from uuid import UUID

import structlog
from django.utils import timezone

from core.database.pooled.base import patience
from core.microbatch import Busy
from tenants.models import Route
from webhooks.ingress.metrics import POSTS, SPOOLED, TAKEN
from webhooks.ingress.services import envelopes, spool
from webhooks.ingress.services.envelopes import Arrived
from webhooks.ingress.services.spool import AWAY

log = structlog.get_logger(__name__)

CONNECTION_SECONDS = 1.0
TURN_SECONDS = 1.5
PAUSE_SECONDS = 1.0
DRAIN_SECONDS = 2.0
# A web process that has a disk of its own brings home what is on it, between two callbacks.
LOOK_EVERY_SECONDS = 1.0
GLANCE_SECONDS = 0.2


def keep(*, provider: str, body: bytes, route: Route | None, key: bytes = b"") -> None:
    """When this returns, a callback whose signature held is safe: committed, or on disk.

    Args:
        key: what makes it the same one as another; its bytes if nothing is given.

    Raises:
        webhooks.ingress.services.spool.NoRoom: it is neither, the provider has to come again.
    """
    if not _outage.is_on():
        try:
            with patience(CONNECTION_SECONDS):
                envelopes.store(
                    provider=provider, body=body, route=route, key=key, patience=TURN_SECONDS
                )
        except (*AWAY, Busy) as error:
            _outage.begin()
            log.warning("ingress.database_away", error=type(error).__name__)
        else:
            POSTS.labels(provider, TAKEN).inc()
            _between.bring_home()
            return
    spool.put(
        spool.Callback(
            provider=provider,
            sha256=envelopes.digest(key or body),
            route_id=route.pk if route else None,
            body=body,
            at=timezone.now(),
        )
    )
    POSTS.labels(provider, SPOOLED).inc()


def is_database_away() -> bool:
    """Whether it did not answer a moment ago: who can do without it does."""
    return _outage.is_on()


def database_failed() -> None:
    """It did not answer somebody who asks for us."""
    _outage.begin()


def drain(*, seconds: float = DRAIN_SECONDS) -> int:
    """Bring home what waits on this machine's disk, oldest first; how many callbacks that were.

    Raises:
        django.db.Error: one of `spool.AWAY`, the database is away (again).
    """
    stored = spool.drain(_store, seconds=seconds)
    if stored:
        log.info("ingress.spool_drained", count=stored)
    return stored


def _store(callbacks: Sequence[spool.Callback]) -> None:
    standing = _standing({one.route_id for one in callbacks if one.route_id is not None})
    kept = [
        Arrived(one.provider, one.sha256, one.route_id if one.route_id in standing else None)
        for one in callbacks
    ]
    came = dict(zip(reversed(kept), (one.at for one in reversed(callbacks)), strict=True))
    bodies = [one.body for one in callbacks]
    envelopes.store_many(list(zip(kept, bodies, strict=True)), came=came)


def _standing(routes: set[UUID]) -> set[UUID]:
    """Those that are still registered: of the others an envelope forgets where it came to."""
    return (
        set(Route.objects.filter(pk__in=routes).values_list("pk", flat=True)) if routes else set()
    )


class _Outage:
    """When the database may be asked again; shared by the threads of a process."""

    def __init__(self) -> None:
        self._until = 0.0

    def is_on(self) -> bool:
        return time.monotonic() < self._until

    def begin(self) -> None:
        self._until = time.monotonic() + PAUSE_SECONDS

    def forget(self) -> None:
        self._until = 0.0


class _Between:
    """One of the threads looks at the disk now and then."""

    def __init__(self) -> None:
        self._at = 0.0

    def bring_home(self) -> None:
        now = time.monotonic()
        if now < self._at:
            return
        self._at = now + LOOK_EVERY_SECONDS
        try:
            drain(seconds=GLANCE_SECONDS)
        except (*AWAY, OSError) as error:  # the callback itself is safe
            log.warning("ingress.drain_failed", error=type(error).__name__)


_outage = _Outage()
_between = _Between()
