"""`/api/v1/duplicates/`: contacts that may be one person."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.fields import PublicIdField
from core.api.views import CompanyViewSet
from core.errors import Invalid, InvalidId
from crm.api.merge_views import MergeSerializer
from crm.enums import Likeness, SuggestionState
from crm.models import MergeSuggestion
from crm.public_ids import CONTACT
from crm.querysets import SuggestionQuerySet
from crm.services import suggestions
from team.selectors import member_of

NAMES = {one.name.lower(): one for one in Likeness}


class DuplicateSerializer(serializers.Serializer[MergeSuggestion]):
    """Two contacts, and why they may be one person."""

    id = PublicIdField("dup")
    contacts = serializers.SerializerMethodField(help_text="The older one first.")
    likeness = serializers.SerializerMethodField(help_text="certain, likely or possible.")
    evidence = serializers.ListField(
        child=serializers.CharField(),
        help_text="phone, mailbox, cpf, external_id, name_and_digits, name_and_mail, "
        "name_and_date, name_and_field.",
    )
    state = serializers.ChoiceField(choices=SuggestionState.choices)
    found_at = serializers.DateTimeField()

    def get_contacts(self, row: MergeSuggestion) -> list[str]:
        return [CONTACT.encode(row.first_id), CONTACT.encode(row.second_id)]

    def get_likeness(self, row: MergeSuggestion) -> str:
        return Likeness(row.likeness).name.lower()


class DuplicateMergeSerializer(serializers.Serializer[Any]):
    """Which of the two stays."""

    keep = serializers.CharField(
        required=False, default="", help_text="Id of the contact that stays; the older one if none."
    )


class DuplicateViewSet(CompanyViewSet):
    """Contacts that may be one person, until somebody decided."""

    id_prefix = "dup"
    cursor_ordering = "-found_at"
    serializer_class = DuplicateSerializer
    permissions = {
        "list": "contacts.view",
        "dismiss": "contacts.delete",
        "merge": "contacts.delete",
    }

    def get_queryset(self) -> SuggestionQuerySet:
        return MergeSuggestion.objects.all()

    @extend_schema(
        operation_id="duplicates_list",
        summary="List contacts that may be one person",
        description="Pairs that nobody decided about, newest first.",
        parameters=[OpenApiParameter("likeness", str, enum=list(NAMES))],
        responses=DuplicateSerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        rows = self.get_queryset().open()
        wanted = request.query_params.get("likeness", "")
        if wanted:
            if wanted not in NAMES:
                known = ", ".join(NAMES)
                raise Invalid({"likeness": _("Choose one of: %(known)s.") % {"known": known}})
            rows = rows.filter(likeness=NAMES[wanted])
        page: Any = self.paginate_queryset(rows) or []
        return self.get_paginated_response(DuplicateSerializer(page, many=True).data)

    @extend_schema(
        operation_id="duplicates_dismiss",
        summary="Say that they are two people",
        description="The pair is never suggested again. 409 when somebody decided already.",
        request=None,
        responses=DuplicateSerializer,
    )
    def dismiss(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        row = self.get_object()
        suggestions.dismiss(suggestion=row, by=member_of(request), actor=self.actor)
        row.refresh_from_db()
        return Response(DuplicateSerializer(row).data)

    @extend_schema(
        operation_id="duplicates_merge",
        summary="Make one contact of the two",
        description="As `contacts/{id}/merge/`, and undone like it.",
        request=DuplicateMergeSerializer,
        responses={201: MergeSerializer},
    )
    def merge(self, request: Request, id: str) -> Response:  # noqa: A002
        wanted = DuplicateMergeSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        made = suggestions.merge(
            suggestion=self.get_object(),
            keep=_contact_id(wanted.validated_data["keep"]),
            by=member_of(request),
            actor=self.actor,
        )
        return Response(MergeSerializer(made).data, status=201)


def _contact_id(text: str) -> Any:
    if not text:
        return None
    try:
        return CONTACT.decode(text)
    except InvalidId:
        raise Invalid({"keep": _("Choose one of the two contacts.")}) from None
