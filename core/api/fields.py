"""Serializer fields of the API."""

from __future__ import annotations

import uuid
from typing import Any

from rest_framework import serializers

from core import ids
from core.choices import any_case
from core.errors import InvalidId


class PublicIdField(serializers.Field[uuid.UUID, str, str, Any]):
    """A UUID shown and accepted as ``<prefix>_<22 digits>``: ``PublicIdField("con")``."""

    def __init__(self, prefix: str, **kwargs: Any) -> None:
        self.prefix = prefix
        super().__init__(**kwargs)

    def to_representation(self, value: uuid.UUID) -> str:
        return ids.encode(self.prefix, value)

    def to_internal_value(self, data: Any) -> uuid.UUID:
        try:
            return ids.decode(self.prefix, data if isinstance(data, str) else "")
        except InvalidId as error:
            raise serializers.ValidationError(error.text, code=error.code) from None


class AnyCaseChoiceField(serializers.ChoiceField):
    """A choice whose values are lowercase words, accepted in any case: "SMS" is "sms"."""

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(any_case(data) if isinstance(data, str) else data)
