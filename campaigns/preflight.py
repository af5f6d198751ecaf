"""Preflight: the real pipeline with its effects off. What it counts is what the run then does.

`preflight(campaign)` judges the whole audience as preparing does; `campaigns.outlook` turns the
sums into warnings.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import orjson
from django.conf import settings
from django.utils import timezone

from campaigns import drafts
from campaigns.content import Person
from campaigns.enums import Step
from campaigns.models import Campaign
from campaigns.outlook import Warned, warnings_of
from campaigns.recipients import Judged, Run
from connections.models import Connection
from core.memory import uncollected
from messaging import gate
from messaging.enums import REST
from messaging.forecast import Forecast, Slot, Tier, forecast, slots
from messaging.gate_checks import tiers
from messaging.services.spending import Quote, quote


@dataclass(frozen=True, slots=True)
class Sample:
    """One person's message of a variant (key empty without A/B), as it would be sent."""

    variant: str
    contact: str
    values: dict[str, str]
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Preflight:
    """What would happen if the campaign began now.

    Attributes:
        total: contacts of the audience; `sendable` of them get the message, some of them later.
        skipped: how many do not, by reason code (messaging.reasons), the most frequent first.
        delayed: how many of the sendable have to wait first, and why.
        variants: sendable people by variant, `rest` (they wait for the winner) among them.
        first_at, last_at: when the first and the last message leave; None when none would.
        by_day: the company's day → messages that leave on it, in order.
        late: sendable ones whose turn would come after the campaign's end.
        quote: cost by category and currency, SMS segments.
        samples: one message of each variant.
        warnings: what to know or mend before sending.
    """

    total: int
    sendable: int
    skipped: dict[str, int] = field(default_factory=dict)
    delayed: dict[str, int] = field(default_factory=dict)
    variants: dict[str, int] = field(default_factory=dict)
    first_at: datetime | None = None
    last_at: datetime | None = None
    by_day: dict[date, int] = field(default_factory=dict)
    late: int = 0
    quote: Quote = field(default_factory=Quote)
    samples: tuple[Sample, ...] = ()
    warnings: tuple[Warned, ...] = ()

    @property
    def skipped_total(self) -> int:
        return self.total - self.sendable

    @property
    def finishes_at(self) -> datetime | None:
        """When the last one leaves."""
        return self.last_at

    @property
    def sample(self) -> Sample | None:
        """The first variant's."""
        return self.samples[0] if self.samples else None


def preflight(campaign: Campaign, *, now: datetime | None = None) -> Preflight:
    """Judge the whole audience without changing anything.

    Raises:
        campaigns.drafts.NotReady: it is not known yet what is sent, or to whom.
    """
    missing = drafts.problems(campaign)
    if missing.keys() & {Step.AUDIENCE, Step.MESSAGE}:
        raise drafts.NotReady(missing)
    tally = _Tally(campaign, now or timezone.now())
    for people in tally.run.chunks():
        with uncollected():
            tally.add(people)
    return tally.result()


class _Tally:
    """The sums of the chunks."""

    def __init__(self, campaign: Campaign, now: datetime) -> None:
        self.campaign = campaign
        self.now = now
        self.run = Run(campaign)
        self.memory = gate.Memory()
        self.seen: set[str] = set()
        self.total = 0
        self.skipped: Counter[str] = Counter()
        self.delayed: Counter[str] = Counter()
        self.variants: Counter[str] = Counter()
        self.slots: Counter[Slot] = Counter()
        self.quote = Quote()
        self.samples: dict[str, Sample] = {}

    def add(self, people: Sequence[Person]) -> None:
        """Judge and count one chunk."""
        judged = self.run.judge(
            people, seen=self.seen, now=self.now, memory=self.memory, foresees=True
        )
        self.total += len(judged)
        going = [item for item in judged if not item.skip_code]
        self.skipped.update(item.skip_code for item in judged if item.skip_code)
        self.variants.update(item.variant for item in going)
        verdicts = [item.verdict for item in going]
        self.delayed.update(
            verdict.code for verdict in verdicts if verdict.decision == gate.Decision.DELAY
        )
        candidates = self.run.candidates(going)
        self.slots.update(slots(candidates, verdicts, now=self.now, memory=self.memory))
        self.quote += quote(candidates, now=self.now)
        for item in going:
            if item.variant != REST and item.variant not in self.samples:
                self.samples[item.variant] = _sample(item)

    def result(self) -> Preflight:
        """The whole, with the outlook."""
        campaign, numbers = self.campaign, list(self.run.numbers.values())
        outlook = forecast(
            self.slots,
            now=max(self.now, campaign.scheduled_at or self.now),
            rate_per_second=sum(_rate(one) for one in numbers),
            rate_per_minute=campaign.rate_per_minute,
            tier=_tier(numbers, self.now),
            expires_at=campaign.expires_at,
        )
        return Preflight(
            total=self.total,
            sendable=self.total - self.skipped.total(),
            skipped=dict(self.skipped.most_common()),
            delayed=dict(self.delayed.most_common()),
            variants=dict(sorted(self.variants.items())),
            first_at=outlook.first_at,
            last_at=outlook.last_at,
            by_day=_by_day(outlook),
            late=outlook.late,
            quote=self.quote,
            samples=tuple(one for _key, one in sorted(self.samples.items())),
            warnings=tuple(
                warnings_of(
                    campaign,
                    contents=self.run.contents,
                    numbers=numbers,
                    outlook=outlook,
                    quote=self.quote,
                )
            ),
        )


def _sample(item: Judged) -> Sample:
    content: dict[str, Any] = orjson.loads(item.content.render(item.values))
    return Sample(item.variant, item.person.name, item.values, content)


def _rate(number: Connection) -> int:
    return number.rate_per_second or settings.SEND_RATE_PER_SECOND


def _tier(numbers: Sequence[Connection], now: datetime) -> Tier | None:
    """The limit of the numbers' portfolio; they are of one account."""
    known = [limit for one in numbers if (limit := tiers.limit_of(one.tier)) is not None]
    if not known:
        return None
    used = tiers.used(tiers.portfolio_of(numbers[0]), now)
    return Tier(left=max(min(known) - used, 0), limit=min(known))


def _by_day(outlook: Forecast) -> dict[date, int]:
    days: Counter[date] = Counter()
    for hour, count in outlook.by_hour.items():
        days[timezone.localtime(hour).date()] += count
    return dict(sorted(days.items()))
