"""Conversations and their messages as programs see them (api.md)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from connections.selectors import provider_of
from conversations.enums import AwaitedReply, ConversationStatus, Priority
from conversations.lines import reason_of
from conversations.models import Conversation
from core import ids
from core.api.fields import AnyCaseChoiceField, PublicIdField
from crm.enums import Channel, IdentityKind
from crm.selectors import shown_identity
from messaging.enums import Direction, MediaState, MessageKind, Origin, PublicState
from messaging.models import Media, Message
from messaging.plain import gist_of
from messaging.selectors import public_state


class MessageReasonSerializer(serializers.Serializer[Any]):
    """Why, in words, and what to do."""

    code = serializers.CharField()
    sentence = serializers.CharField()
    advice = serializers.CharField()


class MediaSerializer(serializers.Serializer[Media]):
    """A file; `url` is null until it is here (`state` ready) and needs the caller's credentials."""

    id = PublicIdField("med")
    kind = serializers.ChoiceField(choices=MessageKind.choices)
    state = serializers.ChoiceField(choices=MediaState.choices)
    mime = serializers.CharField()
    filename = serializers.CharField()
    size = serializers.IntegerField(help_text="In bytes.")
    voice = serializers.BooleanField(
        source="is_voice", help_text="Recorded here, and sent as a voice note."
    )
    url = serializers.SerializerMethodField()

    def get_url(self, media: Media) -> str | None:
        if media.state != MediaState.READY:
            return None
        return reverse(
            "api-media-item",
            args=[ids.encode("med", media.pk)],
            request=self.context.get("request"),
        )


class MessageTemplateSerializer(serializers.Serializer[Any]):
    """The template that a message was made of."""

    id = PublicIdField("tpl")
    name = serializers.CharField()
    language = serializers.CharField()


class AuthorSerializer(serializers.Serializer[Any]):
    """The member who wrote it."""

    id = PublicIdField("mem")
    name = serializers.CharField()


