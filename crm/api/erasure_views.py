"""`/api/v1/contacts/{id}/erase/` and `/api/v1/erasures/`."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.fields import PublicIdField
from core.api.views import CompanyViewSet
from core.errors import Invalid
from crm.enums import ErasureReason
from crm.erasures import Erasure
from crm.models import Contact
from crm.public_ids import CONTACT
from crm.services import erasing
from team.selectors import member_of


class ErasureSerializer(serializers.Serializer[Erasure]):
    """A person who was erased, without name or number. `running` goes on in the background."""

    id = PublicIdField("era")
    contact = PublicIdField("con", source="contact_id")
    reason = serializers.CharField()
    state = serializers.CharField()
    requested_by = PublicIdField("mem", source="requested_by_id", allow_null=True)
    requested_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    counts = serializers.DictField(
        child=serializers.IntegerField(), help_text="Rows by kind, `crm.Identity.contact` for one."
    )


class ErasureRequestSerializer(serializers.Serializer[Any]):
    """Why, and the contact's id once more, since it cannot be undone."""

    reason = serializers.ChoiceField(choices=ErasureReason.choices)
    confirm = serializers.CharField(help_text="The id of the contact.")


class ContactErasureViewSet(CompanyViewSet):
    """Erasing a person."""

    id_prefix = "con"
    serializer_class = ErasureSerializer
    permissions = {"create": "contacts.erase"}

    def get_queryset(self) -> QuerySet[Contact]:
        return Contact.objects.all()  # deleted ones too: the person has a right to it

    @extend_schema(
        operation_id="contacts_erase",
        summary="Erase a person",
        description="For good. Name and addresses are gone at once, everything else in the "
        "background; what stays names nobody. No import, form or program brings the person back; "
        "their own message begins a new contact. 409 `contact_erased`, `contact_merged`.",
        request=ErasureRequestSerializer,
        responses={201: ErasureSerializer},
    )
    def create(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        contact = self.get_object()
        wanted = ErasureRequestSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        if wanted.validated_data["confirm"] != CONTACT.encode(contact.pk):
            raise Invalid({"confirm": _("Give the id of this contact.")})
        made = erasing.erase(
            contact=contact,
            reason=wanted.validated_data["reason"],
            by=member_of(request),
            actor=self.actor,
        )
        return Response(ErasureSerializer(made).data, status=201)


class ErasureViewSet(CompanyViewSet):
    """Certificates of erasures."""

    id_prefix = "era"
    serializer_class = ErasureSerializer
    cursor_ordering = "-requested_at"
    permissions = {"list": "contacts.erase", "retrieve": "contacts.erase"}

    def get_queryset(self) -> QuerySet[Erasure]:
        return Erasure.objects.defer("subject")

    @extend_schema(summary="List erasures", description="Newest first.")
    def list(self, request: Request) -> Response:
        page: Any = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(ErasureSerializer(page, many=True).data)

    @extend_schema(summary="Get an erasure")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002
        return Response(ErasureSerializer(self.get_object()).data)
