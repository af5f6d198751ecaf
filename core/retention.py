"""How long each kind of data is kept: which kinds there are, and how each app forgets its own.

Whoever owns data registers its kind in AppConfig.ready(), or adds its sources to the kind of an app
below. How long a company keeps each is its own choice within the kind's bounds
(`team.services.retention`), and every night what is older is forgotten a batch at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.db.models import QuerySet
from django.utils.functional import Promise

from core.ids import first_uuid7

BATCH = 1_000
COUNTED = 10_001
Text = str | Promise


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What one batch came to.

    Attributes:
        count: how many were forgotten.
        place: where to go on, now and in the nights to come; empty: from the oldest again.
        is_done: there is no more that is old enough.
    """

    count: int
    place: str
    is_done: bool


class Later(Exception):
    """What a source began is still under way; it goes on when that is done."""


class Source(Protocol):
    """Some rows of a kind. `forget` does one bounded batch in the caller's transaction, which also
    writes down its place; it may be repeated."""

    name: str

    def count(self, before: datetime) -> int:
        """How many it would forget, counted to ten thousand and one."""
        ...

    def forget(self, before: datetime, place: str) -> Forgotten:
        """One batch of what is older than `before`.

        Raises:
            Later: nothing was done; ask again soon.
        """
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of data.

    Attributes:
        text: what it is and what happens when it is forgotten, in a sentence or two.
        default: days; None keeps it for ever.
        least: the fewest days that the platform needs.
        most: the most days that may be chosen; None also allows "for ever".
    """

    code: str
    label: Text
    text: Text
    default: int | None
    least: int
    most: int | None
    order: int
    sources: list[Source] = field(default_factory=list)

    def allows(self, days: int | None) -> bool:
        """Whether a company may choose so many days."""
        if days is None:
            return self.most is None
        return self.least <= days and (self.most is None or days <= self.most)


kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Announce a kind of data, once, at start-up.

    Raises:
        ValueError: its code is taken.
    """
    if kind.code in kinds:
        message = f"the kind {kind.code} is registered already"
        raise ValueError(message)
    kinds[kind.code] = kind


def contribute(code: str, source: Source) -> None:
    """Have a source forgotten with a kind of an app below.

    Raises:
        KeyError: there is no such kind.
    """
    kinds[code].sources.append(source)


class Deleting:
    """Rows that go for good, the oldest first.

    Args:
        rows: those older than a moment; an index makes it cheap.
    """

    def __init__(self, name: str, rows: Callable[[datetime], QuerySet[Any]]) -> None:
        self.name, self._rows = name, rows

    def count(self, before: datetime) -> int:
        """See `Source.count`."""
        return self._rows(before)[:COUNTED].count()

    def forget(self, before: datetime, place: str) -> Forgotten:
        """See `Source.forget`; the oldest are gone, so the next batch is the oldest again."""
        rows = self._rows(before)
        ids = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
        rows.model._default_manager.filter(pk__in=ids).delete()
        return Forgotten(len(ids), "", len(ids) < BATCH)


class Walking:
    """Rows that stay without what they said, gone through by their time-ordered keys. What lies
    behind the place was seen to in an earlier night; what had to stay then is seen to again when
    everything is gone through anew, each month (`team.services.retention`).

    Args:
        rows: those that have something to forget, and may, given the moment before which it goes.
        change: does it to the rows of a batch, given by their keys; how many changed.
    """

    def __init__(
        self,
        name: str,
        rows: Callable[[datetime], QuerySet[Any]],
        change: Callable[[list[UUID]], int],
    ) -> None:
        self.name, self._rows, self._change = name, rows, change

    def count(self, before: datetime) -> int:
        """See `Source.count`."""
        return self._rows(before).filter(pk__lt=first_uuid7(before))[:COUNTED].count()

    def forget(self, before: datetime, place: str) -> Forgotten:
        """See `Source.forget`; no statement looks at more rows than a batch has."""
        rows = self._rows(before)
        old = rows.model._default_manager.filter(pk__lt=first_uuid7(before))
        if place:
            old = old.filter(pk__gt=UUID(place))
        ids = list(old.order_by("pk").values_list("pk", flat=True)[:BATCH])
        found = list(rows.filter(pk__in=ids).values_list("pk", flat=True))
        count = self._change(found) if found else 0
        return Forgotten(count, str(ids[-1]) if ids else place, len(ids) < BATCH)
