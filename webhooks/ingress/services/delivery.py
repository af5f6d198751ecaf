"""Whose is it? Each item goes to the company that has its number; what nobody has is parked."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from connections.providers.base import NeutralItem
from core import scope
from tenants.enums import CompanyState, RouteKind, RouteState
from tenants.models import Company, Route
from webhooks import items as rows
from webhooks.ingress.enums import ParkedReason
from webhooks.ingress.models import ParkedItem
from webhooks.services import inbox


@dataclass(frozen=True, slots=True)
class Opened:
    """An envelope that was read.

    Attributes:
        route: the company's own address that it came to; None for the platform app's.
    """

    id: UUID
    provider: str
    route: Route | None
    received_at: datetime
    items: Sequence[NeutralItem]


Numbers = dict[tuple[str, str], Route]  # by provider and number


def hand_over(envelopes: Sequence[Opened], *, at_once: bool) -> list[ParkedItem]:
    """Write the items into the schemas of their companies, each in a transaction of its own.

    Routing is by each item's own number, never by its neighbours; at a company's own address only
    that company's numbers count. What was handed over before changes nothing.

    Args:
        at_once: `webhooks.services.inbox.accept`.

    Returns:
        What nobody could be given, to be stored by the caller.
    """
    sorting = _Sorting(_numbers(envelopes))
    for envelope in envelopes:
        sorting.add(envelope)
    # In one order, so that two who hand over to the same companies never wait in a circle.
    for (company_id, provider), arrivals in sorted(sorting.owned.items(), key=lambda one: one[0]):
        with scope.opened(sorting.companies[company_id]):
            inbox.accept(provider=provider, arrivals=arrivals, at_once=at_once)
    return sorting.parked


class _Sorting:
    """Arrivals by company and provider, and what is nobody's."""

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers
        self.companies: dict[UUID, Company] = {}
        self.owned: dict[tuple[UUID, str], list[inbox.Arrival]] = defaultdict(list)
        self.parked: list[ParkedItem] = []

    def add(self, envelope: Opened) -> None:
        """Find the owner of each of its items."""
        items = enumerate(envelope.items)
        for arrival in inbox.arrivals(envelope.id, envelope.received_at, items):
            company, reason = _owner(envelope, arrival, self.numbers)
            if company is None:
                self.parked += [_parked(envelope, one, reason) for one in arrival.apart()]
            else:
                self.companies[company.pk] = company
                self.owned[company.pk, envelope.provider].append(arrival)


def _numbers(envelopes: Iterable[Opened]) -> Numbers:
    wanted = {
        (envelope.provider, item.number_id)
        for envelope in envelopes
        for item in envelope.items
        if item.number_id
    }
    found = Route.objects.select_related("company").filter(
        kind=RouteKind.NUMBER,
        provider__in={provider for provider, _ in wanted},
        external_id__in={number for _, number in wanted},
    )
    return {(route.provider, route.external_id): route for route in found}


def _owner(
    envelope: Opened, arrival: inbox.Arrival, numbers: Numbers
) -> tuple[Company | None, ParkedReason]:
    """The company of an item, or why nobody gets it. A suspended company still receives."""
    number = arrival.number_id
    route = numbers.get((envelope.provider, number)) if number else envelope.route
    if route is None:
        is_unreadable = arrival.packed.kind == rows.MALFORMED
        return None, ParkedReason.UNREADABLE if is_unreadable else ParkedReason.UNKNOWN_NUMBER
    if route.state == RouteState.RELEASED or route.company.state == CompanyState.DELETED:
        return None, ParkedReason.RELEASED
    if envelope.route is not None and envelope.route.company_id != route.company_id:
        return None, ParkedReason.UNKNOWN_NUMBER
    return route.company, ParkedReason.UNKNOWN_NUMBER


def _parked(envelope: Opened, arrival: inbox.Arrival, reason: ParkedReason) -> ParkedItem:
    return ParkedItem(
        envelope_id=envelope.id,
        provider=envelope.provider,
        external_id=arrival.number_id[:128],
        reason=reason,
        item=asdict(arrival.packed),
    )
