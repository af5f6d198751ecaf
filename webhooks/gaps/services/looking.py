"""Looking whether everybody who should be heard of is: every five minutes, company by company.

Three causes, each an incident of its own scope that closes itself:

- `silent`: nothing (or next to nothing) comes from a number or a source any more, of any kind;
- `no_messages`: statuses come, messages do not: a subscription to one field was lost;
- `no_status`: messages leave and are accepted, and for fifteen minutes nothing is told of them.

Nobody is judged while paused, switched off, on a national holiday, or without three weeks of
history; see `webhooks.gaps.baseline` for what counts as silence.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone
from django.utils.formats import date_format

from connections.models import Connection
from conversations.models import BusinessHours
from core import agenda, scope
from core.ids import first_uuid7, uuids_of
from events.models import Event, Incident
from events.services import incidents, letters
from messaging.enums import DispatchState, Rank
from messaging.events import MessagesProgressed
from messaging.hours import is_holiday
from messaging.models import Message
from team.services.notifications import notify
from tenants.links import company_path
from tenants.models import Company
from webhooks.gaps import baseline
from webhooks.gaps.agenda import EVERY_SECONDS, LOOK
from webhooks.gaps.baseline import HOUR, Hours, Verdict
from webhooks.gaps.enums import Measure, Noun
from webhooks.gaps.models import HourCount, Watch
from webhooks.gaps.services import counting
from webhooks.gaps.subjects import Subject, subjects
from webhooks.models import Item
from webhooks.sources.models import Source
from webhooks.sources.selectors import posted

SILENT, NO_MESSAGES, NO_STATUS = "silent", "no_messages", "no_status"
INCIDENTS = {
    SILENT: "gaps.silent",
    NO_MESSAGES: "gaps.no_messages",
    NO_STATUS: "gaps.no_status",
}
STATUS_WAIT = timedelta(minutes=15)
STATUS_WINDOW = timedelta(minutes=60)
LEAST_SENT = 5
WAVES = 40
SENT = 500
PLENTY, COUNTED = 700, 1_000
Series = Mapping[tuple[str, UUID, str], Hours]


def begin() -> None:
    """Have a company looked at from now on."""
    with transaction.atomic():
        agenda.append(LOOK)


def run(_key: str) -> None:
    """The handler of due work: one look."""
    look(timezone.now())


def due(_key: str | None) -> Iterable[tuple[str, datetime]]:
    """The next full five minutes, where anything can come in (the agenda's selector)."""
    if not (
        Connection.objects.filter(deleted_at=None).exists()
        or Source.objects.filter(deleted_at=None).exists()
    ):
        return []
    moment = (timezone.now().timestamp() // EVERY_SECONDS + 1) * EVERY_SECONDS
    return [("", datetime.fromtimestamp(moment, UTC))]


def look(now: datetime) -> None:
    """Count, judge, open and close. May be repeated: nothing is told twice."""
    counting.count(now)
    company = Company.objects.get(pk=scope.required_company_id())
    found = subjects()
    watches = _watch(found, now)
    _close_what_is_back(found, watches, now)
    if not _is_holiday(company, now):
        _Look(company, now).judge([(one, watches[one.noun, one.key]) for one in found])
    letters.look()


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at one company."""

    company: Company
    now: datetime

    def judge(self, watched: Sequence[tuple[Subject, Watch]]) -> None:
        """Open an incident for each that is silent."""
        zone = ZoneInfo(self.company.timezone)
        active = [(subject, watch) for subject, watch in watched if watch.is_active]
        series, known = load(self.now), known_since()
        for subject, watch in active:
            since = known.get((subject.noun, subject.key))
            if since is None:
                continue
            for cause, measure in (
                (SILENT, Measure.POSTS),
                *([(NO_MESSAGES, Measure.MESSAGES)] if subject.noun == Noun.CONNECTION else ()),
            ):
                verdict = baseline.judge(
                    series.get((subject.noun, subject.key, measure), {}),
                    now=self.now,
                    zone=zone,
                    known_since=since,
                    active_since=watch.active_since,
                )
                if verdict is not None and verdict.is_silent:
                    self._open(subject, cause, self._told(subject, verdict))
                    break  # who says nothing at all says no messages either
        self._judge_statuses([subject for subject, _ in active])

    def _judge_statuses(self, active: Sequence[Subject]) -> None:
        numbers = {one.key: one for one in active if one.noun == Noun.CONNECTION}
        for key, (sent, untold) in _told_of(self.now).items():
            if key not in numbers or sent != untold or sent < LEAST_SENT:
                continue
            # Of messages that left before statuses came again nothing may ever be told.
            is_silent = not _received(numbers[key], Measure.STATUSES, self.now - STATUS_WAIT)[0]
            if is_silent and _has_told(key):
                since = timezone.localtime(self.now - STATUS_WINDOW)
                data = {
                    "name": numbers[key].name,
                    "sent": sent,
                    "since": date_format(since, "SHORT_DATETIME_FORMAT"),
                }
                self._open(numbers[key], NO_STATUS, data)

    def _open(self, subject: Subject, cause: str, data: Mapping[str, Any]) -> None:
        standing = Incident.objects.filter(scope=subject.scope, cause=cause, closed_at=None)
        if standing.exists():
            return
        url = company_path(self.company, subject.page, subject.key)
        code = INCIDENTS[cause]
        with transaction.atomic():
            if incidents.report(kind=code, scope=subject.scope, cause=cause, data=data, url=url):
                notify(code=code, permission="connections.manage", data=data, url=url)

    def _told(self, subject: Subject, verdict: Verdict) -> dict[str, Any]:
        since = timezone.localtime(max(subject.heard_at or verdict.since, verdict.since))
        return {
            "name": subject.name,
            "seen": verdict.seen,
            "expected": round(verdict.expected),
            "hours": verdict.hours,
            "since": date_format(since, "SHORT_DATETIME_FORMAT"),
        }


def load(now: datetime) -> Series:
    """The counts of the last two days and of the same days of the weeks before, by what they
    count: one query."""
    longest = baseline.STRETCHES[-1] * HOUR
    wanted = Q()
    for weeks in range(baseline.WEEKS + 1):
        then = now - timedelta(weeks=weeks)
        # An hour more on both sides: a week back may be an hour off when summer time changed.
        wanted |= Q(hour__gt=then - longest - 2 * HOUR, hour__lte=then + HOUR)
    found: dict[tuple[str, UUID, str], dict[datetime, int]] = defaultdict(dict)
    for noun, key, measure, hour, many in HourCount.objects.filter(wanted).values_list(
        "noun", "key", "measure", "hour", "count"
    ):
        found[noun, key, measure][hour] = many
    return found


def known_since() -> Mapping[tuple[str, UUID], datetime]:
    """Since when anything is known of each that was ever heard of."""
    rows = HourCount.objects.values_list("noun", "key").annotate(first=Min("hour")).order_by()
    return {(noun, key): first for noun, key, first in rows}


def _is_holiday(company: Company, now: datetime) -> bool:
    """On the company's calendar; without one no day is a holiday."""
    country = BusinessHours.objects.values_list("country", flat=True).first()
    return is_holiday(country or "", now.astimezone(ZoneInfo(company.timezone)).date())


def _watch(found: Sequence[Subject], now: datetime) -> Mapping[tuple[str, UUID], Watch]:
    """Keep in mind who is active since when; what is new, or goes on, begins now."""
    standing = {(watch.noun, watch.key): watch for watch in Watch.objects.all()}
    for subject in found:
        watch = standing.get((subject.noun, subject.key))
        if watch is None:
            watch = Watch(noun=subject.noun, key=subject.key, active_since=_first(subject, now))
            watch.is_active = subject.is_active
        elif subject.is_active and not watch.is_active:
            watch.is_active, watch.active_since = True, now
        else:
            watch.is_active = subject.is_active
        watch.looked_at = now
        watch.save()
        standing[subject.noun, subject.key] = watch
    return standing


def _first(subject: Subject, now: datetime) -> datetime:
    """Who was heard of before this detector was there has been active since then."""
    counts = HourCount.objects.filter(noun=subject.noun, key=subject.key)
    return counts.aggregate(first=Min("hour"))["first"] or now


def _told_of(now: datetime) -> Mapping[UUID, tuple[int, int]]:
    """By number: how many of the latest messages left between an hour and a quarter of an hour
    ago, and of how many of them nothing was told."""
    events = Event.objects.filter(
        type=MessagesProgressed.type,
        uid__gte=first_uuid7(now - STATUS_WINDOW),
        uid__lt=first_uuid7(now - STATUS_WAIT),
    ).order_by("-uid")[:WAVES]
    ids = [
        item["message"]
        for data in events.values_list("data", flat=True)
        for item in data.get("items", ())
        if item.get("state") == "sent"
    ]
    sent: Counter[UUID] = Counter()
    untold: Counter[UUID] = Counter()
    rows = Message.objects.filter(
        pk__in=uuids_of(ids[:SENT]), dispatch=DispatchState.ACCEPTED
    ).values_list("connection_id", "rank", "failed_at")
    for key, rank, failed_at in rows:
        sent[key] += 1
        untold[key] += rank == Rank.NONE and failed_at is None
    return {key: (sent[key], untold[key]) for key in sent}


def _has_told(key: UUID) -> bool:
    """Whether statuses ever came for this number."""
    return HourCount.objects.filter(
        noun=Noun.CONNECTION, key=key, measure=Measure.STATUSES
    ).exists()


def _close_what_is_back(
    found: Sequence[Subject], watches: Mapping[tuple[str, UUID], Watch], now: datetime
) -> None:
    """Traffic is back, or nobody expects any: the incident ends. What was missed until now stays
    missed, so it is expected anew from here on: the same gap is not told of again."""
    by_scope = {one.scope: one for one in found}
    open_ones = Incident.objects.filter(kind__in=INCIDENTS.values(), closed_at=None)
    for incident in open_ones:
        subject = by_scope.get(incident.scope)
        watch = watches[subject.noun, subject.key] if subject else None
        is_back = False
        if subject is not None and watch is not None and watch.is_active:
            is_back = _is_back(incident, subject, now)
            if not is_back:
                continue
        incidents.close(scope=incident.scope, cause=incident.cause)
        if is_back and watch is not None and incident.cause != NO_STATUS:
            watch.active_since = now
            watch.save(update_fields=["active_since"])


def _is_back(incident: Incident, subject: Subject, now: datetime) -> bool:
    """Whether as much came since it was opened as is no rarity, by the rate that was expected."""
    if incident.cause == NO_STATUS:
        return _received(subject, Measure.STATUSES, incident.opened_at)[0] > 0
    measure = Measure.POSTS if incident.cause == SILENT else Measure.MESSAGES
    seen, last = _received(subject, measure, incident.opened_at)
    if not seen or last is None or now - last > HOUR:
        return False
    rate = incident.data.get("expected", 0) / max(1, incident.data.get("hours", 1))
    # A share of the hours since, an hour at most: what was missed before does not come back.
    stretch = min(now - incident.opened_at, HOUR) / HOUR
    wanted = rate * stretch / 2
    # The chance of a larger number cannot be told (exp underflows), and `COUNTED` is the cap.
    return seen >= min(wanted, PLENTY) or baseline.chance(seen, wanted) > baseline.NORMAL


def _received(subject: Subject, measure: Measure, since: datetime) -> tuple[int, datetime | None]:
    """How much came since a moment, and when the last of it did."""
    if subject.noun == Noun.SOURCE:
        rows: Any = posted().filter(source_id=subject.key, received_at__gt=since)
    else:
        rows = Item.objects.filter(connection_id=subject.key, received_at__gt=since)
        if kinds := counting.kinds_of(measure):
            rows = rows.filter(kind__in=kinds)
    times = list(rows.order_by("-received_at").values_list("received_at", flat=True)[:COUNTED])
    return len(times), times[0] if times else None
