"""Integrations as the API shows and takes them; keys go in by pages alone and never come out."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import PublicIdField
from integrations.enums import (
    IntegrationState,
    NoteSight,
    PushKind,
    PushState,
    SyncState,
    SyncTrigger,
)
from integrations.models import Integration, Push, SyncRun
from integrations.preferences import INTERVALS, PUSHES, Preferences
from integrations.selectors import reason_of

# A field of the other system.
FIELD = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "label": {"type": "string"}},
}


class PreferencesSerializer(serializers.Serializer[Any]):
    """What is told to the other system."""

    pushes = serializers.ListField(
        child=serializers.ChoiceField(list(PUSHES)),
        required=False,
        help_text=_("Types of events that are told by themselves."),
    )
    note_sight = serializers.ChoiceField(NoteSight.choices, required=False)
    tags = serializers.BooleanField(required=False, help_text=_("Tags are followed in both ways."))
    mapping = serializers.DictField(
        child=serializers.CharField(max_length=64),
        required=False,
        help_text=_("Our field → the id of the other system's (`fields`)."),
    )


class IntegrationSerializer(serializers.ModelSerializer[Integration]):
    """Another system and how it is doing."""

    id = PublicIdField("int", read_only=True)
    state = serializers.ChoiceField(IntegrationState.choices, read_only=True)
    reason = serializers.SerializerMethodField(help_text=_("Why it stopped, in words."))
    preferences = serializers.SerializerMethodField()
    fields_there = serializers.SerializerMethodField()

    class Meta:
        model = Integration
        fields = (
            "id",
            "provider",
            "state",
            "reason",
            "account_name",
            "preferences",
            "fields_there",
            "interval_minutes",
            "next_sync_at",
            "connected_at",
            "created_at",
        )
        read_only_fields = fields

    def get_reason(self, integration: Integration) -> str:
        return reason_of(integration.state_code)

    @extend_schema_field(PreferencesSerializer)
    def get_preferences(self, integration: Integration) -> dict[str, Any]:
        return Preferences.of(integration.preferences).as_json()

    @extend_schema_field({"type": "array", "items": FIELD})
    def get_fields_there(self, integration: Integration) -> list[dict[str, str]]:
        return list(integration.config.get("fields", ()))


class IntegrationWriteSerializer(serializers.Serializer[Any]):
    """What may change."""

    preferences = PreferencesSerializer(required=False)
    interval_minutes = serializers.ChoiceField(list(INTERVALS), required=False)


class SyncRunSerializer(serializers.ModelSerializer[SyncRun]):
    """One reading."""

    id = PublicIdField("syn", read_only=True)
    state = serializers.ChoiceField(SyncState.choices, read_only=True)
    trigger = serializers.ChoiceField(SyncTrigger.choices, read_only=True)

    class Meta:
        model = SyncRun
        fields = (
            "id",
            "state",
            "trigger",
            "pages",
            "read",
            "created",
            "updated",
            "unchanged",
            "skipped",
            "error",
            "started_at",
            "finished_at",
        )
        read_only_fields = fields


class PushSerializer(serializers.ModelSerializer[Push]):
    """Something that is told to the other system."""

    id = PublicIdField("psh", read_only=True)
    kind = serializers.ChoiceField(PushKind.choices, read_only=True)
    state = serializers.ChoiceField(PushState.choices, read_only=True)
    contact_id = PublicIdField("con", read_only=True)
    reason = serializers.SerializerMethodField()

    class Meta:
        model = Push
        fields = (
            "id",
            "kind",
            "contact_id",
            "state",
            "reason",
            "code",
            "error",
            "attempts",
            "external_id",
            "due_at",
            "created_at",
            "finished_at",
        )
        read_only_fields = fields

    def get_reason(self, push: Push) -> str:
        return reason_of(push.code)


class RetriedSerializer(serializers.Serializer[Any]):
    """How many are sent again."""

    retried = serializers.IntegerField()
