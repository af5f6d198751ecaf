"""Contacts, tags and imports as programs see them (api.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from core.api.fields import AnyCaseChoiceField, PublicIdField
from crm import audiences
from crm.enums import (
    Channel,
    ConsentAction,
    IdentityKind,
    ImportKind,
    ImportState,
    MatchBy,
    Purpose,
    UndoState,
)
from crm.models import Consent, Contact, Import, ImportUndo, Segment, Tag
from crm.selectors import shown_identity
from crm.services.contacts import OptIn
from crm.services.tags import COLORS


class OptInSerializer(serializers.Serializer[Any]):
    """Where and when somebody agreed to be written to."""

    source = serializers.CharField(max_length=120)  # type: ignore[assignment]
    at = serializers.DateTimeField(required=False)
    channel = AnyCaseChoiceField(choices=Channel.choices, default=Channel.WHATSAPP)
    purpose = serializers.ChoiceField(choices=Purpose.choices, default=Purpose.MARKETING)
    text = serializers.CharField(required=False, default="", allow_blank=True)
    text_version = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=32
    )

    def to_internal_value(self, data: Any) -> OptIn:
        return OptIn(**super().to_internal_value(data))


class OptOutSerializer(serializers.Serializer[Any]):
    """Where somebody said that they want no more."""

    source = serializers.CharField(max_length=120)  # type: ignore[assignment]
    channel = AnyCaseChoiceField(choices=Channel.choices, default=Channel.WHATSAPP)
    purpose = serializers.ChoiceField(choices=Purpose.choices, default=Purpose.MARKETING)


class ConsentSerializer(serializers.Serializer[Consent]):
    """A line of the ledger: what was said, where, when, and to which sentence."""

    action = serializers.ChoiceField(
        choices=ConsentAction.choices,
        help_text="`undone`: the undo of an import took its opt-in back. Never sent.",
    )
    channel = AnyCaseChoiceField(choices=Channel.choices, default=Channel.WHATSAPP)
    purpose = serializers.ChoiceField(choices=Purpose.choices, default=Purpose.MARKETING)
    source = serializers.CharField(max_length=120)  # type: ignore[assignment]
    at = serializers.DateTimeField(required=False)
    text = serializers.CharField(
        required=False, default="", allow_blank=True, help_text="The sentence they agreed to."
    )
    text_version = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=32,
        help_text="Which edition of the sentence, such as 2026-03.",
    )
    recorded_at = serializers.DateTimeField(read_only=True)


class ContactSerializer(serializers.Serializer[Contact]):
    """A contact; the context's `consent` is `crm.selectors.consent_state` of those shown."""

    id = PublicIdField("con")
    name = serializers.CharField()
    phone = serializers.SerializerMethodField()
    email = serializers.SerializerMethodField()
    external_id = serializers.SerializerMethodField()
    wa_id = serializers.SerializerMethodField()
    tags = serializers.SerializerMethodField()
    attributes = serializers.DictField()
    language = serializers.CharField()
    timezone = serializers.CharField()
    opted_in = serializers.SerializerMethodField(
        help_text="To marketing by WhatsApp: true, false, or null when nothing is on record."
    )
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_phone(self, contact: Contact) -> str:
        return shown_identity(contact, IdentityKind.PHONE)

    def get_email(self, contact: Contact) -> str:
        return shown_identity(contact, IdentityKind.EMAIL)

    def get_external_id(self, contact: Contact) -> str:
        return shown_identity(contact, IdentityKind.EXTERNAL)

    def get_wa_id(self, contact: Contact) -> str:
        return shown_identity(contact, IdentityKind.WA_ID)

    def get_tags(self, contact: Contact) -> list[str]:
        return [tag.name for tag in contact.tags.all()]

    def get_opted_in(self, contact: Contact) -> bool | None:
        state: bool | None = self.context["consent"].get(contact.pk)
        return state


class ContactWriteSerializer(serializers.Serializer[Any]):
    """What may be written; fields that are left out of a PATCH stay as they are."""

    name = serializers.CharField(required=False, allow_blank=True, max_length=200)
    phone = serializers.CharField(
        required=False, allow_blank=True, max_length=60, help_text="In any spelling; E.164 is best."
    )
    email = serializers.CharField(required=False, allow_blank=True, max_length=254)
    external_id = serializers.CharField(required=False, allow_blank=True, max_length=254)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=50
    )
    attributes = serializers.DictField(
        required=False, help_text="Merged by key; null takes a key away."
    )
    language = serializers.CharField(required=False, allow_blank=True, max_length=8)


class ContactCreateSerializer(ContactWriteSerializer):
    """A new contact, with the consent it comes with."""

    opt_in = OptInSerializer(required=False, allow_null=True)


class TagSerializer(serializers.ModelSerializer[Tag]):
    """A tag and how many contacts have it."""

    id = PublicIdField("tag", read_only=True)
    color = serializers.ChoiceField(choices=COLORS, required=False)
    contact_count = serializers.IntegerField(read_only=True, default=0)

    class Meta:
        model = Tag
        fields = ("id", "name", "color", "contact_count", "created_at")
        read_only_fields = ("created_at",)


class SegmentSerializer(serializers.Serializer[Segment]):
    """A saved audience; `count` only where one is shown."""

    id = PublicIdField("seg", read_only=True)
    name = serializers.CharField(max_length=80)
    audience = serializers.JSONField(
        help_text="As campaigns take it: a short form, or rules in `include` and `exclude`."
    )
    created_at = serializers.DateTimeField(read_only=True)
    updated_at = serializers.DateTimeField(read_only=True)


