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
from webhooks.automations.happening import Happening
from webhooks.automations.models import Run
from webhooks.automations.values import seconds_of

_DAY = timedelta(days=1)
_Began = dict[tuple[UUID, int], datetime]  # event and its replay → when its run began


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
        return self.automation_id, told.correlation(self.contact_id), told.type


class Guards:
    """The guards of some starts; ask them one by one, oldest event first."""

    def __init__(self, starts: Sequence[Start], now: datetime) -> None:
        self._now = now
        self._of_person: dict[Any, _Began] = defaultdict(dict)
        self._of_order: dict[Any, _Began] = defaultdict(dict)
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
        began = (start.happening.uid, start.happening.run)
        self._of_person[start.person].setdefault(began, self._now)
        self._of_order[start.order].setdefault(began, self._now)

    def _same_order(self, start: Start) -> str:
        hours = int(start.plan.limits["same_order_hours"])
        if not hours or not start.happening.order_id:
            return ""
        others = _others(self._of_order[start.order], start)
        since = self._now - timedelta(hours=hours)
        return "same_order" if any(at > since for at in others) else ""

    def _too_often(self, start: Start) -> str:
        if start.contact_id is None:
            return ""
        others = _others(self._of_person[start.person], start)
        if any(at > self._now - _cooldown(start.plan) for at in others):
            return "cooldown"
        count = sum(at >= self._now - _DAY for at in others)
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
        orders = {one.order for one in starts}
        rows = _runs(starts, self._now - timedelta(hours=hours)).filter(
            correlation__in={told for _automation, told, _type in orders},
            event_type__in={type_ for _automation, _told, type_ in orders},
        )
        names = ("automation_id", "correlation", "event_type")
        for automation, told, type_, *began in rows.values_list(*names, *_BEGAN):
            _put(self._of_order[automation, told, type_], *began)


_BEGAN = ("event_uid", "event_run", "started_at")


def _runs(starts: Iterable[Start], since: datetime) -> Any:
    rows = Run.objects.filter(automation__in={one.automation_id for one in starts})
    return rows.filter(started_at__gte=since).exclude(state=RunState.SKIPPED)


def _put(began: _Began, uid: UUID, run: int, at: datetime) -> None:
    began[uid, run] = at


def _others(began: Mapping[tuple[UUID, int], datetime], start: Start) -> list[datetime]:
    """Those of other events: one never holds itself back."""
    return [at for (uid, _run), at in began.items() if uid != start.happening.uid]


def _cooldown(plan: Compiled) -> timedelta:
    return timedelta(seconds=seconds_of(plan.limits["cooldown"]) if plan.limits["cooldown"] else 0)


def _per_day(plan: Compiled) -> int:
    return int(plan.limits["per_contact_per_day"])
