"""Is it a time at which this person may be written to?

Two wishes meet: the company's hours for the purpose, on the recipient's clock and without their
country's holidays, and those of the run, on the recipient's clock or the company's. What is outside
waits for the next minute that is inside both; what would come too late never leaves. Answers in an
open conversation are never held.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from crm.zones import country_of, zones_of
from messaging.gate import Candidate, Moment, Verdict, Verdicts, delay, deny
from messaging.hours import Clock, Hours, Window, is_zone
from messaging.models import Stream


def quiet_hours(batch: Sequence[Candidate], moment: Moment) -> Verdicts:
    """Delays until the hours open; denies what expires before."""
    streams = moment.streams(batch)
    verdicts: dict[tuple[Hours, datetime | None], Verdict | None] = {}
    found = {}
    for item, hours in zip(batch, hours_of(batch, moment), strict=True):
        if not hours.clocks:
            continue
        key = (hours, _expiry(item, streams))
        if key not in verdicts:
            verdicts[key] = _judge(*key, moment.now)
        verdict = verdicts[key]
        if verdict is not None:
            found[item.id] = verdict
    return found


def hours_of(batch: Sequence[Candidate], moment: Moment) -> list[Hours]:
    """The hours of each candidate, in the order of the batch; equal ones are the same object."""
    rules = _Rules(moment, moment.streams(batch))
    if not rules.may_hold(batch):
        return [Hours()] * len(batch)
    zones = moment.zones(batch)
    return [
        Hours() if item.is_answer else rules.hours(item, zones.get(item.contact_id, ""))
        for item in batch
    ]


class _Rules:
    """The windows of a moment, with the clocks made once for people of the same zones."""

    def __init__(self, moment: Moment, streams: Mapping[UUID, Stream]) -> None:
        policy = moment.policy
        self.home = moment.company.timezone
        self.streams = streams
        self.by_purpose = {purpose: Window.of(rule) for purpose, rule in policy.windows.items()}
        self.skips_holidays = policy.skip_holidays
        self.made: dict[tuple[object, ...], Hours] = {}

    def may_hold(self, batch: Sequence[Candidate]) -> bool:
        """Whether anybody of the batch could be held at all."""
        return any(item.purpose in self.by_purpose for item in batch) or any(
            stream.rules.get("window") for stream in self.streams.values()
        )

    def hours(self, item: Candidate, own_zone: str) -> Hours:
        stream = self.streams.get(item.stream_id) if item.stream_id else None
        zones = self._zones(item, own_zone)
        country = country_of(item.address) if self.skips_holidays else ""
        rules = stream.rules if stream is not None and stream.rules.get("window") else {}
        key = (item.purpose, zones, country, stream.pk if stream and rules else None)
        if key not in self.made:
            clocks = [
                Clock(zone, self.by_purpose[item.purpose], country)
                for zone in zones
                if item.purpose in self.by_purpose
            ]
            if rules:
                window = Window.of(rules["window"])
                places = zones if rules.get("local_time") else (self.home,)
                clocks += [Clock(zone, window) for zone in places]
            self.made[key] = Hours(tuple(clocks))
        return self.made[key]

    def _zones(self, item: Candidate, own_zone: str) -> tuple[str, ...]:
        """The contact's own zone, else those of the number, else the company's."""
        if is_zone(own_zone):
            return (own_zone,)
        return zones_of(item.address) or (self.home,)


def _expiry(item: Candidate, streams: Mapping[UUID, Stream]) -> datetime | None:
    stream = streams.get(item.stream_id) if item.stream_id else None
    known = [at for at in (item.expires_at, stream.expires_at if stream else None) if at]
    return min(known, default=None)


def _judge(hours: Hours, expires_at: datetime | None, now: datetime) -> Verdict | None:
    opens_at = hours.opening(now)
    if opens_at == now:
        return None
    clock = hours.closed(now) or hours.clocks[0]
    inputs = {
        "zone": clock.zone,
        "at": now.isoformat(),
        "window": clock.window.rule,
        "country": clock.country,
    }
    if opens_at is None or (expires_at is not None and opens_at >= expires_at):
        expiry = {"expires_at": expires_at.isoformat()} if expires_at else {}
        return deny("window_never", **inputs, **expiry)
    return delay("quiet_hours", opens_at, **inputs)
