"""Campaigns and their recipients as programs see them (api.md)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from campaigns import selectors
from campaigns.enums import CampaignState
from campaigns.models import Campaign
from core import ids
from core.api.fields import PublicIdField
from crm.audiences import Audience
from messaging import reasons
from messaging.enums import PublicState
from messaging.models import Message
from messaging.selectors import public_state


class CountsSerializer(serializers.Serializer[Any]):
    """A partition: total = queued + sending + sent + failed + skipped + cancelled + unknown;
    delivered, read and replied are parts of sent."""

    total = serializers.IntegerField()
    queued = serializers.IntegerField()
    sending = serializers.IntegerField()
    sent = serializers.IntegerField()
    delivered = serializers.IntegerField()
    read = serializers.IntegerField()
    replied = serializers.IntegerField()
    failed = serializers.IntegerField()
    skipped = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    unknown = serializers.IntegerField()


class CampaignVariableSerializer(serializers.Serializer[Any]):
    """What fills a variable: `{"value"}`, or `{"field", "fallback"?}`."""

    value = serializers.CharField(required=False, max_length=500)
    field = serializers.CharField(
        required=False,
        max_length=80,
        help_text="name, first_name, phone, email or attribute:<key>.",
    )
    fallback = serializers.CharField(required=False, allow_blank=True, max_length=500)


class CampaignReasonSerializer(serializers.Serializer[Any]):
    """Why, in words, and what to do."""

    code = serializers.CharField()
    sentence = serializers.CharField()
    advice = serializers.CharField()


class CampaignSerializer(serializers.Serializer[Any]):
    """A campaign; a single one carries exact counts, a list those of its last progress."""

    id = PublicIdField("cmp")
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=CampaignState.choices)
    state_reason = serializers.SerializerMethodField()
    connection = PublicIdField("cnx", source="connection_id")
    template = PublicIdField("tpl", source="template_id")
    variables = serializers.DictField(child=CampaignVariableSerializer())
    audience = serializers.SerializerMethodField()
    counts = serializers.SerializerMethodField()
    scheduled_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()

    @extend_schema_field(CountsSerializer)
    def get_counts(self, campaign: Campaign) -> dict[str, int]:
        if self.context.get("exact"):
            return selectors.counts(campaign)
        return selectors.kept_counts(campaign)

    @extend_schema_field(CampaignReasonSerializer(allow_null=True))
    def get_state_reason(self, campaign: Campaign) -> dict[str, str] | None:
        return _shown(selectors.state_reason(campaign))

    def get_audience(self, campaign: Campaign) -> dict[str, Any]:
        return _public_audience(campaign.audience)


class CampaignWriteSerializer(serializers.Serializer[Any]):
    """What a draft is made of."""

    name = serializers.CharField(max_length=120)
    connection = PublicIdField("cnx", required=False)
    connections = serializers.ListField(
        child=PublicIdField("cnx"), required=False, min_length=1, max_length=1
    )
    template = PublicIdField("tpl")
    variables = serializers.DictField(
        child=CampaignVariableSerializer(), required=False, default=dict
    )
    audience = serializers.DictField()
    scheduled_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class PreflightSerializer(serializers.Serializer[Any]):
    """What would happen if it started now."""

    total = serializers.IntegerField()
    sendable = serializers.IntegerField()
    skipped = serializers.SerializerMethodField()
    finishes_at = serializers.DateTimeField(allow_null=True)
    sample = serializers.DictField(allow_null=True)

    def get_skipped(self, preflight: Any) -> list[dict[str, Any]]:
        provider = self.context["provider"]
        return [
            {**(_shown(reasons.explain(code, provider=provider)) or {}), "count": count}
            for code, count in preflight.skipped.items()
        ]


class RecipientSerializer(serializers.Serializer[Any]):
    """A message of a campaign: to whom, where it stands, and why."""

    id = PublicIdField("msg")
    contact = PublicIdField("con", source="contact_id")
    address = serializers.CharField()
    state = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()
    external_id = serializers.CharField(allow_null=True)
    sent_at = serializers.DateTimeField(source="accepted_at")
    delivered_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField()
    replied_at = serializers.DateTimeField()
    failed_at = serializers.DateTimeField()

    @extend_schema_field(serializers.ChoiceField(choices=PublicState.choices))
    def get_state(self, message: Message) -> str | None:
        return public_state(message)

    @extend_schema_field(CampaignReasonSerializer(allow_null=True))
    def get_reason(self, message: Message) -> dict[str, str] | None:
        if not message.code:
            return None
        return _shown(reasons.explain(message.code, provider=self.context["provider"]))


def _shown(reason: reasons.Reason | None) -> dict[str, str] | None:
    if reason is None:
        return None
    return {
        "code": reason.code,
        "sentence": str(reason.sentence),
        "advice": str(reason.advice),
    }


def _public_audience(audience: Audience) -> dict[str, Any]:
    prefixes = {"tags": "tag", "exclude_tags": "tag", "contacts": "con"}
    shown: dict[str, Any] = dict(audience)
    for name, prefix in prefixes.items():
        if name in shown:
            shown[name] = [ids.encode(prefix, UUID(value)) for value in shown[name]]
    if "import" in shown:
        shown["import"] = ids.encode("imp", UUID(shown["import"]))
    return shown
