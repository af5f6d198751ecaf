"""The filters of the list of contacts as a request's body has them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from core.errors import Invalid, InvalidId
from crm.listing.filters import Filters
from crm.models import ContactList, Segment, Tag
from crm.public_ids import LIST, SEGMENT
from crm.selectors import tags_named
from crm.services.exports import FILTER_GONE


class FilterSerializer(serializers.Serializer[Any]):
    """Which contacts: those that fit all of these."""

    q = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, default=list, max_length=50
    )
    segment = serializers.CharField(required=False, default="", allow_blank=True)
    list = serializers.CharField(required=False, default="", allow_blank=True)

    @property
    def filters(self) -> Filters:
        """As the list of contacts has them.

        Raises:
            core.errors.Invalid: one names what is not there.
        """
        data = self.validated_data
        segment, on_list = data["segment"], data["list"]
        return Filters(
            q=data["q"].strip(),
            tags=tuple(Tag.objects.filter(pk__in=tags_named(data["tags"]))),
            segment=_found("segment", Segment.objects.all(), SEGMENT, segment),
            on_list=_found("list", ContactList.objects.all(), LIST, on_list),
        )


def _found(field: str, rows: QuerySet[Any], kind: Any, text: str) -> Any:
    """The row behind a public id; None without one."""
    if not text:
        return None
    try:
        found = rows.filter(pk=kind.decode(text)).first()
    except InvalidId as error:
        raise Invalid({field: error.text}) from None
    if found is None:
        raise Invalid({field: FILTER_GONE})
    return found
