"""The latest events of types as receivers would get them: for those who poll, and for samples."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from core import scope
from events.models import Event
from tenants.models import Company
from webhooks.endpoints import catalogue
from webhooks.endpoints.outgoing import envelope

MOST = 50


def recent(types: Collection[str]) -> list[dict[str, Any]]:
    """Envelopes of public types, the newest first, with the ids that a delivery has; at most
    fifty."""
    company = Company.objects.only("slug").get(pk=scope.required_company_id()).slug
    facts = catalogue.facts_behind(types)
    told: list[dict[str, Any]] = []
    for event in Event.objects.filter(type__in=facts).order_by("-uid")[:MOST]:
        told += [
            envelope(one, at=event.occurred_at, company=company, sequence=event.sequence)
            for one in catalogue.outside(event, types.__contains__)
        ]
        if len(told) >= MOST:
            break
    return told[:MOST]
