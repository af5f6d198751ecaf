"""What programs say and read about the work on conversations."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from conversations.enums import Priority
from conversations.models import CannedReply, Label
from conversations.services.bulk import ACTIONS, MOST
from conversations.services.canned import SHORTCUT_LENGTH
from conversations.services.notes import MAX_LENGTH as NOTE_LENGTH
from core.api.fields import PublicIdField
from crm.services.tags import MAX_LENGTH as LABEL_LENGTH
from messaging.bodies import TEXT_LIMIT
from team.enums import TeamColor


class SnoozeSerializer(serializers.Serializer[Any]):
    """Until when."""

    until = serializers.DateTimeField()


class AssignSerializer(serializers.Serializer[Any]):
    """To whom; a `team` that is left out stays."""

    member = PublicIdField("mem", allow_null=True)
    team = PublicIdField("tea", allow_null=True, required=False)
    note = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=NOTE_LENGTH
    )


class PrioritySerializer(serializers.Serializer[Any]):
    """How soon somebody should look at it."""

    priority = serializers.ChoiceField(choices=Priority.choices)


class LabelsSerializer(serializers.Serializer[Any]):
    """Which to put on and which to take off."""

    add = serializers.ListField(child=PublicIdField("lbl"), required=False, default=list)
    remove = serializers.ListField(child=PublicIdField("lbl"), required=False, default=list)


class NoteSerializer(serializers.Serializer[Any]):
    """A note of the team."""

    text = serializers.CharField(max_length=NOTE_LENGTH)
    mentions = serializers.ListField(child=PublicIdField("mem"), required=False, default=list)


class BulkSerializer(serializers.Serializer[Any]):
    """Which conversations, and what to do with each."""

    conversations = serializers.ListField(
        child=PublicIdField("cnv"), allow_empty=False, max_length=MOST
    )
    action = serializers.ChoiceField(choices=sorted(ACTIONS))
    member = PublicIdField("mem", required=False, allow_null=True, default=None)
    team = PublicIdField("tea", required=False, allow_null=True, default=None)
    label = PublicIdField("lbl", required=False, allow_null=True, default=None)  # type: ignore[assignment]
    until = serializers.DateTimeField(required=False, allow_null=True, default=None)
    priority = serializers.ChoiceField(choices=Priority.choices, required=False, default="")
    asks_rating = serializers.BooleanField(
        required=False,
        allow_null=True,
        default=None,
        help_text="For `resolve`: whether customers are asked for a rating; null: as your inbox "
        "does with many.",
    )


class RefusalSerializer(serializers.Serializer[Any]):
    """One that stayed as it was, and why."""

    conversation = PublicIdField("cnv", source="conversation_id")
    reason = serializers.CharField()


class OutcomeSerializer(serializers.Serializer[Any]):
    """What became of them."""

    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField(help_text="They were so already.")
    refused = RefusalSerializer(many=True)


class LabelSerializer(serializers.ModelSerializer[Label]):
    """A label."""

    id = PublicIdField("lbl", read_only=True)
    name = serializers.CharField(max_length=LABEL_LENGTH)
    color = serializers.ChoiceField(choices=TeamColor.choices, required=False, default="gray")

    class Meta:
        model = Label
        fields = ("id", "name", "color", "created_at")
        read_only_fields = ("created_at",)


class CannedReplySerializer(serializers.ModelSerializer[CannedReply]):
    """A text that is written often, for everybody or one member's own (`owner`)."""

    id = PublicIdField("can", read_only=True)
    shortcut = serializers.CharField(max_length=SHORTCUT_LENGTH)
    text = serializers.CharField(max_length=TEXT_LIMIT)
    owner = PublicIdField("mem", source="owner_id", read_only=True, allow_null=True)

    class Meta:
        model = CannedReply
        fields = ("id", "shortcut", "text", "owner", "created_at")
        read_only_fields = ("created_at",)
