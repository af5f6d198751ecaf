"""Endpoints and deliveries as programs see them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import PublicIdField
from webhooks.endpoints.enums import Cause, DispatchState, EndpointOrigin, EndpointState, Failure
from webhooks.endpoints.models import Endpoint
from webhooks.endpoints.outgoing import EVENT

ENDPOINT, DELIVERY = "end", "dlv"


class EndpointSerializer(serializers.Serializer[Endpoint]):
    """An address that hears of events. The values of its own headers are never told."""

    id = PublicIdField(ENDPOINT)
    name = serializers.CharField()
    url = serializers.CharField()
    wants_all = serializers.BooleanField()
    types = serializers.ListField(child=serializers.CharField())
    header_names = serializers.SerializerMethodField()
    state = serializers.ChoiceField(choices=EndpointState.choices)
    cause = serializers.ChoiceField(choices=Cause.choices, allow_blank=True)
    origin = serializers.ChoiceField(choices=EndpointOrigin.choices)
    failing_since = serializers.DateTimeField(allow_null=True)
    failures = serializers.IntegerField(help_text="In a row.")
    last_attempt_at = serializers.DateTimeField(allow_null=True)
    last_status = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_header_names(self, endpoint: Endpoint) -> list[str]:
        return sorted(endpoint.headers)


class EndpointWithSecretSerializer(EndpointSerializer):
    """With the secret of its signatures, told this once."""

    secret = serializers.CharField()


class EndpointWriteSerializer(serializers.Serializer[Any]):
    """What an endpoint is to be."""

    name = serializers.CharField(max_length=80, required=False, allow_blank=True)
    url = serializers.CharField(max_length=2000)
    wants_all = serializers.BooleanField(required=False, help_text="All types, also new ones.")
    types = serializers.ListField(child=serializers.CharField(max_length=64), required=False)
    headers = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)


class SecretSerializer(serializers.Serializer[Any]):
    """A new secret, told this once; the former one signs beside it for 24 hours."""

    secret = serializers.CharField()


class ActivateSerializer(serializers.Serializer[Any]):
    """Whether what was held back is sent, too."""

    send_held = serializers.BooleanField(required=False, default=False)


class EventTypeChoiceSerializer(serializers.Serializer[Any]):
    """A type of the catalogue."""

    type = serializers.CharField(max_length=64)


class AttemptSerializer(serializers.Serializer[Any]):
    """One request and its answer; secrets are masked."""

    number = serializers.IntegerField()
    at = serializers.DateTimeField()
    milliseconds = serializers.IntegerField()
    status = serializers.IntegerField(allow_null=True)
    failure = serializers.ChoiceField(choices=Failure.choices, allow_blank=True)
    request_headers = serializers.DictField(child=serializers.CharField())
    response_headers = serializers.DictField(child=serializers.CharField())
    response_body = serializers.CharField(help_text="Its first 4 KiB.")


class DeliverySerializer(serializers.Serializer[Any]):
    """An event on its way to an endpoint."""

    id = PublicIdField(DELIVERY)
    endpoint = PublicIdField(ENDPOINT, source="endpoint_id")
    event = PublicIdField(EVENT.prefix, source="event_id")
    type = serializers.CharField(source="event.type")
    state = serializers.ChoiceField(choices=DispatchState.choices)
    attempts = serializers.IntegerField()
    next_at = serializers.SerializerMethodField()
    last_status = serializers.IntegerField(allow_null=True)
    failure = serializers.ChoiceField(choices=Failure.choices, allow_blank=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_next_at(self, dispatch: Any) -> Any:
        return dispatch.due_at if dispatch.state == DispatchState.WAITING else None


class DeliveryDetailSerializer(DeliverySerializer):
    """With what is sent, and every attempt."""

    body = serializers.CharField(source="event.body")
    tries = AttemptSerializer(many=True, source="newest_tries")


class RedriveWriteSerializer(serializers.Serializer[Any]):
    """Which undelivered events; all of them if nothing is named."""

    endpoint = PublicIdField(ENDPOINT, required=False, allow_null=True)
    type = serializers.CharField(max_length=64, required=False, allow_blank=True)
    state = serializers.ChoiceField(
        choices=[DispatchState.DEAD.value, DispatchState.HELD.value], required=False
    )


class EventTypeSerializer(serializers.Serializer[Any]):
    """A type of event: what it is called, says and looks like."""

    name = serializers.CharField()
    group = serializers.CharField()
    description = serializers.CharField()
    version = serializers.IntegerField()
    schema = serializers.DictField(help_text="JSON Schema (2020-12) of the whole body.")
    sample = serializers.DictField()


class HookWriteSerializer(serializers.Serializer[Any]):
    """Where to, and which type of event."""

    target_url = serializers.CharField(max_length=2000)
    event = serializers.CharField(max_length=64)


class HookSerializer(serializers.Serializer[Any]):
    """A subscription; its id ends it."""

    id = PublicIdField(ENDPOINT, source="pk")
    target_url = serializers.CharField(source="url")
    event = serializers.SerializerMethodField()

    def get_event(self, endpoint: Endpoint) -> str:
        return endpoint.types[0]
