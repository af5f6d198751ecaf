"""What was given up, wherever it is kept: deliveries of events, received items, posts of sources,
posts to endpoints. Each app that gives something up registers a `Box` in AppConfig.ready().

Whoever gives a letter up calls `events.services.letters.quarantined(code)` in the same transaction;
whoever mends one elsewhere calls `settled(code)`. Both are also found out every few minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import CharField, Count, F, Func, Max, Model, QuerySet, Value
from django.db.models.functions import Left
from django.utils.functional import Promise

from events.causes import meaning

Text = str | Promise
CAUSE_LENGTH = 300
SHOWN = 20
# What differs between two letters that died of the same: ids, numbers, addresses in quotes.
_DIFFERS = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d+"
STAND_IN = "#"


@dataclass(frozen=True, slots=True)
class Letter:
    """Something that was given up.

    Attributes:
        key: names it within its box.
        title: what it is: the event's type, the item's kind.
        of: for whom: a subscriber, a number, an endpoint.
        error: the last one, as it was told.
        url: where it is shown whole, inside the company.
    """

    key: str
    title: Text
    of: Text
    error: str
    at: datetime
    attempts: int = 0
    url: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """Letters that died of the same.

    Attributes:
        text: the error with `#` for what differs; names the group within its box.
    """

    text: str
    count: int
    last_at: datetime


class Box:
    """Rows of one kind that were given up.

    Args:
        code: `<app>` or `<app>.<noun>`, at most 48 letters.
        rows: those that are dead now; an index makes it cheap.
        letter: one of those rows as people see it.
        redrive: has rows of these keys tried again from the start, in the caller's transaction.
        discard: throws them away: they are kept or deleted, but dead no more.
        error, at: the columns of the error and of the moment at which it was given up.
        meaning: a sentence for an error, where it is a code of the app's own.
    """

    def __init__(
        self,
        code: str,
        label: Text,
        *,
        rows: Callable[[], QuerySet[Any]],
        letter: Callable[[Any], Letter],
        redrive: Callable[[Sequence[Any]], object],
        discard: Callable[[Sequence[Any]], object],
        error: str = "error",
        at: str = "due_at",
        meaning: Callable[[str], str] = meaning,
    ) -> None:
        self.code, self.label, self.meaning = code, label, meaning
        self.redrive, self.discard = redrive, discard
        self._rows, self._letter, self._error, self._at = rows, letter, error, at

    def rows(self, *, cause: str = "", until: datetime | None = None) -> QuerySet[Any]:
        """The dead, of one cause and not given up after `until` if these are given."""
        rows = self._rows().alias(cause=_Alike(Left(F(self._error), CAUSE_LENGTH)))
        if cause:
            rows = rows.filter(cause=cause)
        return rows.filter(**{f"{self._at}__lte": until}) if until else rows

    def count(self, *, cause: str = "") -> int:
        """How many are dead."""
        return self.rows(cause=cause).count()

    def causes(self) -> list[Cause]:
        """What they died of, the most frequent first; at most twenty."""
        groups = (
            self.rows()
            .order_by()
            .values(text=F("cause"))
            .annotate(count=Count("pk"), last_at=Max(self._at))
            .order_by("-count", "text")
        )
        return [Cause(**group) for group in groups[:SHOWN]]

    def letters(self, *, cause: str = "") -> list[Letter]:
        """The latest twenty."""
        rows = self.rows(cause=cause).order_by(f"-{self._at}", "-pk")[:SHOWN]
        return [self._letter(row) for row in rows]

    def keys(self, texts: Sequence[str]) -> list[Any]:
        """The keys of rows that are dead, out of texts; what is none of them is left out."""
        model: type[Model] = self._rows().model
        found = []
        for text in texts:
            try:
                found.append(model._meta.pk.to_python(text))
            except (ValueError, TypeError, ValidationError):
                continue
        return list(self._rows().filter(pk__in=found).values_list("pk", flat=True))


class _Alike(Func):
    """An error without what makes it another one each time."""

    function = "regexp_replace"
    output_field = CharField()

    def __init__(self, error: Any) -> None:
        super().__init__(error, Value(_DIFFERS), Value(STAND_IN), Value("g"))


boxes: dict[str, Box] = {}


def add_box(box: Box) -> None:
    """Announce a box, once, at start-up.

    Raises:
        ValueError: its code is taken.
    """
    if box.code in boxes:
        raise ValueError(f"the box {box.code} is registered twice")
    boxes[box.code] = box


def counts() -> dict[str, int]:
    """How many are dead in each box that holds any, in one statement for all boxes."""
    each = [
        box.rows()
        .order_by()
        .annotate(in_box=Value(code, CharField()))
        .values("in_box")
        .annotate(many=Count("pk"))
        .values_list("in_box", "many")
        for code, box in boxes.items()
    ]
    found = each[0].union(*each[1:], all=True) if each else ()
    return {code: count for code, count in found if count}
