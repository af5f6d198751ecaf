"""What customers said of the service in a period: the page, its file and the API read it here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, QuerySet
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from conversations.models import Rating
from conversations.rating_words import SCORES
from core.ids import uuid_of

PERIODS = (7, 30, 90, 365)
USUAL_PERIOD = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which ratings: of the last so many days, of an agent or a team if they are given."""

    days: int = USUAL_PERIOD
    member: UUID | None = None
    team: UUID | None = None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Wanted:
        """What an address says; what it says that we do not know counts as not said."""
        days = str(said.get("days", ""))
        return cls(
            days=int(days) if days in map(str, PERIODS) else USUAL_PERIOD,
            member=uuid_of(said.get("member")),
            team=uuid_of(said.get("team")),
        )

    @property
    def since(self) -> datetime:
        return timezone.now() - timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class Share:
    """How many gave a score."""

    score: int
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Summary:
    """Of the period: `asked` counts questions, `average` is None where nobody answered."""

    asked: int
    answered: int
    average: float | None
    shares: list[Share]


@dataclass(frozen=True, slots=True)
class Standing:
    """How an agent or a team did; an empty name: nobody, or no team."""

    name: str
    answered: int
    average: float


def answered(wanted: Wanted) -> QuerySet[Rating]:
    """The ratings that were given, unordered."""
    rows = Rating.objects.filter(score__isnull=False, answered_at__gte=wanted.since)
    return _of(wanted, rows).select_related("contact", "member", "team")


def summary(wanted: Wanted) -> Summary:
    """The numbers over all; two statements."""
    asked = _of(wanted, Rating.objects.filter(asked_at__gte=wanted.since)).count()
    counts = dict(answered(wanted).order_by().values_list("score").annotate(number=Count("pk")))
    total = sum(counts.values())
    points = sum(score * count for score, count in counts.items())
    shares = [Share(score, str(word), counts.get(score, 0)) for score, word in SCORES.items()]
    return Summary(asked, total, points / total if total else None, shares)


def standings(wanted: Wanted, whose: str) -> list[Standing]:
    """By `member` or by `team`: who was rated most stands first."""
    rows = (
        answered(wanted)
        .order_by()
        .values(whose, f"{whose}__name")
        .annotate(number=Count("pk"), average=Avg("score"))
        .order_by("-number", f"{whose}__name")
    )
    return [Standing(row[f"{whose}__name"] or "", row["number"], row["average"]) for row in rows]


def table(wanted: Wanted) -> Iterator[list[str]]:
    """A file's lines, the newest first, below their headings."""
    yield [_("Answered"), _("Contact"), _("Score"), _("Comment"), _("Agent"), _("Team")]
    for row in answered(wanted).order_by("-answered_at", "-pk").iterator():
        at = localtime(row.answered_at).isoformat(timespec="minutes") if row.answered_at else ""
        member, team = str(row.member or ""), str(row.team or "")
        yield [at, row.contact.name, str(row.score), row.comment, member, team]


def _of(wanted: Wanted, rows: QuerySet[Rating]) -> QuerySet[Rating]:
    if wanted.member:
        rows = rows.filter(member_id=wanted.member)
    if wanted.team:
        rows = rows.filter(team_id=wanted.team)
    return rows
