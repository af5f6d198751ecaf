"""What holds a run back: the same order told again, a contact who had it lately or too often.

Guards look at the runs that are there, and at those that the same batch of events starts: a
hundred events that are heard together are held back as they would be one after the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from webhooks.automations.compiled import Compiled
from webhooks.automations.enums import RunState
from webhooks.automations.event_types import PAID
from webhooks.automations.happening import Happening
from webhooks.automations.models import Run
from webhooks.automations.values import seconds_of

_DAY = timedelta(days=1)
_Key = tuple[UUID, int]  # an event and how often it was replayed


class Began(NamedTuple):
    """A run that is there."""

    at: datetime
    source: str | None
    contact_id: UUID | None


class Start(NamedTuple):
    """A run that would begin."""

    automation_id: UUID
    plan: Compiled
    happening: Happening
    contact_id: UUID | None

    @property
    def person(self) -> tuple[UUID, UUID | None]:
        """The contact, for this automation."""
        return self.automation_id, self.contact_id

    @property
    def order(self) -> tuple[UUID, str, str]:
        """What was told of an order, for this automation."""
        told = self.happening
        return self.automation_id, told.correlation(self.contact_id), _same_news(told.type)[0]

    @property
    def source(self) -> str | None:
        """Who told it."""
        found: str | None = self.happening.data.get("source_id")
        return found


class Guards:
    """The guards of some starts; ask them one by one, oldest event first."""

    def __init__(self, starts: Sequence[Start], now: datetime) -> None:
        self._now = now
        self._of_person: dict[Any, dict[_Key, Began]] = defaultdict(dict)
        self._of_order: dict[Any, dict[_Key, Began]] = defaultdict(dict)
        self._read_people([one for one in starts if one.contact_id is not None])
        self._read_orders([one for one in starts if one.happening.order_id])

    def code(self, start: Start) -> str:
        """Why it is held back; empty if it is not. Who asks for effects once more, by replaying the
        event, is not held back."""
        if start.happening.run:
            return ""
        return self._same_order(start) or self._too_often(start)

    def count(self, start: Start) -> None:
        """It begins: those that are asked behind it see it."""
        key = (start.happening.uid, start.happening.run)
        began = Began(self._now, start.source, start.contact_id)
        self._of_person[start.person].setdefault(key, began)
        self._of_order[start.order].setdefault(key, began)

    def _same_order(self, start: Start) -> str:
        hours = int(start.plan.limits["same_order_hours"])
        if not hours or not start.happening.order_id:
            return ""
        since = self._now - timedelta(hours=hours)
        others = _others(self._of_order[start.order], start)
        return (
            "same_order" if any(_is_same(one, start) and one.at > since for one in others) else ""
        )

    def _too_often(self, start: Start) -> str:
        if start.contact_id is None:
            return ""
        others = _others(self._of_person[start.person], start)
        if any(one.at > self._now - _cooldown(start.plan) for one in others):
            return "cooldown"
        count = sum(one.at >= self._now - _DAY for one in others)
        return "per_day" if others and count >= _per_day(start.plan) else ""

    def _read_people(self, starts: Sequence[Start]) -> None:
        if not starts:
            return
        since = self._now - max(_DAY, *(_cooldown(one.plan) for one in starts))
        rows = _runs(starts, since).filter(contact__in={one.contact_id for one in starts})
        for automation, contact, *began in rows.values_list("automation_id", "contact_id", *_BEGAN):
            _put(self._of_person[automation, contact], *began)

    def _read_orders(self, starts: Sequence[Start]) -> None:
        if not starts:
            return
        hours = max(int(one.plan.limits["same_order_hours"]) for one in starts)
        types = {name for one in starts for name in _same_news(one.happening.type)}
        rows = _runs(starts, self._now - timedelta(hours=hours)).filter(
            correlation__in={told for _automation, told, _news in (one.order for one in starts)},
            event_type__in=types,
        )
        names = ("automation_id", "correlation", "event_type")
        for automation, told, type_, *began in rows.values_list(*names, *_BEGAN):
            _put(self._of_order[automation, told, _same_news(type_)[0]], *began)


_BEGAN = ("event_uid", "event_run", "started_at", "data__source_id", "contact_id")


def _runs(starts: Iterable[Start], since: datetime) -> Any:
    rows = Run.objects.filter(automation__in={one.automation_id for one in starts})
    return rows.filter(started_at__gte=since).exclude(state=RunState.SKIPPED)


def _put(began: dict[_Key, Began], uid: UUID, run: int, *values: Any) -> None:
    began[uid, run] = Began(*values)


def _others(began: Mapping[_Key, Began], start: Start) -> list[Began]:
    """Those of other events: one never holds itself back."""
    return [one for (uid, _run), one in began.items() if uid != start.happening.uid]


def _same_news(name: str) -> Sequence[str]:
    """The types of events that say the same of an order."""
    return PAID if name in PAID else (name,)


def _is_same(one: Began, start: Start) -> bool:
    """Two shops both have an order 1001: it is the same where one source says it, or of one
    contact (`related` tells them apart in the same way)."""
    is_nobodys = one.contact_id is None or start.contact_id is None
    return is_nobodys or one.source == start.source or one.contact_id == start.contact_id


def _cooldown(plan: Compiled) -> timedelta:
    return timedelta(seconds=seconds_of(plan.limits["cooldown"]) if plan.limits["cooldown"] else 0)


def _per_day(plan: Compiled) -> int:
    return int(plan.limits["per_contact_per_day"])
