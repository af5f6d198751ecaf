"""Templates as the API shows and takes them."""

from __future__ import annotations

from dataclasses import replace
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
    draft_in,
    is_writable,
)
from messaging.template_reasons import reason_of
from messaging.template_shapes import BadShape, components_in

_IDENTITY = ("name", "language", "category")
_PARTS = ("header", "body", "footer", "buttons")
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
            "channel",
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
    """A template as people write it, or its `components`. Fields that are left out of a change
    stay as they are."""

    name = serializers.CharField(max_length=512)
    language = serializers.ChoiceField(sorted(LANGUAGES), default="pt_BR")
    category = serializers.ChoiceField(WRITABLE)
    header = serializers.CharField(allow_blank=True, default="")
    body = serializers.CharField(trim_whitespace=True, required=False)
    footer = serializers.CharField(allow_blank=True, default="")
    buttons = ButtonSerializer(many=True, default=list)
    variables = TemplateVariableSerializer(many=True, default=list)
    components = serializers.JSONField(
        required=False,
        write_only=True,
        help_text=_("Instead of header, body, footer and buttons: the parts in Meta's shape."),
    )

    def validate_components(self, shape: Any) -> list[dict[str, Any]]:
        """Either shape, as components; those with files or forms are made elsewhere."""
        try:
            found = components_in(shape)
        except BadShape as error:
            message = _("Give a list of components, or an object with a body.")
            raise serializers.ValidationError(message, code="shape") from error
        if not is_writable(Template(components=found)):
            message = _("Parts with files, places or forms are made in WhatsApp Manager.")
            raise serializers.ValidationError(message, code="elsewhere")
        return found

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if not self.partial and not (data.get("body") or data.get("components")):
            message = _("Write the message.")
            raise serializers.ValidationError({"body": message}, code="required")
        return data

    def draft(self, before: Draft | None = None) -> Draft:
        """The draft these data make, over the one that was there before."""
        data = self.validated_data
        if "components" in data:
            known = before.fallbacks if before else {}
            read = draft_in(
                data["components"],
                **{name: data.get(name, getattr(before, name, "")) for name in _IDENTITY},
            )
            before = replace(read, fallbacks=known)
            data = {name: value for name, value in data.items() if name not in _PARTS}
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
