"""Connections as the API shows and takes them; secrets go in and never come out."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from connections import registry
from connections.enums import ConnectionState, Quality
from connections.health import health_of
from connections.models import Connection
from connections.selectors import callback_url
from core.api.fields import PublicIdField


class ConnectionReasonSerializer(serializers.Serializer[Any]):
    """Why a connection is paused or stopped."""

    code = serializers.CharField()
    sentence = serializers.CharField()
    advice = serializers.CharField()
    detail = serializers.CharField(help_text=_("The provider's own words."))


class ConnectionSerializer(serializers.ModelSerializer[Connection]):
    """A number, its health and where its callbacks go."""

    id = PublicIdField("cnx", read_only=True)
    state = serializers.ChoiceField(ConnectionState.choices, read_only=True)
    quality = serializers.ChoiceField(Quality.choices, read_only=True)
    reason = serializers.SerializerMethodField()
    webhook_url = serializers.SerializerMethodField()
    receiving = serializers.SerializerMethodField(
        help_text=_("Whether the provider sends its callbacks to us.")
    )

    class Meta:
        model = Connection
        fields = (
            "id",
            "name",
            "provider",
            "external_id",
            "account_id",
            "display_number",
            "verified_name",
            "state",
            "reason",
            "paused_until",
            "quality",
            "tier",
            "rate_per_second",
            "webhook_url",
            "receiving",
            "token_expires_at",
            "checked_at",
            "last_inbound_at",
            "created_at",
        )
        read_only_fields = fields

    @extend_schema_field(ConnectionReasonSerializer(allow_null=True))
    def get_reason(self, connection: Connection) -> dict[str, str] | None:
        reason = health_of(connection).reason
        if reason is None:
            return None
        return {
            "code": connection.state_code,
            "sentence": str(reason.sentence),
            "advice": str(reason.advice),
            "detail": connection.state_detail,
        }

    def get_webhook_url(self, connection: Connection) -> str:
        return callback_url(connection)

    def get_receiving(self, connection: Connection) -> bool:
        return health_of(connection).callbacks_work


class CredentialsSerializer(serializers.Serializer[Any]):
    """Secrets by the name of the provider's fields; write-only."""

    token = serializers.CharField(required=False, write_only=True, trim_whitespace=True)
    app_secret = serializers.CharField(required=False, write_only=True)
    verify_token = serializers.CharField(required=False, write_only=True, max_length=120)


class ConnectionCreateSerializer(CredentialsSerializer):
    """What connects a number; each value is checked with the provider before it is saved."""

    provider = serializers.ChoiceField(
        choices=[(slug, slug) for slug in registry.slugs()], default=registry.slugs()[0]
    )
    name = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    number_id = serializers.CharField(max_length=128)
    account_id = serializers.CharField(max_length=128)


class ConnectionWriteSerializer(CredentialsSerializer):
    """What may change: the name, the speed, secrets, and whether it sends."""

    name = serializers.CharField(max_length=80, required=False)
    rate_per_second = serializers.IntegerField(
        min_value=1, max_value=1000, required=False, allow_null=True
    )
    paused = serializers.BooleanField(required=False)
