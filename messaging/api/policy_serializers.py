"""What `/api/v1/sending-policy/` and `/messages/{id}/why/` show and take."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from messaging.models import SendingPolicy
from messaging.services.policies import FIELDS
from messaging.why import Why


class SendingPolicySerializer(serializers.ModelSerializer[SendingPolicy]):
    """The sending rules; `windows` is checked by the service."""

    windows = serializers.DictField(
        child=serializers.DictField(),
        required=False,
        help_text=_('By purpose: {"days": [0, 1], "from": "09:00", "to": "20:00"}.'),
    )

    class Meta:
        model = SendingPolicy
        fields = (*FIELDS, "updated_at")
        read_only_fields = ("updated_at",)


class RuleSerializer(serializers.Serializer[Any]):
    """One rule that was asked."""

    rule = serializers.CharField()
    meaning = serializers.CharField(
        source="label", help_text="What is true of messages that it lets pass."
    )
    passed = serializers.BooleanField()
    code = serializers.CharField(help_text="Empty when it passed.")
    sentence = serializers.CharField()


class WhySerializer(serializers.Serializer[Any]):
    """The answer to “Why was this not sent?”."""

    state = serializers.CharField()
    code = serializers.CharField(help_text="A reason's code; empty when nothing is against it.")
    sentence = serializers.CharField()
    advice = serializers.CharField()
    until = serializers.DateTimeField(
        allow_null=True, help_text="When it is looked at again, by itself."
    )
    inputs = serializers.SerializerMethodField(help_text="What the rule saw.")
    rules = RuleSerializer(many=True, source="steps")
    next = serializers.SerializerMethodField(help_text="The page to do something about it.")

    def get_next(self, answer: Why) -> str | None:
        return answer.next.path(self.context["company"]) if answer.next else None

    def get_inputs(self, answer: Why) -> dict[str, Any]:
        trace = self.context["trace"] or {}
        return trace.get("inputs", {}) if trace.get("code") == answer.code else {}
