"""Pages by keyset: (time, id) of the last row seen, so deep pages cost what the first one does.

Rows with equal times are told apart by their id, so none is repeated or skipped, and rows that
arrive meanwhile do not shift the page. There is no total and no page number.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from core import keyset
from core.errors import FieldError, Invalid

PAGE_SIZE = keyset.SIZE
MAX_PAGE_SIZE = 100


class Cursor(NamedTuple):
    """Where a page begins: beyond this row, going on (or back when ``reverse``)."""

    reverse: bool
    value: str
    id: str

    def encode(self) -> str:
        text = json.dumps([int(self.reverse), self.value, self.id], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()

    @classmethod
    def decode(cls, text: str) -> Cursor:
        """Read a cursor of ours; raises ``Invalid`` for anything else."""
        try:
            padded = text + "=" * (-len(text) % 4)
            reverse, value, row_id = json.loads(base64.urlsafe_b64decode(padded))
        except (ValueError, TypeError, RecursionError):
            raise _invalid_cursor() from None
        if not isinstance(value, str) or not isinstance(row_id, str):
            raise _invalid_cursor()
        return cls(bool(reverse), value, row_id)


class CursorPagination(BasePagination):
    """``{"next", "previous", "results"}``; ``?page_size=`` up to 100, ``?cursor=`` from the links.

    The view says by what: ``cursor_ordering = "-created_at"`` (the default), any field that is
    never null; the primary key breaks ties in the same direction.
    """

    page_size = PAGE_SIZE
    max_page_size = MAX_PAGE_SIZE

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        ordering: str = getattr(view, "cursor_ordering", "-created_at")
        self._field, self._descending = ordering.lstrip("-"), ordering.startswith("-")
        self._url = request.build_absolute_uri()
        size = self.get_page_size(request)
        text = request.query_params.get("cursor", "")
        cursor = Cursor.decode(text) if text else None
        backward = cursor is not None and cursor.reverse
        rows = list(self._select(queryset, cursor, backward=backward)[: size + 1])
        more, rows = len(rows) > size, rows[:size]
        if backward:
            rows.reverse()
        self._has_next = more if not backward else True
        self._has_previous = more if backward else cursor is not None
        self._rows = rows
        return rows

    def get_page_size(self, request: Request) -> int:
        """The size asked for, within 1 and the maximum; raises ``Invalid`` for no number."""
        text = request.query_params.get("page_size", "")
        if not text:
            return self.page_size
        if not (text.isascii() and text.isdigit()) or int(text) < 1:
            message = _("This is not a number from 1 to 100.")
            raise Invalid({"page_size": FieldError("invalid", message)})
        return min(int(text), self.max_page_size)

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self._next(), "previous": self._previous(), "results": data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "cursor",
                "in": "query",
                "description": "From the links `next` and `previous`.",
                "schema": {"type": "string"},
            },
            {
                "name": "page_size",
                "in": "query",
                "schema": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": self.max_page_size,
                    "default": self.page_size,
                },
            },
        ]

    def _select(
        self, queryset: QuerySet[Any], cursor: Cursor | None, *, backward: bool
    ) -> QuerySet[Any]:
        downward = self._descending != backward
        sign = "-" if downward else ""
        ordered = queryset.order_by(f"{sign}{self._field}", f"{sign}pk")
        if cursor is None:
            return ordered
        model, name = queryset.model, self._field
        value, row_id = _parsed(model, name, cursor.value), _parsed(model, "pk", cursor.id)
        return ordered.filter(keyset.beyond(name, value, row_id, ascending=not downward))

    def _next(self) -> str | None:
        return self._link(self._rows[-1:], reverse=False) if self._has_next else None

    def _previous(self) -> str | None:
        return self._link(self._rows[:1], reverse=True) if self._has_previous else None

    def _link(self, edge: Sequence[Model], *, reverse: bool) -> str | None:
        if not edge:
            # Beyond the end there is no row to go on from: back to the beginning.
            return remove_query_param(self._url, "cursor") if reverse else None
        row = edge[0]
        value = getattr(row, self._field)
        text = value.isoformat() if isinstance(value, dt.datetime) else str(value)
        cursor = Cursor(reverse, text, str(row.pk))
        return replace_query_param(self._url, "cursor", cursor.encode())


def _parsed(model: type[Model], name: str, text: str) -> Any:
    """A value of the cursor as the field has it; annotations are compared as text."""
    try:
        field = model._meta.pk if name == "pk" else model._meta.get_field(name)
    except FieldDoesNotExist:
        return text
    try:
        return field.to_python(text)  # type: ignore[union-attr]
    except (ValidationError, ValueError):
        raise _invalid_cursor() from None


def _invalid_cursor() -> Invalid:
    message = _("This cursor is not valid. Take it from the links “next” and “previous”.")
    return Invalid({"cursor": FieldError("invalid_cursor", message)})
