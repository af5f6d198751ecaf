"""When would a run's messages leave? Pure: the answer follows from what it is given."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from messaging.gate import Candidate, Verdict


@dataclass(frozen=True, slots=True)
class Slot:
    """Messages that may leave from the same moment on, at the same hours of the day."""

    starts_at: datetime
    hours: object | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """People who may still be reached through the portfolio: `left` now, `limit` in 24 hours."""

    left: int
    limit: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What the run would look like.

    Attributes:
        first_at, last_at: when the first and the last message leave.
        by_hour: beginning of the hour (UTC) → messages that leave in it, in order.
        late: messages that would come after `expires_at` and therefore never leave.
    """

    first_at: datetime
    last_at: datetime
    by_hour: Mapping[datetime, int] = field(default_factory=dict)
    late: int = 0


def slots(
    candidates: Sequence[Candidate], verdicts: Sequence[Verdict], *, now: datetime
) -> Counter[Slot]:
    """The candidates that were not denied, by when they may leave; add up the chunks of an
    audience (`total.update(slots(…))`) and give the sum to `forecast`."""
    raise NotImplementedError


def forecast(
    waiting: Mapping[Slot, int],
    *,
    now: datetime,
    rate_per_second: float,
    rate_per_minute: int | None = None,
    tier: Tier | None = None,
    expires_at: datetime | None = None,
) -> Forecast | None:
    """First and last delivery, expected from rate, hours and messaging limit; None for nobody."""
    raise NotImplementedError
