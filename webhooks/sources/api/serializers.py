"""Sources and received posts as programs see them (docs/api.md)."""

from __future__ import annotations

import base64
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import PublicIdField
from webhooks.sources import selectors, trace
from webhooks.sources.enums import Outcome, ReceivedState, Scheme, SourceState
from webhooks.sources.models import Received, Source
from webhooks.sources.presets import PRESETS


class SourceSerializer(serializers.Serializer[Any]):
    """An address of the company that a system posts to; its secret is never shown again."""

    id = PublicIdField("src")
    name = serializers.CharField()
    preset = serializers.ChoiceField(choices=list(PRESETS))
    state = serializers.ChoiceField(choices=SourceState.choices)
    url = serializers.SerializerMethodField()
    scheme = serializers.ChoiceField(choices=Scheme.choices)
    has_secret = serializers.BooleanField()
    mapping = serializers.DictField()
    creates_contacts = serializers.BooleanField()
    tags = serializers.ListField(child=serializers.CharField())
    gives_opt_in = serializers.BooleanField()
    opt_in_source = serializers.CharField()
    last_received_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()

    def get_url(self, source: Source) -> str:
        return selectors.address(source)


class SourceCreatedSerializer(SourceSerializer):
    """A new source, with the secret that was made for it: this once."""

    secret = serializers.CharField(allow_blank=True)


class SourceWriteSerializer(serializers.Serializer[Any]):
    """What may be changed; `state` switches it on and off."""

    name = serializers.CharField(max_length=80)
    state = serializers.ChoiceField(choices=SourceState.choices, required=False)
    mapping = serializers.DictField(required=False)
    creates_contacts = serializers.BooleanField(required=False)
    tags = serializers.ListField(child=serializers.CharField(max_length=60), required=False)
    gives_opt_in = serializers.BooleanField(required=False)
    opt_in_source = serializers.CharField(max_length=120, required=False, allow_blank=True)
    credentials = serializers.DictField(
        child=serializers.CharField(max_length=500), required=False, write_only=True
    )


class SourceCreateSerializer(serializers.Serializer[Any]):
    """A new source. Where the preset leaves it open, `scheme` says how it proves itself."""

    name = serializers.CharField(max_length=80)
    preset = serializers.ChoiceField(choices=list(PRESETS))
    scheme = serializers.ChoiceField(choices=Scheme.choices, required=False, default="")
    settings = serializers.DictField(
        child=serializers.CharField(max_length=80, allow_blank=True), required=False, default=dict
    )
    secret = serializers.CharField(
        max_length=500, required=False, default="", allow_blank=True, write_only=True
    )
    credentials = serializers.DictField(
        child=serializers.CharField(max_length=500), required=False, default=dict, write_only=True
    )


class SourceSecretSerializer(serializers.Serializer[Any]):
    """The vendor's secret; without one it is made here and answered once."""

    secret = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class TryMappingSerializer(serializers.Serializer[Any]):
    """A mapping (else the source's own) and the data of a post (else its newest one)."""

    mapping = serializers.DictField(required=False)
    data = serializers.JSONField(required=False)  # type: ignore[assignment]


class TriedSerializer(serializers.Serializer[Any]):
    """What the data would say, thing by thing; nothing was kept or told."""

    results = serializers.ListField(child=serializers.DictField())


class RereadSerializer(serializers.Serializer[Any]):
    """How many posts are read again."""

    count = serializers.IntegerField()


class ReceivedSerializer(serializers.Serializer[Any]):
    """A post, without what it says."""

    id = PublicIdField("rcv")
    source = PublicIdField("src", source="source_id")  # type: ignore[assignment]
    state = serializers.ChoiceField(choices=ReceivedState.choices)
    outcome = serializers.ChoiceField(choices=Outcome.choices, allow_blank=True)
    kind = serializers.CharField(allow_blank=True)
    content_type = serializers.CharField(allow_blank=True)
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    attempts = serializers.IntegerField()
    error = serializers.CharField(allow_blank=True)
    received_at = serializers.DateTimeField()
    processed_at = serializers.DateTimeField(allow_null=True)


class ReceivedPostSerializer(ReceivedSerializer):
    """A post with its bytes (base64), what they say and what was done."""

    body = serializers.SerializerMethodField()
    data = serializers.JSONField(allow_null=True)  # type: ignore[assignment]
    unreadable = serializers.CharField(allow_blank=True)
    trace = serializers.SerializerMethodField()
    events = serializers.SerializerMethodField()

    def get_body(self, post: Received) -> str:
        return base64.b64encode(bytes(post.raw)).decode()

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_trace(self, post: Received) -> list[str]:
        return [line.text for line in trace.lines(post.trace)]

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_events(self, post: Received) -> list[dict[str, Any]]:
        return [
            {
                "type": told.kind,
                "id": str(told.event_uid),
                "contact": None if told.contact_id is None else _contact(told.contact_id),
            }
            for told in selectors.told_by(post)
        ]


def _contact(contact_id: Any) -> str:
    return PublicIdField("con").to_representation(contact_id)
