"""Pages of a list by keyset: (time or text, id) cursors, so that ties and new rows neither repeat
nor hide anything, and page 1,000 costs what page 1 costs. Never OFFSET, never a count.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

SIZE = 50


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows, and where the next one begins (empty at the end)."""

    items: list[Any]
    next_cursor: str


def page_of(
    rows: QuerySet[Any],
    *,
    cursor: str | None,
    field: str,
    size: int = SIZE,
    ascending: bool = False,
    is_text: bool = False,
) -> Page:
    """The rows after `cursor` in the order of (field, id), newest first unless ascending.

    Args:
        field: a time that is never null, or a text that is never null; an index on (field, id)
            makes every page cheap.
        cursor: `Page.next_cursor` of the page before; anything unreadable means the first page.
        is_text: the field is a text.
    """
    sign = "" if ascending else "-"
    rows = past(rows, cursor=cursor, field=field, ascending=ascending, is_text=is_text)
    items = list(rows.order_by(f"{sign}{field}", f"{sign}pk")[: size + 1])
    is_more = len(items) > size
    items = items[:size]
    return Page(items, cursor_at(items[-1], field) if is_more else "")


def cursor_at(row: Any, field: str) -> str:
    """The cursor after which the pages begin that follow this row, in either direction."""
    return _encode(getattr(row, field), row.pk)


def past(
    rows: QuerySet[Any],
    *,
    cursor: str | None,
    field: str,
    ascending: bool = False,
    is_text: bool = False,
) -> QuerySet[Any]:
    """The rows that the pages up to this cursor did not show; all of them without one."""
    place = _decode(cursor, is_text=is_text)
    return rows.filter(beyond(field, *place, ascending=ascending)) if place is not None else rows


def beyond(field: str, value: Any, pk: Any, *, ascending: bool) -> Q:
    """The rows that come after the one with this value and id, in the order of (field, id)."""
    side = "gt" if ascending else "lt"
    # The first half is implied by the second; it is what lets the planner use the index.
    return Q(**{f"{field}__{side}e": value}) & (
        Q(**{f"{field}__{side}": value}) | Q(**{f"pk__{side}": pk})
    )


def _encode(value: datetime | str, pk: UUID) -> str:
    text = value if isinstance(value, str) else value.isoformat()
    return base64.urlsafe_b64encode(f"{text}|{pk}".encode()).decode().rstrip("=")


def _decode(cursor: str | None, *, is_text: bool = False) -> tuple[datetime | str, UUID] | None:
    if not cursor:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        value, _, pk = text.rpartition("|")
        if is_text:
            return (value, UUID(pk)) if "\x00" not in value else None
        moment = datetime.fromisoformat(value)
        return (moment, UUID(pk)) if moment.tzinfo else None
    except (ValueError, binascii.Error):
        return None
