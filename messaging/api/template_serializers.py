"""Templates as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.api.fields import PublicIdField
from messaging.enums import TemplateCategory, TemplateStatus
from messaging.languages import LANGUAGES
from messaging.models import Template
from messaging.template_drafts import (
    COPY_CODE,
    PHONE_NUMBER,
    QUICK_REPLY,
    URL,
    Button,
    Draft,
)
from messaging.template_reasons import reason_of

WRITABLE = [choice for choice in TemplateCategory.choices if choice[0] != "AUTHENTICATION"]


class TemplateVariableSerializer(serializers.Serializer[Any]):
    """A value that each message needs, by the name that sends and campaigns use."""

    name = serializers.CharField(max_length=64)
    example = serializers.CharField(max_length=500, allow_blank=True, default="")
    fallback = serializers.CharField(
        max_length=500,
        allow_blank=True,
        default="",
        help_text=_("Used when a contact has nothing there."),
    )
    where = serializers.CharField(
        read_only=True, default="body", help_text=_("header, body or button:<index>")
    )
    type = serializers.CharField(
        read_only=True,
        default="text",
        help_text=_("text, image, video, document, location or code"),
    )


class ButtonSerializer(serializers.Serializer[Any]):
    """A button; a web address may end in {{1}}, whose value is the variable button_<n>."""

    type = serializers.ChoiceField([QUICK_REPLY, URL, PHONE_NUMBER, COPY_CODE])
    text = serializers.CharField(required=False, allow_blank=True, default="")
    url = serializers.CharField(required=False, allow_blank=True, default="")
    phone_number = serializers.CharField(required=False, allow_blank=True, default="")


class TemplateSerializer(serializers.ModelSerializer[Template]):
    """A template in one language, with the variables that it needs."""

    id = PublicIdField("tpl", read_only=True)
    connection = PublicIdField("cnx", source="connection_id", read_only=True)
    status = serializers.ChoiceField(TemplateStatus.choices, read_only=True)
    category = serializers.ChoiceField(TemplateCategory.choices, read_only=True)
    reason = serializers.SerializerMethodField(help_text=_("Why it was rejected or paused."))
    variables = TemplateVariableSerializer(many=True, read_only=True)
    components = serializers.JSONField(
        read_only=True, help_text=_("The parts in the provider's shape.")
    )

    class Meta:
        model = Template
        fields = (
            "id",
            "connection",
            "account_id",
            "external_id",
            "name",
            "language",
            "category",
            "status",
            "reason",
            "quality",
            "parameter_format",
            "variables",
            "components",
            "synced_at",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields

    def get_reason(self, template: Template) -> str:
        return str(reason_of(template.reason))


class TemplateWriteSerializer(serializers.Serializer[Any]):
    """A template as people write it. Fields that are left out of a change stay as they are."""

    name = serializers.CharField(max_length=512)
    language = serializers.ChoiceField(sorted(LANGUAGES), default="pt_BR")
    category = serializers.ChoiceField(WRITABLE)
    header = serializers.CharField(allow_blank=True, default="")
    body = serializers.CharField(trim_whitespace=True)
    footer = serializers.CharField(allow_blank=True, default="")
    buttons = ButtonSerializer(many=True, default=list)
    variables = TemplateVariableSerializer(many=True, default=list)

    def draft(self, before: Draft | None = None) -> Draft:
        """The draft these data make, over the one that was there before."""
        data = self.validated_data
        texts = ("name", "language", "category", "header", "body", "footer")
        merged = {name: data.get(name, getattr(before, name, "")) for name in texts}
        variables = data.get("variables") or []
        examples = dict(before.examples) if before else {}
        fallbacks = dict(before.fallbacks) if before else {}
        for one in variables:  # in a change, what is left out stays
            name = one["name"]
            examples[name] = one.get("example") or examples.get(name, "")
            fallbacks[name] = one.get("fallback", fallbacks.get(name, ""))
        buttons = before.buttons if before and "buttons" not in data else _buttons(data)
        return Draft(**merged, buttons=buttons, examples=examples, fallbacks=fallbacks)


class TemplateCreateSerializer(TemplateWriteSerializer):
    """A new template."""

    connection = PublicIdField("cnx")
    submit = serializers.BooleanField(
        default=True, help_text=_("Send it for review at once; false keeps it as a draft.")
    )


class SyncedSerializer(serializers.Serializer[Any]):
    """What a reading of the provider's templates found."""

    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    removed = serializers.IntegerField()
    total = serializers.IntegerField()


class SyncSerializer(serializers.Serializer[Any]):
    """Whose templates to read: those of one connection's account, or of all."""

    connection = PublicIdField("cnx", required=False)


def _buttons(data: dict[str, Any]) -> list[Button]:
    return [
        Button(
            one.get("type", ""),
            one.get("text", ""),
            one.get("url") or one.get("phone_number") or "",
        )
        for one in data.get("buttons") or []
    ]
