"""What to know before a campaign is sent: warnings, each with the place where it is mended."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from campaigns.content import Contents
from campaigns.models import Campaign
from connections.enums import ConnectionState, Quality
from connections.models import Connection
from messaging.forecast import Forecast
from messaging.services import policies
from messaging.services.spending import Quote

Text = str | Promise


class Place(StrEnum):
    """Where a warning is mended: a step of the wizard, or another page."""

    AUDIENCE = "audience"
    MESSAGE = "message"
    WHEN = "when"
    NUMBER = "number"
    TEMPLATE = "template"


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning. It stops nobody."""

    code: str
    sentence: Text
    place: Place


def warnings_of(
    campaign: Campaign,
    *,
    contents: Contents,
    numbers: Sequence[Connection],
    outlook: Forecast,
    quote: Quote,
) -> Iterator[Warned]:
    """Everything worth a warning, the gravest first."""
    yield from _numbers(numbers, outlook)
    yield from _templates(contents)
    yield from _times(campaign, contents, outlook)
    yield from _money(campaign, quote)


def _numbers(numbers: Sequence[Connection], outlook: Forecast) -> Iterator[Warned]:
    for number in numbers:
        name = {"name": number.name}
        if number.state != ConnectionState.ACTIVE:
            yield _warned(
                "connection_away", _("%(name)s is not sending now."), Place.NUMBER, **name
            )
        if number.quality == Quality.RED:
            yield _warned(
                "quality_red",
                _("The quality of %(name)s is low: Meta may limit it soon. Write to fewer people."),
                Place.NUMBER,
                **name,
            )
        ends = number.token_expires_at
        if ends is not None and outlook.last_at is not None and ends < outlook.last_at:
            yield _warned(
                "token_ends",
                _("The access of %(name)s ends on %(date)s, before the last message leaves."),
                Place.NUMBER,
                date=formats.date_format(timezone.localtime(ends), "SHORT_DATETIME_FORMAT"),
                **name,
            )


def _templates(contents: Contents) -> Iterator[Warned]:
    for content in contents.by_key.values():
        if content.template.quality == Quality.RED:
            yield _warned(
                "template_quality_red",
                _("Many people blocked or reported the template %(name)s; it may be paused."),
                Place.TEMPLATE,
                name=content.template.name,
            )
        if content.template.is_recategorised:
            yield _warned(
                "template_recategorised",
                _("Meta counts the template %(name)s as %(category)s now; its price changed."),
                Place.TEMPLATE,
                name=content.template.name,
                category=content.template.get_category_display(),
            )


def _times(campaign: Campaign, contents: Contents, outlook: Forecast) -> Iterator[Warned]:
    odd = sum(count for at, count in outlook.by_hour.items() if not policies.is_recommended(at))
    if odd and contents.has_marketing:
        yield _warned(
            "odd_hours",
            _("%(count)s messages would leave at night or on a Sunday. Choose hours that suit."),
            Place.WHEN,
            count=odd,
        )
    if outlook.late:
        yield _warned(
            "too_late",
            _("%(count)s people would not be reached before the campaign ends."),
            Place.WHEN,
            count=outlook.late,
        )
    first, last = outlook.first_at, outlook.last_at
    if first and last and (last - first).days >= 1:
        yield _warned(
            "several_days",
            _("It takes until %(date)s: the sending hours or the messaging limit are narrow."),
            Place.WHEN,
            date=formats.date_format(timezone.localtime(last), "SHORT_DATETIME_FORMAT"),
        )


def _money(campaign: Campaign, quote: Quote) -> Iterator[Warned]:
    expected = quote.totals.get(campaign.currency)
    if campaign.budget is not None and expected is not None and expected > campaign.budget:
        yield _warned(
            "budget_too_small",
            _("It would cost %(cost)s %(currency)s; the budget ends before everybody is reached."),
            Place.WHEN,
            cost=formats.number_format(expected, 2),
            currency=campaign.currency,
        )
    if quote.unknown:
        yield _warned(
            "price_unknown",
            ngettext_lazy(
                "No price is known for %(count)d message.",
                "No price is known for %(count)d messages.",
                "count",
            ),
            Place.WHEN,
            count=quote.unknown,
        )


def _warned(code: str, sentence: Promise, place: Place, **params: object) -> Warned:
    return Warned(code, sentence % params, place)