class CountedSegmentSerializer(SegmentSerializer):
    """A saved audience with how many contacts fit now."""

    count = serializers.SerializerMethodField()

    def get_count(self, segment: Segment) -> int:
        return audiences.count(segment.audience)


class TagListField(serializers.ListField):
    """Tags of a multipart form: repeated, separated by commas, or a JSON list."""

    child = serializers.CharField(max_length=60)

    def get_value(self, dictionary: Any) -> Any:
        values = (
            dictionary.getlist(self.field_name)
            if hasattr(dictionary, "getlist")
            else dictionary.get(self.field_name, [])
        )
        return [name for value in values for name in _names(value)]


def _names(value: Any) -> list[str]:
    text = str(value).strip()
    if text.startswith("["):
        try:
            return [str(name) for name in json.loads(text)]
        except ValueError:
            return [text]
    return [name.strip() for name in text.split(",") if name.strip()]


class ImportStartSerializer(serializers.Serializer[Any]):
    """A file of contacts, and what to do with it."""

    file = serializers.FileField(
        help_text="XLSX (its first sheet), or CSV in any encoding and delimiter; up to 100 MB."
    )
    tags = TagListField(required=False, default=list)
    opt_in_source = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=120,
        help_text="Where these people agreed to marketing; recorded as consent for each. With a "
        "column for `consent` (yes or no), for those with a yes; a no is recorded as an opt-out.",
    )
    match_by = serializers.ChoiceField(
        choices=MatchBy.choices,
        default=MatchBy.PHONE,
        help_text="What contacts that exist are found by: they are updated, others created.",
    )
    dry_run = serializers.BooleanField(
        default=False,
        help_text="Count what would happen and write nothing: see `forecast`, then `start`.",
    )
    mapping = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        help_text='JSON object of column title or index to target, such as {"Nome": "name"}. '
        "Guessed from the titles when left out.",
    )


class ImportUndoRequestSerializer(serializers.Serializer[Any]):
    """Whether an undo is counted only."""

    dry_run = serializers.BooleanField(
        default=False, help_text="Count what would happen and write nothing."
    )


class ImportUndoSerializer(serializers.Serializer[ImportUndo]):
    """How far the undo of an import is; the counts are rows, each counted once."""

    state = serializers.ChoiceField(choices=UndoState.choices)
    taken_out = serializers.SerializerMethodField(help_text="Contacts that it created, deleted.")
    given_back = serializers.SerializerMethodField(
        help_text="Contacts that have again what it changed."
    )
    unchanged = serializers.SerializerMethodField(help_text="Nothing was left to take back.")
    kept = serializers.SerializerMethodField(
        help_text="All or a part stays, since somebody built on it: see `kept_url`."
    )
    kept_url = serializers.SerializerMethodField(
        help_text="These rows as CSV, each with its reason; null before the end."
    )
    requested_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_taken_out(self, undo: ImportUndo) -> int:
        return int(undo.counts.get("taken_out", 0))

    def get_given_back(self, undo: ImportUndo) -> int:
        return int(undo.counts.get("given_back", 0))

    def get_unchanged(self, undo: ImportUndo) -> int:
        return int(undo.counts.get("unchanged", 0))

    def get_kept(self, undo: ImportUndo) -> int:
        return int(undo.counts.get("kept", 0))

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_kept_url(self, undo: ImportUndo) -> str | None:
        if undo.state != UndoState.DONE:
            return None
        name = PublicIdField("imp").to_representation(undo.batch_id)
        url: str = reverse("api-import-kept", args=[name], request=self.context.get("request"))
        return url


class ImportSerializer(serializers.Serializer[Import]):
    """How far an import is; `total` is `created` + `updated` + `rejected` once it is done."""

    id = PublicIdField("imp")
    kind = serializers.ChoiceField(choices=ImportKind.choices)
    state = serializers.ChoiceField(choices=ImportState.choices)
    filename = serializers.CharField()
    total = serializers.IntegerField()
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    rejected = serializers.IntegerField()
    error = serializers.CharField(help_text="Why the file as a whole failed, else empty.")
    mapping = serializers.SerializerMethodField()
    match_by = serializers.ChoiceField(choices=MatchBy.choices)
    forecast = serializers.DictField(
        help_text="Of a dry run: `state` (pending, done, failed), rows that would be `created`, "
        "`updated`, `unchanged`, `rejected`, the last by `reasons`, and by `notes` those that "
        "would come in without what another contact has. Else empty."
    )
    errors_url = serializers.SerializerMethodField(
        help_text="The refused rows as CSV, each with its reason; null without any."
    )
    undo_until = serializers.DateTimeField(
        allow_null=True, help_text="Until when it can be undone; null when it cannot."
    )
    undo = serializers.SerializerMethodField(help_text="Null while nobody asked for it.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(ImportUndoSerializer(allow_null=True))
    def get_undo(self, batch: Import) -> Any:
        undo = getattr(batch, "undone", None)
        return ImportUndoSerializer(undo, context=self.context).data if undo else None

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_mapping(self, batch: Import) -> Mapping[str, str]:
        return {batch.header[int(column)]: target for column, target in batch.mapping.items()}

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_errors_url(self, batch: Import) -> str | None:
        if not batch.rejected:
            return None
        name = PublicIdField("imp").to_representation(batch.pk)
        url: str = reverse("api-import-errors", args=[name], request=self.context.get("request"))
        return url
