"""What an address of the list says: who is shown, in which order, with which columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import QueryDict

from crm.listing.filters import Filters
from crm.listing.sorting import Sort


@dataclass(frozen=True, slots=True)
class Look:
    """Filters, order and columns; `columns` is empty where the reader's own hold."""

    filters: Filters
    sort: Sort = Sort.NEWEST
    columns: tuple[str, ...] = ()

    @classmethod
    def of(cls, data: QueryDict) -> Look:
        """As an address has it; what is not known is left out."""
        columns = tuple(key for key in data.get("columns", "").split(",") if key)
        return cls(Filters.of(data), Sort.of(data.get("sort")), columns)

    def query(self) -> str:
        """As a query string."""
        return "&".join(filter(None, [self.filters.query(), self.beside_filters()]))

    def sorted_by(self, sort: Sort) -> Look:
        """The same in another order."""
        return replace(self, sort=sort)

    def beside_filters(self) -> str:
        """Order and columns as a query string."""
        pairs = [("sort", self.sort.value)] if self.sort != Sort.NEWEST else []
        return urlencode([*pairs, *([("columns", ",".join(self.columns))] if self.columns else [])])
