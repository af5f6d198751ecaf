"""Whose is it? Each item goes to the company that has its number; what nobody has is parked."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from connections.providers.base import Malformed, NeutralItem
from core import scope
from tenants.enums import CompanyState, RouteKind, RouteState
from tenants.models import Company, Route
from webhooks import items as rows
from webhooks.ingress.enums import ParkedReason
from webhooks.ingress.models import Envelope, ParkedItem
from webhooks.services import inbox


def hand_over(envelope: Envelope, items: Sequence[NeutralItem]) -> None:
    """Write the items into the schemas of their companies, and park the others.

    In the caller's transaction. Routing is by each item's own number, never by its neighbours; at
    a company's own address only that company's numbers count.
    """
    numbers = _routes(envelope.provider, items)
    of_company: dict[UUID, list[inbox.Arrival]] = defaultdict(list)
    companies: dict[UUID, Company] = {}
    for position, item in enumerate(items):
        packed = rows.pack(item, position)
        company, reason = _owner(envelope, item, numbers)
        if company is None:
            _park(envelope, item, packed, reason)
            continue
        companies[company.pk] = company
        of_company[company.pk].append(inbox.Arrival(packed, item.number_id))
    for company_id, arrivals in of_company.items():
        with scope.opened(companies[company_id]):
            inbox.accept(
                provider=envelope.provider,
                envelope_id=envelope.pk,
                received_at=envelope.received_at,
                arrivals=arrivals,
            )


def _routes(provider: str, items: Sequence[NeutralItem]) -> dict[str, Route]:
    wanted = {item.number_id for item in items if item.number_id}
    found = Route.objects.select_related("company").filter(
        kind=RouteKind.NUMBER, provider=provider, external_id__in=wanted
    )
    return {route.external_id: route for route in found}


def _owner(
    envelope: Envelope, item: NeutralItem, numbers: dict[str, Route]
) -> tuple[Company | None, ParkedReason]:
    """The company of an item, or why nobody gets it. A suspended company still receives."""
    route = numbers.get(item.number_id) if item.number_id else envelope.route
    if route is None:
        is_unreadable = isinstance(item, Malformed)
        return None, ParkedReason.UNREADABLE if is_unreadable else ParkedReason.UNKNOWN_NUMBER
    if route.state == RouteState.RELEASED or route.company.state == CompanyState.DELETED:
        return None, ParkedReason.RELEASED
    if envelope.route is not None and envelope.route.company_id != route.company_id:
        return None, ParkedReason.UNKNOWN_NUMBER
    return route.company, ParkedReason.UNKNOWN_NUMBER


def _park(envelope: Envelope, item: NeutralItem, packed: rows.Packed, reason: ParkedReason) -> None:
    ParkedItem.objects.create(
        envelope=envelope,
        provider=envelope.provider,
        external_id=item.number_id[:128],
        reason=reason,
        item=asdict(packed),
    )