class MessageSerializer(serializers.Serializer[Message]):
    """A message of a thread, received or sent."""

    id = PublicIdField("msg")
    contact = PublicIdField("con", source="contact_id")
    connection = PublicIdField("cnx", source="connection_id")
    channel = serializers.SerializerMethodField()
    direction = serializers.ChoiceField(choices=Direction.choices)
    kind = serializers.ChoiceField(choices=MessageKind.choices)
    origin = serializers.ChoiceField(choices=Origin.choices)
    text = serializers.SerializerMethodField(
        help_text="What it says: the text, the caption or the body of the template."
    )
    content = serializers.DictField(help_text="By kind: see the guide.")
    template = MessageTemplateSerializer(allow_null=True)
    media = MediaSerializer(allow_null=True)
    author = AuthorSerializer(allow_null=True)
    reply_to = PublicIdField("msg", source="reply_to_id", allow_null=True)
    state = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()
    at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(source="accepted_at", allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    read_at = serializers.DateTimeField(allow_null=True)
    failed_at = serializers.DateTimeField(allow_null=True)
    segments = serializers.IntegerField(allow_null=True, help_text="Parts of an SMS.")

    @extend_schema_field(serializers.ChoiceField(choices=Channel.choices))
    def get_channel(self, message: Message) -> str:
        return provider_of(message.connection).channel

    def get_text(self, message: Message) -> str:
        return gist_of(message.content)

    @extend_schema_field(serializers.ChoiceField(choices=PublicState.choices, allow_null=True))
    def get_state(self, message: Message) -> str | None:
        return public_state(message)

    @extend_schema_field(MessageReasonSerializer(allow_null=True))
    def get_reason(self, message: Message) -> dict[str, str] | None:
        reason = reason_of(message, public_state(message) or "", message.connection.provider)
        if reason is None:
            return None
        return {
            "code": reason.code,
            "sentence": str(reason.sentence),
            "advice": str(reason.advice),
        }


class ConversationContactSerializer(serializers.Serializer[Any]):
    """Whom it is with."""

    id = PublicIdField("con")
    name = serializers.CharField()
    phone = serializers.SerializerMethodField()

    def get_phone(self, contact: Any) -> str:
        return shown_identity(contact, IdentityKind.PHONE)


class LastMessageSerializer(serializers.Serializer[Message]):
    """The message that a list shows."""

    id = PublicIdField("msg")
    direction = serializers.ChoiceField(choices=Direction.choices)
    kind = serializers.ChoiceField(choices=MessageKind.choices)
    text = serializers.SerializerMethodField()

    def get_text(self, message: Message) -> str:
        return gist_of(message.content)


class LabelNameSerializer(serializers.Serializer[Any]):
    """A label that is on it."""

    id = PublicIdField("lbl")
    name = serializers.CharField()


class ConversationSerializer(serializers.Serializer[Conversation]):
    """The work around one contact at one number of yours."""

    channel = serializers.SerializerMethodField()

    id = PublicIdField("cnv")
    status = serializers.ChoiceField(choices=ConversationStatus.choices)
    contact = ConversationContactSerializer()
    connection = PublicIdField("cnx", source="thread.connection_id")
    address = serializers.CharField(source="thread.address")
    assignee = PublicIdField("mem", source="assignee_id", allow_null=True)
    team = PublicIdField("tea", source="team_id", allow_null=True)
    snoozed_until = serializers.DateTimeField(
        allow_null=True, help_text="While it is snoozed; it comes back by itself then."
    )
    priority = serializers.ChoiceField(choices=Priority.choices)
    labels = LabelNameSerializer(many=True, source="labels.all")
    unread_count = serializers.IntegerField()
    last_message = LastMessageSerializer(allow_null=True)
    last_message_at = serializers.DateTimeField()
    waiting_since = serializers.DateTimeField(allow_null=True)
    awaited_reply = serializers.ChoiceField(
        choices=AwaitedReply.choices,
        help_text="Whether your next answer is the first one since the contact wrote anew.",
    )
    reply_due_at = serializers.DateTimeField(
        allow_null=True, help_text="Until then an answer is promised; null: none is waited for."
    )
    sla_breached_at = serializers.DateTimeField(
        allow_null=True, help_text="When that time passed without an answer."
    )
    first_replied_at = serializers.DateTimeField(
        allow_null=True, help_text="The first answer since the contact wrote anew."
    )
    window_until = serializers.DateTimeField(
        source="thread.window_until",
        allow_null=True,
        help_text="Until then you may write freely; after it only a template goes out.",
    )
    created_at = serializers.DateTimeField()

    @extend_schema_field(serializers.ChoiceField(choices=Channel.choices))
    def get_channel(self, conversation: Conversation) -> str:
        return provider_of(conversation.thread.connection).channel


class LocationSerializer(serializers.Serializer[Any]):
    """A place."""

    latitude = serializers.FloatField(min_value=-90, max_value=90)
    longitude = serializers.FloatField(min_value=-180, max_value=180)
    name = serializers.CharField(required=False, default="", max_length=200)
    address = serializers.CharField(required=False, default="", max_length=300)


class CardPhoneSerializer(serializers.Serializer[Any]):
    """A phone of a contact card."""

    phone = serializers.CharField(max_length=40)
    type = serializers.CharField(required=False, max_length=20)


class CardSerializer(serializers.Serializer[Any]):
    """A contact card."""

    name = serializers.CharField(max_length=120)
    phones = CardPhoneSerializer(many=True, allow_empty=False)


class ReactionSerializer(serializers.Serializer[Any]):
    """An emoji on a message of the thread; an empty one takes it back."""

    message = PublicIdField("msg")
    emoji = serializers.CharField(allow_blank=True, max_length=16)


@extend_schema_field({"type": "object", "additionalProperties": True})
class VariablesField(serializers.JSONField):
    """Values by name or in order, each a text as any other: nothing the database cannot hold."""

    def to_internal_value(self, data: Any) -> Any:
        given = super().to_internal_value(data)
        if not isinstance(given, dict | list):
            self.fail("invalid")
        pairs = given.items() if isinstance(given, dict) else enumerate(given)
        text = serializers.CharField(allow_blank=True, trim_whitespace=False)
        for name, value in pairs:
            for part in (name, *(value.values() if isinstance(value, dict) else (value,))):
                text.run_validation(str(part))
        return given


class ContentSerializer(serializers.Serializer[Any]):
    """One of `text`, `template`, `media`, `location` and `contacts`."""

    text = serializers.CharField(required=False, max_length=4096)
    template = serializers.CharField(
        required=False, max_length=512, help_text="Its id, or its name."
    )
    language = serializers.CharField(
        required=False, default="", max_length=16, help_text="Of a template given by name."
    )
    variables = VariablesField(
        required=False,
        default=dict,
        help_text='By name: `"Ana"`, or `{"field": "first_name", "fallback": "cliente"}`; or a '
        "list of values in the order of the placeholders.",
    )
    media = PublicIdField("med", required=False)
    caption = serializers.CharField(required=False, default="", max_length=1024, allow_blank=True)
    location = LocationSerializer(required=False)
    contacts = CardSerializer(many=True, required=False, allow_empty=False)


class MessageWriteSerializer(ContentSerializer):
    """An answer: any content, or a `reaction`."""

    reaction = ReactionSerializer(required=False)
    reply_to = PublicIdField("msg", required=False, allow_null=True, default=None)


class MessageSendSerializer(ContentSerializer):
    """A message to anybody on any channel."""

    to = serializers.CharField(
        required=False, max_length=40, help_text="A phone number; its contact is made if new."
    )
    contact = PublicIdField("con", required=False)
    channel = AnyCaseChoiceField(
        choices=Channel.choices,
        required=False,
        help_text="In any case; the first of your numbers on it sends. WhatsApp if you leave it "
        "out.",
    )
    connection = PublicIdField("cnx", required=False)
    at_least_once = serializers.BooleanField(
        default=False,
        help_text="Rather twice than never, when nobody knows whether it left. For templates of "
        "the categories utility and authentication.",
    )
