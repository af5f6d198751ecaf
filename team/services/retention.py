"""How long a company keeps each kind of data (LGPD, art. 15 and 16), and the nightly forgetting.

Each batch commits with its place and count in `RetentionRun`: whatever dies, the next wake-up goes
on behind it, and nothing is counted twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import agenda, retention
from core.errors import Invalid, NotFound
from core.retention import Kind
from events.bus import publish
from team.events import RetentionChanged, RetentionRan
from team.models import Member, RetentionRule, RetentionRun

KIND = "team.retention"
LATER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Period:
    """A kind with how long the company keeps it, and since when by whose choice."""

    kind: Kind
    days: int | None
    rule: RetentionRule | None


def periods() -> list[Period]:
    """All kinds in their order."""
    rules = {rule.kind: rule for rule in RetentionRule.objects.select_related("changed_by")}
    kinds = sorted(retention.kinds.values(), key=lambda kind: kind.order)
    return [_period(kind, rules.get(kind.code)) for kind in kinds]


def period(code: str) -> Period:
    """One kind.

    Raises:
        core.errors.NotFound: there is none of this code.
    """
    if code not in retention.kinds:
        raise NotFound
    rule = RetentionRule.objects.select_related("changed_by").filter(kind=code).first()
    return _period(retention.kinds[code], rule)


def preview(*, code: str, days: int | None) -> int:
    """How many would be forgotten now if so many days were kept; 10,001 means more than 10,000.

    Raises:
        core.errors.Invalid: as in `set_period`.
    """
    kind = _checked(code, days)
    if days is None:
        return 0
    before = timezone.now() - timedelta(days=days)
    return min(retention.COUNTED, sum(source.count(before) for source in kind.sources))


@transaction.atomic
def set_period(
    *, code: str, days: int | None, by: Member | None = None, actor: str = "system"
) -> Period:
    """Keep a kind of data for so many days; None for ever. What is older goes from the next night,
    and a run that is under way ends: it would take what is to be kept now.

    Raises:
        core.errors.Invalid: under `kind`, or under `days`: less or more than the kind allows.
    """
    kind = _checked(code, days)
    before = period(code).days
    if before == days:
        return period(code)
    RetentionRule.objects.update_or_create(
        kind=code, defaults={"days": days, "changed_at": timezone.now(), "changed_by": by}
    )
    for current in RetentionRun.objects.select_for_update().filter(kind=code, ended_at=None):
        _end(current)
    publish(RetentionChanged(kind=kind.code, before=before, days=days), actor=actor)
    return period(code)


@transaction.atomic
def begin() -> None:
    """Have everything that is too old forgotten, kind by kind (called every night)."""
    running = set(RetentionRun.objects.filter(ended_at=None).values_list("kind", flat=True))
    for one in periods():
        code = one.kind.code
        if code in running:
            agenda.append(KIND, code)
        elif one.days is not None and one.kind.sources:
            RetentionRun.objects.create(
                kind=code,
                before=timezone.now() - timedelta(days=one.days),
                places=_places(one),
            )
            agenda.append(KIND, code)


def run(code: str) -> None:
    """The agenda's handler: two seconds of forgetting one kind, the rest at the next wake-up."""
    try:
        agenda.in_slices(KIND, code, partial(_batch, code))
    except retention.Later:
        with transaction.atomic():
            agenda.append(KIND, code, timezone.now() + LATER)


def due(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Kinds whose run has not ended (the agenda's selector)."""
    rows = RetentionRun.objects.filter(ended_at=None)
    if key is not None:
        rows = rows.filter(kind=key)
    return list(rows.values_list("kind", "begun_at"))


def _period(kind: Kind, rule: RetentionRule | None) -> Period:
    """A choice that the bounds no longer allow gives way to the default."""
    if rule is None or not kind.allows(rule.days):
        return Period(kind, kind.default, None)
    return Period(kind, rule.days, rule)


def _checked(code: str, days: int | None) -> Kind:
    if code not in retention.kinds:
        known = ", ".join(retention.kinds)
        raise Invalid({"kind": _("Choose a kind of data: %(known)s.") % {"known": known}})
    kind = retention.kinds[code]
    if not kind.allows(days):
        if kind.most is None:
            sentence = _("Keep it for at least %(least)s days, or for ever.")
        else:
            sentence = _("Keep it for %(least)s to %(most)s days.")
        raise Invalid({"days": sentence % {"least": kind.least, "most": kind.most}})
    return kind


def _places(one: Period) -> dict[str, str]:
    """Where the last run came to. From the start where the company chose anew since, and with each
    month: what had to stay when the place passed it by, as a message to be sent, may go by then."""
    last = RetentionRun.objects.filter(kind=one.kind.code).first()
    if last is None or (one.rule is not None and one.rule.changed_at > last.begun_at):
        return {}
    if last.begun_at.month != timezone.now().month:
        return {}
    return dict(last.places)


@transaction.atomic
def _batch(code: str) -> bool:
    """One batch of one source; False when the run has ended."""
    rows = RetentionRun.objects.select_for_update().filter(kind=code, ended_at=None)
    current = rows.first()
    if current is None:
        return False
    sources = retention.kinds[code].sources if code in retention.kinds else []
    source = next((one for one in sources if one.name not in current.finished), None)
    if source is None:
        _end(current)
        return False
    found = source.forget(current.before, current.places.get(source.name, ""))
    current.count += found.count
    current.places[source.name] = found.place
    if found.is_done:
        current.finished.append(source.name)
    current.save(update_fields=["count", "places", "finished"])
    return True


def _end(current: RetentionRun) -> None:
    """Nights that found nothing leave the newest of them alone, for its places."""
    current.ended_at = timezone.now()
    current.save(update_fields=["ended_at"])
    idle = RetentionRun.objects.filter(kind=current.kind, count=0).exclude(ended_at=None)
    idle.exclude(pk=current.pk).delete()
    if current.count:
        publish(RetentionRan(kind=current.kind, count=current.count))
