"""Campaigns and their recipients as programs see them (api.md)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from campaigns import selectors
from campaigns.enums import CampaignState, Metric, WinnerCode
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
    """What fills a variable: `{"value"}`, or `{"field", "fallback"?}`. Without a fallback, or with
    `skip_if_empty`, contacts that have nothing there are left out."""

    value = serializers.CharField(required=False, max_length=500)
    field = serializers.CharField(
        required=False,
        max_length=80,
        help_text="name, first_name, phone, email or attribute:<key>.",
    )
    fallback = serializers.CharField(required=False, allow_blank=True, max_length=500)
    skip_if_empty = serializers.BooleanField(required=False)


class CampaignVariantSerializer(serializers.Serializer[Any]):
    """One content of an A/B test; keys are given in order: A, B …"""

    key = serializers.CharField(read_only=True)
    template = PublicIdField("tpl")
    variables = serializers.DictField(
        child=CampaignVariableSerializer(), required=False, default=dict
    )
    weight = serializers.IntegerField(required=False, default=50, min_value=1, max_value=100)


class WinnerRuleSerializer(serializers.Serializer[Any]):
    """A sample tries the variants first; after so many minutes the rest gets the better one."""

    metric = serializers.ChoiceField(choices=Metric.choices)
    sample_percent = serializers.IntegerField(min_value=1, max_value=99)
    after_minutes = serializers.IntegerField(min_value=1)


class SendWindowSerializer(serializers.Serializer[Any]):
    """Hours in which it may be sent; Monday is 0, a `to` of 00:00 is the end of the day."""

    days = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=6))
    opens = serializers.RegexField(r"^\d\d:\d\d$")
    to = serializers.RegexField(r"^\d\d:\d\d$")

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python's."""
        fields = super().get_fields()
        return {"days": fields["days"], "from": fields["opens"], "to": fields["to"]}


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
    connection = PublicIdField("cnx", source="connection_id", allow_null=True)
    connections = serializers.SerializerMethodField()
    template = PublicIdField("tpl", source="template_id", allow_null=True)
    variables = serializers.DictField(child=CampaignVariableSerializer())
    media = PublicIdField("med", source="media_id", allow_null=True)
    variants = serializers.SerializerMethodField()
    winner_rule = serializers.SerializerMethodField()
    winner = serializers.CharField()
    winner_code = serializers.ChoiceField(choices=WinnerCode.choices, allow_blank=True)
    holdout_percent = serializers.IntegerField()
    tracks_links = serializers.BooleanField()
    audience = serializers.SerializerMethodField()
    counts = serializers.SerializerMethodField()
    window = serializers.SerializerMethodField()
    local_time = serializers.BooleanField()
    rate_per_minute = serializers.IntegerField(allow_null=True)
    budget = serializers.DecimalField(max_digits=20, decimal_places=6, allow_null=True)
    currency = serializers.CharField()
    cloned_from = PublicIdField("cmp", source="cloned_from_id", allow_null=True)
    resend_of = PublicIdField("cmp", source="resend_of_id", allow_null=True)
    scheduled_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    archived_at = serializers.DateTimeField()
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
        return shown_reason(selectors.state_reason(campaign))

    def get_audience(self, campaign: Campaign) -> dict[str, Any]:
        return _public_audience(campaign.audience)

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_connections(self, campaign: Campaign) -> list[str]:
        """All numbers that share the work; of a single one its own."""
        several = [row.pk for row in campaign.connections.all()]
        own = [campaign.connection_id] if campaign.connection_id else []
        return [ids.encode("cnx", pk) for pk in several or own]

    @extend_schema_field(CampaignVariantSerializer(many=True))
    def get_variants(self, campaign: Campaign) -> list[dict[str, Any]]:
        return [
            {**one, "template": ids.encode("tpl", UUID(one["template"]))}
            for one in campaign.variants
        ]

    @extend_schema_field(WinnerRuleSerializer(allow_null=True))
    def get_winner_rule(self, campaign: Campaign) -> dict[str, Any] | None:
        return campaign.winner_rule or None

    @extend_schema_field(SendWindowSerializer(allow_null=True))
    def get_window(self, campaign: Campaign) -> dict[str, Any] | None:
        return campaign.window or None


class CampaignWriteSerializer(serializers.Serializer[Any]):
    """What a draft is made of; a draft may lack everything but its name until it starts."""

    name = serializers.CharField(max_length=120)
    connection = PublicIdField("cnx", required=False)
    connections = serializers.ListField(
        child=PublicIdField("cnx"), required=False, min_length=1, max_length=20
    )
    template = PublicIdField("tpl", required=False)
    variables = serializers.DictField(child=CampaignVariableSerializer(), required=False)
    media = PublicIdField("med", required=False, allow_null=True)
    variants = CampaignVariantSerializer(many=True, required=False)
    winner_rule = WinnerRuleSerializer(required=False, allow_null=True)
    holdout_percent = serializers.IntegerField(required=False, min_value=0, max_value=50)
    tracks_links = serializers.BooleanField(required=False)
    audience = serializers.DictField(required=False)
    scheduled_at = serializers.DateTimeField(required=False, allow_null=True)
    window = SendWindowSerializer(required=False, allow_null=True)
    local_time = serializers.BooleanField(required=False)
    rate_per_minute = serializers.IntegerField(required=False, allow_null=True)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    budget = serializers.DecimalField(
        max_digits=20, decimal_places=6, required=False, allow_null=True
    )
    currency = serializers.CharField(required=False, allow_blank=True, max_length=3)


class RecipientSerializer(serializers.Serializer[Any]):
    """A message of a campaign: to whom, where it stands, and why."""

    id = PublicIdField("msg")
    contact = PublicIdField("con", source="contact_id")
    address = serializers.CharField()
    variant = serializers.CharField()
    state = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()
    external_id = serializers.CharField(allow_null=True)
    sent_at = serializers.DateTimeField(source="accepted_at")
    delivered_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField()
    replied_at = serializers.DateTimeField()
    clicked_at = serializers.DateTimeField()
    opted_out_at = serializers.DateTimeField()
    failed_at = serializers.DateTimeField()
    cost = serializers.DecimalField(max_digits=20, decimal_places=6, allow_null=True)
    currency = serializers.CharField()
    resend_of = PublicIdField("msg", source="resend_of_id", allow_null=True)

    @extend_schema_field(serializers.ChoiceField(choices=PublicState.choices))
    def get_state(self, message: Message) -> str | None:
        return public_state(message)

    @extend_schema_field(CampaignReasonSerializer(allow_null=True))
    def get_reason(self, message: Message) -> dict[str, str] | None:
        if not message.code:
            return None
        return shown_reason(reasons.explain(message.code, provider=self.context["provider"]))


def shown_reason(reason: reasons.Reason | None) -> dict[str, str] | None:
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
    for name, prefix in {"import": "imp", "segment": "seg"}.items():
        if name in shown:
            shown[name] = ids.encode(prefix, UUID(shown[name]))
    return shown
