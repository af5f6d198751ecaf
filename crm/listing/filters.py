"""What the list of contacts is filtered by, as its address says it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from core.ids import uuid_of, uuids_of
from crm import audiences, selectors
from crm.models import ContactList, Segment, Tag
from crm.querysets import ContactQuerySet


@dataclass(frozen=True, slots=True)
class Filters:
    """A search, tags that all must be there, a saved audience and a list."""

    q: str = ""
    tags: tuple[Tag, ...] = ()
    segment: Segment | None = None
    on_list: ContactList | None = None

    @classmethod
    def of(cls, data: QueryDict) -> Filters:
        """As an address has them; what does not exist (any more) is left out."""
        segment, on_list = uuid_of(data.get("segment")), uuid_of(data.get("list"))
        return cls(
            q=data.get("q", "").strip(),
            tags=tuple(Tag.objects.filter(pk__in=uuids_of(data.getlist("tag")))),
            segment=Segment.objects.filter(pk=segment).first() if segment else None,
            on_list=ContactList.objects.filter(pk=on_list).first() if on_list else None,
        )

    @property
    def tag_ids(self) -> set[UUID]:
        """The tags by id."""
        return {tag.pk for tag in self.tags}

    @property
    def is_any(self) -> bool:
        """Whether anybody may be left out."""
        return self != Filters()

    @property
    def contacts(self) -> ContactQuerySet:
        """Who fits, with what a list shows."""
        return selectors.contact_list(
            q=self.q,
            tag_ids=self.tag_ids,
            among=audiences.select(self.segment.audience) if self.segment else None,
            list_id=self.on_list.pk if self.on_list else None,
        )

    def query(self, *, tag_ids: Iterable[UUID] | None = None) -> str:
        """As a query string, with these tags in the place of its own if any are given."""
        tags = self.tag_ids if tag_ids is None else tag_ids
        pairs: list[tuple[str, Any]] = [("q", self.q), *(("tag", pk) for pk in tags)]
        rows = (("segment", self.segment), ("list", self.on_list))
        return urlencode([*pairs, *((name, row.pk) for name, row in rows if row)])

    @property
    def without_segment(self) -> str:
        """The address without the saved audience."""
        return "?" + replace(self, segment=None).query()

    @property
    def without_list(self) -> str:
        """The address without the list."""
        return "?" + replace(self, on_list=None).query()
