"""What messages cost by the rate card of their day: looked up, never computed by a constant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from connections.selectors import provider_of
from crm.enums import Channel
from crm.zones import country_of
from messaging.enums import TemplateCategory
from messaging.gate import Candidate
from messaging.models import Message
from messaging.moment import Memory, Moment
from messaging.rates.cards import Kind, card_of
from messaging.rates.enums import RateCategory
from messaging.services import policies

_CATEGORIES: dict[str, RateCategory] = {
    TemplateCategory.MARKETING: RateCategory.MARKETING,
    TemplateCategory.UTILITY: RateCategory.UTILITY,
    TemplateCategory.AUTHENTICATION: RateCategory.AUTHENTICATION,
}


@dataclass(frozen=True, slots=True)
class Price:
    """What one message costs.

    Attributes:
        amount: of the whole message (all parts of an SMS), up to six decimals.
        currency: ISO 4217; the card's, which the company's may or may not be.
        category: `messaging.rates.enums.RateCategory`.
        segments: parts of an SMS; None elsewhere.
    """

    amount: Decimal
    currency: str
    category: str
    segments: int | None = None


def price_batch(
    candidates: Sequence[Candidate], now: datetime, *, memory: Memory | None = None
) -> dict[UUID, Price]:
    """The price of each candidate if it left now; those that no card knows are left out.

    The company's currency is taken where the card has it, else the card's own.
    """
    return prices_at(Moment(now, effects=False, memory=memory or Memory()), candidates)


def prices_at(moment: Moment, candidates: Sequence[Candidate]) -> dict[UUID, Price]:
    """As `price_batch`, with what one has looked up already for this batch."""
    connections, channels = moment.connections(candidates), moment.channels(candidates)
    categories = _categories(moment, candidates, channels)
    known: dict[Kind, tuple[Decimal, str] | None] = {}
    prices = {}
    for item in candidates:
        channel, category = channels[item.connection_id], categories[item.id]
        provider = connections[item.connection_id].provider
        kind = Kind(channel, provider, category, country_of(item.address))
        if kind not in known:
            known[kind] = moment.card.price(kind, moment.policy.currency)
        found = known[kind]
        if found is not None:
            parts = (item.segments or 1) if channel == Channel.SMS else None
            prices[item.id] = Price(found[0] * (parts or 1), found[1], category, parts)
    return prices


def prices_on(day: date, categories: Mapping[Message, str]) -> dict[UUID, Price]:
    """The price that each message had on a day as what the provider says it was charged as;
    left out where the card of that day has none."""
    card, wished = card_of(day), policies.current().currency
    prices = {}
    for row, category in categories.items():
        channel = provider_of(row.connection).channel
        kind = Kind(channel, row.connection.provider, category, country_of(row.address))
        found = card.price(kind, row.currency or wished)
        if found is not None:
            parts = (row.segments or 1) if channel == Channel.SMS else None
            prices[row.pk] = Price(found[0] * (parts or 1), found[1], category, parts)
    return prices


def _categories(
    moment: Moment, candidates: Sequence[Candidate], channels: dict[UUID, str]
) -> dict[UUID, str]:
    """What each is charged as; a utility template in an open window has a price of its own."""
    templates = moment.templates(candidates)
    found: dict[UUID, str] = {}
    for item in candidates:
        if channels[item.connection_id] == Channel.SMS:
            found[item.id] = RateCategory.SMS
        elif item.template_id in templates:
            found[item.id] = _CATEGORIES[templates[item.template_id].category]
        else:
            found[item.id] = RateCategory.SERVICE
    utility = [item for item in candidates if found[item.id] == RateCategory.UTILITY]
    if utility:
        places = moment.open_places(utility)
        for item in utility:
            if (item.contact_id, item.connection_id) in places:
                found[item.id] = RateCategory.UTILITY_WINDOW
    return found
