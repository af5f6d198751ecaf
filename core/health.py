"""Is it alive, is it ready: two questions with different askers.

``/health`` answers without touching anything, so a restart is never triggered by somebody else's
outage. ``/health/ready`` asks each dependency and is kept for a second, so that probes cost
nothing. Neither says versions, hosts or reasons.

What is late but safe (callbacks that wait on disk) is no reason to take a server away: the answer
stays 200 and says `degraded`, with the counts.
"""

from __future__ import annotations

import hmac
import ipaddress
import threading
import time
from collections.abc import Callable
from functools import partial

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus.exports import ExportToDjangoView

from core import heartbeat, redis, scope

logger = structlog.get_logger(__name__)

OK, DEGRADED, DOWN = "ok", "degraded", "down"
KEEP_SECONDS = 1.0
# Who must have beaten within how many seconds (settings.HEARTBEATS).
HEARTBEATS = {"scan": 15.0}


@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return JsonResponse({"status": OK})


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Everything that the product needs answers: 200, or 503 with what does not."""
    checks, late = _readiness.get()
    healthy = all(state == OK for state in checks.values())
    status = (DEGRADED if late else OK) if healthy else DOWN
    body = {"status": status, "checks": checks, **({"waiting": late} if late else {})}
    return JsonResponse(body, status=200 if healthy else 503)


def watch(name: str, count: Callable[[], int]) -> None:
    """Have readiness tell how much of something waits that should not; called at start-up.

    Raises:
        ValueError: the name is taken.
    """
    if name in _waiting:
        message = f"the health of {name} is watched twice"
        raise ValueError(message)
    _waiting[name] = count


def waiting() -> dict[str, int]:
    """What waits that should not, by name, where there is any."""
    counts = {name: count() for name, count in _waiting.items()}
    return {name: count for name, count in counts.items() if count}


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus metrics, for who has the token; without one configured, for this machine."""
    if not _may_scrape(request):
        return HttpResponseForbidden()
    response: HttpResponse = ExportToDjangoView(request)
    return response


def check_all() -> dict[str, str]:
    """The state of each dependency, by name."""
    names = getattr(settings, "HEARTBEATS", HEARTBEATS)
    return {
        "postgres": _state(_postgres),
        "redis": _state(redis.available),
        **{name: _state(partial(_beats, name, seconds)) for name, seconds in names.items()},
    }


def _state(check: Callable[[], bool]) -> str:
    return OK if check() else DOWN


def _postgres() -> bool:
    try:
        with scope.public(), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone() == (1,)
    except DatabaseError as error:
        logger.warning("database not ready", error=type(error).__name__)
        return False


def _beats(name: str, seconds: float) -> bool:
    try:
        age = heartbeat.age(name)
    except redis.Away:
        return False
    return age is not None and age <= seconds


class _Readiness:
    """The last answer, kept for a second; of many askers at once one does the asking."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answer: tuple[dict[str, str], dict[str, int]] = {}, {}
        self._until = 0.0

    def get(self) -> tuple[dict[str, str], dict[str, int]]:
        """The state of each dependency, and what waits."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._answer = check_all(), waiting()
                self._until = time.monotonic() + KEEP_SECONDS
            return self._answer

    def clear(self) -> None:
        with self._lock:
            self._until = 0.0


_readiness = _Readiness()
_waiting: dict[str, Callable[[], int]] = {}


def _may_scrape(request: HttpRequest) -> bool:
    token = getattr(settings, "METRICS_TOKEN", "")
    if token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), token.encode())
    # Behind a proxy everybody comes from its address; then a token is needed.
    forwarded = {"X-Forwarded-For", "X-Forwarded-Host", "Forwarded"} & set(request.headers)
    return not forwarded and _is_loopback(request.META.get("REMOTE_ADDR", ""))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
