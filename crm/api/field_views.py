"""`/api/v1/fields/`: the company's own fields of contacts."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.fields import PublicIdField
from core.api.views import CompanyViewSet
from crm.enums import FieldKind
from crm.models import FieldDefinition
from crm.services import fields


class FieldSerializer(serializers.Serializer[FieldDefinition]):
    """A field: the key of a contact's `attributes`, its kind, and the choices of kind `choice`."""

    id = PublicIdField("fld", read_only=True)
    key = serializers.CharField(
        max_length=60, required=False, help_text="Made from the label when left out."
    )
    label = serializers.CharField(max_length=80)  # type: ignore[assignment]
    kind = serializers.ChoiceField(choices=FieldKind.choices)
    choices = serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, max_length=100
    )
    created_at = serializers.DateTimeField(read_only=True)


class FieldChangeSerializer(serializers.Serializer[Any]):
    """What may be changed; key and kind stay."""

    label = serializers.CharField(max_length=80, required=False)  # type: ignore[assignment]
    choices = serializers.ListField(
        child=serializers.CharField(max_length=100), required=False, max_length=100
    )


class FieldViewSet(CompanyViewSet):
    """The kinds of a company's own fields; contacts' `attributes` are read by them."""

    id_prefix = "fld"
    serializer_class = FieldSerializer
    permissions = {
        "list": "fields.view",
        "retrieve": "fields.view",
        "create": "fields.edit",
        "partial_update": "fields.edit",
        "destroy": "fields.edit",
    }

    def get_queryset(self) -> QuerySet[FieldDefinition]:
        return FieldDefinition.objects.filter(archived_at=None)

    @extend_schema(summary="List contact fields")
    def list(self, request: Request) -> Response:
        page: Any = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(FieldSerializer(page, many=True).data)

    @extend_schema(summary="Get a contact field")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        return Response(FieldSerializer(self.get_object()).data)

    @extend_schema(
        summary="Define a contact field",
        description="From now on values of its key are checked wherever they are written; what "
        "contacts have already stays. The kind cannot be changed later.",
        responses={201: FieldSerializer},
    )
    def create(self, request: Request) -> Response:
        wanted = FieldSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        definition = fields.create_field(**wanted.validated_data)
        return Response(FieldSerializer(definition).data, status=201)

    @extend_schema(
        summary="Change a contact field",
        request=FieldChangeSerializer,
        responses=FieldSerializer,
    )
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        wanted = FieldChangeSerializer(data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        definition = fields.update_field(definition=self.get_object(), **wanted.validated_data)
        return Response(FieldSerializer(definition).data)

    @extend_schema(
        summary="Put a contact field away",
        description="Contacts keep what they have, as free text.",
        responses={204: None},
    )
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002
        fields.archive_field(definition=self.get_object())
        return Response(status=204)
