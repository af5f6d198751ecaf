"""Who went to another system's page to say yes: what they come back with is held against the
session that sent them, the company and the system, and is good once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest

from core.ids import uuid_of

_KEY = "integration_consents"
_MOST = 5


@dataclass(frozen=True, slots=True)
class Consent:
    """Where somebody was when they left."""

    company_id: UUID
    provider: str


def begin(request: HttpRequest, *, company_id: UUID, provider: str) -> str:
    """The state to go with; only this session comes back with it."""
    state = secrets.token_urlsafe(24)
    kept = list(request.session.get(_KEY, []))[1 - _MOST :]
    request.session[_KEY] = [*kept, [state, str(company_id), provider]]
    return state


def take(request: HttpRequest, *, state: str, provider: str) -> Consent | None:
    """What the state stands for, once; None for one that is not this session's."""
    kept = list(request.session.get(_KEY, []))
    for item in kept:
        known, company, slug = item
        if secrets.compare_digest(known.encode(), state.encode()) and slug == provider:
            request.session[_KEY] = [other for other in kept if other != item]
            company_id = uuid_of(company)
            return Consent(company_id, slug) if company_id else None
    return None
