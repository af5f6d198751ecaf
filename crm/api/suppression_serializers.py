"""The suppression list as programs see it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.api.fields import AnyCaseChoiceField, PublicIdField
from crm.enums import Channel, Purpose, SuppressionReason
from crm.models import Suppression

MAX_BULK = 1000


class SuppressionSerializer(serializers.Serializer[Suppression]):
    """A line of the list; the address itself is not kept."""

    id = PublicIdField("sup")
    masked = serializers.CharField(help_text="Enough of the number to recognise it.")
    channel = AnyCaseChoiceField(choices=Channel.choices)
    purpose = serializers.ChoiceField(
        choices=Purpose.choices, allow_blank=True, help_text="Empty: every purpose."
    )
    reason = serializers.ChoiceField(choices=SuppressionReason.choices)
    note = serializers.CharField()
    created_at = serializers.DateTimeField()


class AboutSerializer(serializers.Serializer[Any]):
    """What is not to be sent, and why."""

    channel = serializers.CharField(default=Channel.WHATSAPP, max_length=20)
    purpose = serializers.CharField(
        default="", allow_blank=True, max_length=20, help_text="Empty: every purpose."
    )
    note = serializers.CharField(default="", allow_blank=True, max_length=120)

    def validate_channel(self, name: str) -> str:
        return name.strip().lower()


class SuppressionCreateSerializer(AboutSerializer):
    """A number for the list."""

    address = serializers.CharField(max_length=60, help_text="In any spelling; E.164 is best.")


class SuppressionBulkSerializer(AboutSerializer):
    """Up to 1,000 numbers for the list."""

    addresses = serializers.ListField(
        child=serializers.CharField(max_length=60), min_length=1, max_length=MAX_BULK
    )


class SuppressionImportSerializer(AboutSerializer):
    """A file of numbers for the list; its phone column is found by itself."""

    file = serializers.FileField(help_text="CSV in any usual encoding and delimiter, up to 100 MB.")


class RejectedSerializer(serializers.Serializer[Any]):
    """A number that is none."""

    index = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()


class BulkOutcomeSerializer(serializers.Serializer[Any]):
    """What became of the numbers; the three parts add up to how many were given."""

    added = serializers.IntegerField()
    known = serializers.IntegerField(help_text="On the list before, or given twice.")
    rejected = RejectedSerializer(many=True)
