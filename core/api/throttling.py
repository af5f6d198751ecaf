"""Limits of the API: per key (or person, or address) and per company, and the headers about them.

Settings: ``API_RATE_PER_SECOND`` and ``API_BURST`` for one caller; a company may do
``API_COMPANY_FACTOR`` (5) times as much over all its callers. Both are exact over all processes.
"""

from __future__ import annotations

import math
from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core import scope
from core.ratelimit import Decision, Limiter

CALLER = Limiter("api-caller")
COMPANY = Limiter("api-company")
COMPANY_FACTOR = 5


class CompanyThrottle(BaseThrottle):
    """REST framework's throttle; leaves its decision on the request for the headers."""

    _decision: Decision

    def allow_request(self, request: Request, view: Any) -> bool:
        rate, burst = settings.API_RATE_PER_SECOND, settings.API_BURST
        company_id = scope.company_id()
        caller = str(getattr(request.user, "actor", "")) or f"address:{self.get_ident(request)}"
        decision = CALLER.acquire(f"{company_id or scope.PUBLIC}:{caller}", rate, burst)
        if decision.allowed and company_id is not None:
            factor = getattr(settings, "API_COMPANY_FACTOR", COMPANY_FACTOR)
            of_company = COMPANY.acquire(str(company_id), rate * factor, burst * factor)
            if not of_company.allowed:
                decision = of_company
        self._decision = decision
        request._request.rate_decision = decision  # type: ignore[attr-defined]
        return decision.allowed

    def wait(self) -> float:
        return self._decision.retry_after


class RateLimitHeadersMixin:
    """For API views: ``RateLimit-*`` on every answer that a throttle has judged."""

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        decision: Decision | None = getattr(request, "rate_decision", None)
        if decision is not None:
            final["RateLimit-Limit"] = str(settings.API_BURST)
            final["RateLimit-Remaining"] = str(decision.remaining)
            final["RateLimit-Reset"] = str(math.ceil(decision.reset_after))
        return final
