"""When would a run's messages leave? `slots` asks the gate's hours, `forecast` is pure.

The queue is simulated as a fluid: from one moment at which something changes (hours open or close,
the messaging limit is used up) to the next, what may leave does so at the run's rate.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil

from messaging.gate import Candidate, Decision, Memory, Moment, Verdict
from messaging.gate_checks import tiers
from messaging.gate_checks.quiet_hours import hours_of
from messaging.hours import Hours

TIER_PERIOD = timedelta(hours=24)
# Rules whose waiting the simulation makes itself, or nobody can foresee (money).
_SIMULATED = frozenset({"quiet_hours", "tier", "budget"})


@dataclass(frozen=True, slots=True)
class Slot:
    """Messages that may leave from the same moment on, at the same hours of the day.

    Attributes:
        is_counted: each uses up the portfolio's messaging limit (a template to somebody who did
            not write in the last 24 hours and was not reached in them).
    """

    starts_at: datetime
    hours: Hours = field(default_factory=Hours)
    is_counted: bool = True


@dataclass(frozen=True, slots=True)
class Tier:
    """People who may still be reached through the portfolio: `left` now, `limit` in 24 hours."""

    left: int
    limit: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the run would look like.

    Attributes:
        first_at: when the first message leaves; None when none would.
        last_at: when the last one does.
        by_hour: beginning of the hour (UTC) → messages that leave in it, in order.
        late: messages that would come after `expires_at`, or find no hour at all.
    """

    first_at: datetime | None
    last_at: datetime | None
    by_hour: Mapping[datetime, int]
    late: int = 0


def slots(
    candidates: Sequence[Candidate],
    verdicts: Sequence[Verdict],
    *,
    now: datetime,
    memory: Memory | None = None,
) -> Counter[Slot]:
    """The candidates that the gate did not deny, by when they may leave; add up the chunks of an
    audience (`total.update(slots(…))`) and give the sum to `forecast`.

    Hours, limit and money are the forecast's own matter: only other delays move the start.
    """
    moment = Moment(now, effects=False, memory=memory or Memory())
    counted = {item.id for item in tiers.counted(candidates, moment)}
    hours = hours_of(candidates, moment)
    return Counter(
        Slot(_starts_at(verdict, now), item_hours, item.id in counted)
        for item, item_hours, verdict in zip(candidates, hours, verdicts, strict=True)
        if verdict.decision != Decision.DENY
    )


def _starts_at(verdict: Verdict, now: datetime) -> datetime:
    others = [
        said.until
        for name, said in verdict.steps
        if said is not None and said.until is not None and name not in _SIMULATED
    ]
    return max(others, default=now)


def forecast(
    waiting: Mapping[Slot, int],
    *,
    now: datetime,
    rate_per_second: float,
    rate_per_minute: int | None = None,
    tier: Tier | None = None,
    expires_at: datetime | None = None,
) -> Forecast:
    """First and last delivery, expected from rate, hours and messaging limit.

    Args:
        waiting: how many messages stand in each slot (`slots`, chunks added up).
        rate_per_second: of the number (of all numbers together).
        rate_per_minute: the run's own, where it has one; the slower of the two holds.
        tier: None when the limit is unknown or there is none.
        expires_at: what has not left by then never will.
    """
    rate = min(rate_per_second, rate_per_minute / 60) if rate_per_minute else rate_per_second
    return _Run(Counter(waiting), now, rate, tier, expires_at).play()


class _Run:
    """One simulated run: a clock, what still waits, and what has left by hour."""

    def __init__(
        self,
        waiting: Counter[Slot],
        now: datetime,
        rate: float,
        tier: Tier | None,
        expires_at: datetime | None,
    ) -> None:
        self.left = Counter({slot: count for slot, count in waiting.items() if count > 0})
        self.at = now
        self.rate = rate
        self.tier = tier
        self.room = tier.left if tier else 0
        self.renews_at = now + TIER_PERIOD
        self.expires_at = expires_at
        self.late = 0
        self.by_hour: Counter[datetime] = Counter()
        self.first_at: datetime | None = None
        self.last_at: datetime | None = None

    def play(self) -> Forecast:
        while self.left:
            openings = self._openings()
            if not openings:
                break
            self.at = min(openings.values())
            if self.expires_at is not None and self.at >= self.expires_at:
                break
            ready = [slot for slot in self.left if openings.get(slot) == self.at]
            self._send(ready, self._until(ready, openings))
        self.late += self.left.total()
        return Forecast(self.first_at, self.last_at, dict(sorted(self.by_hour.items())), self.late)

    def _openings(self) -> dict[Slot, datetime]:
        """When each slot may go on; those that never may are late."""
        found: dict[Slot, datetime] = {}
        for slot in list(self.left):
            opening = slot.hours.opening(max(self.at, slot.starts_at, self._tier_opens(slot)))
            if opening is None:
                self.late += self.left.pop(slot)
            else:
                found[slot] = opening
        return found

    def _tier_opens(self, slot: Slot) -> datetime:
        """A used-up limit comes back a day after the run began to use it."""
        if self.tier is None or not slot.is_counted:
            return self.at
        if self.at >= self.renews_at:
            self.room, self.renews_at = max(self.tier.limit, 1), self.at + TIER_PERIOD
        return self.at if self.room > 0 else self.renews_at

    def _until(self, ready: list[Slot], openings: Mapping[Slot, datetime]) -> datetime | None:
        """The next moment at which something changes by the clock; None: nothing will."""
        closings = [closing for slot in ready if (closing := slot.hours.closing(self.at))]
        others = [at for at in openings.values() if at > self.at]
        ends = [self.expires_at] if self.expires_at else []
        return min([*closings, *others, *ends], default=None)

    def _send(self, ready: list[Slot], until: datetime | None) -> None:
        """Send from the ready slots, the earliest first, until the clock or the limit says stop."""
        began, sent = self.at, 0
        seconds = (until - began).total_seconds() if until else None
        # A message leaves at the beginning of its share of time.
        fits = ceil(seconds * self.rate) if seconds is not None else self.left.total()
        for slot in sorted(ready, key=lambda item: item.starts_at):
            count = min(self.left[slot], fits - sent)
            if self.tier is not None and slot.is_counted:
                count = min(count, self.room)
                self.room -= count
            sent += count
            self.left[slot] -= count
            if not self.left[slot]:
                del self.left[slot]
        self._book(began, sent)
        after = began + timedelta(seconds=sent / self.rate)
        self.at = max(after, until) if until and sent == fits else after

    def _book(self, began: datetime, sent: int) -> None:
        """Count what leaves from `began` on, one every 1/rate seconds, into its hours."""
        done = 0
        while done < sent:
            at = began + timedelta(seconds=done / self.rate)
            hour = at.replace(minute=0, second=0, microsecond=0)
            rest = (hour + timedelta(hours=1) - at).total_seconds()
            count = min(sent - done, max(1, int(rest * self.rate)))
            self.by_hour[hour] += count
            done += count
        if sent:
            self.first_at = self.first_at or began
            self.last_at = began + timedelta(seconds=(sent - 1) / self.rate)
