"""Whose is it? Each item goes to the company that has its number, and what an account says as a
whole to every company with a number of it; what nobody has is parked."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
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


# What speaks of an account and of nobody's messages.
OF_ACCOUNTS = ("template", "number")


@dataclass(frozen=True, slots=True)
class Owners:
    """The registry, as far as some envelopes ask it; keys are (provider, number or account)."""

    numbers: Mapping[tuple[str, str], Route]
    accounts: Mapping[tuple[str, str], Sequence[Route]]


def hand_over(envelopes: Sequence[Opened], *, at_once: bool) -> list[ParkedItem]:
    """Write the items into the schemas of their companies, each in a transaction of its own.

    Routing is by each item's own number (without one: by its account), never by its neighbours; at
    a company's own address only that company counts. What was handed over before changes nothing.

    Args:
        at_once: `webhooks.services.inbox.accept`.

    Returns:
        What nobody could be given, to be stored by the caller.
    """
    sorting = _Sorting(_owners(envelopes))
    for envelope in envelopes:
        sorting.add(envelope)
    # In one order, so that two who hand over to the same companies never wait in a circle.
    for (company_id, provider), arrivals in sorted(sorting.owned.items(), key=lambda one: one[0]):
        company = sorting.companies[company_id]
        with scope.opened(company), scope.surroundings(company):
            inbox.accept(provider=provider, arrivals=arrivals, at_once=at_once)
    return sorting.parked


class _Sorting:
    """Arrivals by company and provider, and what is nobody's."""

    def __init__(self, owners: Owners) -> None:
        self.owners = owners
        self.companies: dict[UUID, Company] = {}
        self.owned: dict[tuple[UUID, str], list[inbox.Arrival]] = defaultdict(list)
        self.parked: list[ParkedItem] = []

    def add(self, envelope: Opened) -> None:
        """Find the owner, or owners, of each of its items."""
        items = enumerate(envelope.items)
        for arrival in inbox.arrivals(envelope.id, envelope.received_at, items):
            companies, reason = _companies(envelope, arrival, self.owners)
            if not companies:
                self.parked += [_parked(envelope, one, reason) for one in arrival.apart()]
            for company in companies:
                self.companies[company.pk] = company
                self.owned[company.pk, envelope.provider].append(arrival)


def _owners(envelopes: Sequence[Opened]) -> Owners:
    asked = [(envelope, item) for envelope in envelopes for item in envelope.items]
    numbers = {(envelope.provider, item.number_id) for envelope, item in asked if item.number_id}
    accounts = {
        (envelope.provider, item.account_id)
        for envelope, item in asked
        if envelope.route is None and not item.number_id and item.account_id
    }
    by_account: dict[tuple[str, str], list[Route]] = defaultdict(list)
    for route in _routes("account_id", accounts):
        by_account[route.provider, route.account_id].append(route)
    return Owners(
        numbers={
            (route.provider, route.external_id): route for route in _routes("external_id", numbers)
        },
        accounts=by_account,
    )


def _routes(field: str, wanted: Collection[tuple[str, str]]) -> Iterable[Route]:
    """The routes of numbers whose `field` is one of those wanted, by provider."""
    if not wanted:
        return []
    return Route.objects.select_related("company").filter(
        kind=RouteKind.NUMBER,
        provider__in={provider for provider, _ in wanted},
        **{f"{field}__in": {value for _, value in wanted}},
    )


def _companies(
    envelope: Opened, arrival: inbox.Arrival, owners: Owners
) -> tuple[Collection[Company], ParkedReason]:
    """The companies of an item, or why nobody gets it. A suspended company still receives."""
    routes = _meant(envelope, arrival, owners)
    standing = {route.company_id: route.company for route in routes if _stands(route)}
    own = envelope.route
    if own is not None:
        standing = {pk: company for pk, company in standing.items() if pk == own.company_id}
    if standing:
        return standing.values(), ParkedReason.UNKNOWN_NUMBER
    if not routes and arrival.packed.kind == rows.MALFORMED:
        return (), ParkedReason.UNREADABLE
    have_left = routes and not any(map(_stands, routes))
    return (), ParkedReason.RELEASED if have_left else ParkedReason.UNKNOWN_NUMBER


def _meant(envelope: Opened, arrival: inbox.Arrival, owners: Owners) -> Sequence[Route]:
    if arrival.number_id:
        route = owners.numbers.get((envelope.provider, arrival.number_id))
        return [route] if route else []
    if envelope.route is not None:
        return [envelope.route]
    if arrival.packed.kind not in OF_ACCOUNTS:
        return []
    return owners.accounts.get((envelope.provider, arrival.account_id), [])


def _stands(route: Route) -> bool:
    return route.state != RouteState.RELEASED and route.company.state != CompanyState.DELETED


def _parked(envelope: Opened, arrival: inbox.Arrival, reason: ParkedReason) -> ParkedItem:
    return ParkedItem(
        envelope_id=envelope.id,
        provider=envelope.provider,
        external_id=arrival.number_id[:128],
        reason=reason,
        item=asdict(arrival.packed),
    )
