"""The latest events of a type as receivers would get them: for those who poll, and for samples."""

from __future__ import annotations

from typing import Any

from core import scope
from events.models import Event
from tenants.models import Company
from webhooks.endpoints import catalogue
from webhooks.endpoints.outgoing import envelope

MOST = 50


def recent(type_: str) -> list[dict[str, Any]]:
    """Envelopes, the newest first, with the ids that a delivery has; at most fifty.

    Raises:
        KeyError: there is no such type.
    """
    public = catalogue.public_types()[type_]
    company = Company.objects.only("slug").get(pk=scope.required_company_id()).slug
    told: list[dict[str, Any]] = []
    for event in Event.objects.filter(type=public.fact).order_by("-occurred_at")[:MOST]:
        told += [
            envelope(one, at=event.occurred_at, company=company, sequence=event.sequence)
            for one in catalogue.outside(event, lambda name: name == type_)
        ]
        if len(told) >= MOST:
            break
    return told[:MOST]
