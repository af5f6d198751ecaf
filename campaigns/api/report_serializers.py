"""Preflight, report, links and exports as programs see them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from campaigns.api.serializers import CampaignReasonSerializer, shown_reason
from campaigns.enums import ExportFormat, NextStep
from campaigns.models import Export
from campaigns.preflight import Preflight
from campaigns.services.exports import FILTERS
from core import ids
from core.api.fields import PublicIdField
from crm.enums import ExportState
from messaging import reasons
from messaging.enums import PublicState
from tenants.links import platform_path


class CountedReasonSerializer(CampaignReasonSerializer):
    """A reason and how many it is true of."""

    count = serializers.IntegerField()


class QuoteLineSerializer(serializers.Serializer[Any]):
    """What the messages of a category would cost by the rate card of today."""

    category = serializers.CharField()
    count = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=20, decimal_places=6)
    currency = serializers.CharField()
    segments = serializers.IntegerField()


class SampleSerializer(serializers.Serializer[Any]):
    """One person's message of a variant."""

    variant = serializers.CharField()
    contact = serializers.CharField()
    values = serializers.DictField(child=serializers.CharField())
    content = serializers.DictField()


class CampaignWarningSerializer(serializers.Serializer[Any]):
    """What to know before sending; `place` says where it is mended."""

    code = serializers.CharField()
    sentence = serializers.CharField()
    place = serializers.CharField()


class PreflightSerializer(serializers.Serializer[Any]):
    """What would happen if it started now; the run's numbers are these if nothing changes."""

    total = serializers.IntegerField()
    sendable = serializers.IntegerField()
    skipped = serializers.SerializerMethodField()
    delayed = serializers.SerializerMethodField()
    variants = serializers.DictField(child=serializers.IntegerField())
    starts_at = serializers.DateTimeField(source="first_at", allow_null=True)
    finishes_at = serializers.DateTimeField(allow_null=True)
    by_day = serializers.SerializerMethodField()
    late = serializers.IntegerField()
    cost = QuoteLineSerializer(source="quote.lines", many=True)
    sample = SampleSerializer(allow_null=True)
    samples = SampleSerializer(many=True)
    warnings = CampaignWarningSerializer(many=True)

    @extend_schema_field(CountedReasonSerializer(many=True))
    def get_skipped(self, preflight: Preflight) -> list[dict[str, Any]]:
        return self._reasons(preflight.skipped)

    @extend_schema_field(CountedReasonSerializer(many=True))
    def get_delayed(self, preflight: Preflight) -> list[dict[str, Any]]:
        return self._reasons(preflight.delayed)

    def get_by_day(self, preflight: Preflight) -> dict[str, int]:
        return {str(day): count for day, count in preflight.by_day.items()}

    def _reasons(self, counts: dict[str, int]) -> list[dict[str, Any]]:
        provider = self.context["provider"]
        return [
            {**(shown_reason(reasons.explain(code, provider=provider)) or {}), "count": count}
            for code, count in counts.items()
        ]


class StageSerializer(serializers.Serializer[Any]):
    """A step of the funnel; `share` in percent of what was sent."""

    name = serializers.CharField()
    count = serializers.IntegerField()
    share = serializers.FloatField()


class FailureSerializer(serializers.Serializer[Any]):
    """A cause, how many it kept from getting the message, and what helps."""

    reason = serializers.SerializerMethodField()
    group = serializers.CharField()
    count = serializers.IntegerField()
    next_step = serializers.ChoiceField(choices=NextStep.choices)
    can_resend = serializers.BooleanField()

    @extend_schema_field(CampaignReasonSerializer)
    def get_reason(self, failure: Any) -> dict[str, str] | None:
        return shown_reason(failure.reason)


class VariantReportSerializer(serializers.Serializer[Any]):
    """A variant, or the group that was kept out (`holdout`). `uplift`: percentage points of
    people who wrote back above that group."""

    key = serializers.CharField()
    template = serializers.CharField()
    counts = serializers.DictField(child=serializers.IntegerField())
    shares = serializers.DictField(child=serializers.FloatField())
    uplift = serializers.FloatField(allow_null=True)
    is_winner = serializers.BooleanField()


class ClickedLinkSerializer(serializers.Serializer[Any]):
    """An address of the campaign: how often it was opened and by how many people."""

    url = serializers.CharField()
    clicks = serializers.IntegerField()
    people = serializers.IntegerField()


class CostSerializer(serializers.Serializer[Any]):
    """Money so far: `billed` is the provider's word, `held` our estimate."""

    currency = serializers.CharField()
    billed = serializers.DecimalField(max_digits=20, decimal_places=6)
    held = serializers.DecimalField(max_digits=20, decimal_places=6)


class ReportSerializer(serializers.Serializer[Any]):
    """What became of a campaign, counted from its rows."""

    funnel = StageSerializer(many=True)
    failures = FailureSerializer(many=True)
    variants = VariantReportSerializer(many=True)
    links = ClickedLinkSerializer(many=True)
    costs = CostSerializer(many=True)


class MomentSerializer(serializers.Serializer[Any]):
    """Something that happened to a recipient's message."""

    at = serializers.DateTimeField()
    kind = serializers.CharField()
    reason = serializers.SerializerMethodField()
    detail = serializers.CharField()

    @extend_schema_field(CampaignReasonSerializer(allow_null=True))
    def get_reason(self, moment: Any) -> dict[str, str] | None:
        return shown_reason(moment.reason)


class ExportWriteSerializer(serializers.Serializer[Any]):
    """Which recipients, and as what."""

    format = serializers.ChoiceField(choices=ExportFormat.choices, default=ExportFormat.CSV)
    state = serializers.ChoiceField(choices=PublicState.choices, required=False)
    reason = serializers.CharField(required=False, max_length=48)
    variant = serializers.CharField(required=False, max_length=8)

    @property
    def filters(self) -> dict[str, str]:
        """As the service takes them."""
        given = {**self.validated_data, "code": self.validated_data.get("reason", "")}
        return {name: given.get(name, "") for name in FILTERS}


class ExportSerializer(serializers.Serializer[Any]):
    """A file of recipients; `url` when it is ready, for a day."""

    id = PublicIdField("exp")
    campaign = PublicIdField("cmp", source="campaign_id")
    format = serializers.ChoiceField(choices=ExportFormat.choices)
    state = serializers.ChoiceField(choices=ExportState.choices)
    rows = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    url = serializers.SerializerMethodField()

    def get_url(self, export: Export) -> str | None:
        if export.state != ExportState.DONE:
            return None
        return platform_path("api-export-file", ids.encode("exp", export.pk))


class TrialSerializer(serializers.Serializer[Any]):
    """To whom a test goes: up to five contacts, or a phone."""

    contacts = serializers.ListField(child=PublicIdField("con"), required=False, max_length=5)
    phone = serializers.CharField(required=False, allow_blank=True, max_length=40)
    variant = serializers.CharField(required=False, allow_blank=True, max_length=8)


class ResendSerializer(serializers.Serializer[Any]):
    """For which reasons; all that may be tried again if none is named."""

    reasons = serializers.ListField(child=serializers.CharField(max_length=48), required=False)


class WinnerSerializer(serializers.Serializer[Any]):
    """The variant that the rest is to get."""

    variant = serializers.CharField(max_length=8)
