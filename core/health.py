"""Is it alive, is it ready: two questions with different askers.

``/health`` answers without touching anything, so a restart is never triggered by somebody else's
outage. ``/health/ready`` asks each dependency and is kept for a second, so that probes cost
nothing. Neither says versions, hosts or reasons.
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

OK, DOWN = "ok", "down"
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
    checks = _readiness.get()
    healthy = all(state == OK for state in checks.values())
    body = {"status": OK if healthy else DOWN, "checks": checks}
    return JsonResponse(body, status=200 if healthy else 503)


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
        self._checks: dict[str, str] = {}
        self._until = 0.0

    def get(self) -> dict[str, str]:
        with self._lock:
            if time.monotonic() >= self._until:
                self._checks = check_all()
                self._until = time.monotonic() + KEEP_SECONDS
            return self._checks

    def clear(self) -> None:
        with self._lock:
            self._until = 0.0


_readiness = _Readiness()


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
