"""`/api/v1/contacts/exports/`: contacts as files."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.fields import PublicIdField
from core.api.views import CompanyViewSet
from core.files_serve import serve
from crm.api.filters import FilterSerializer
from crm.enums import ExportFormat, ExportState
from crm.models import ContactExport
from crm.public_ids import CONTACTS_EXPORT
from crm.services import exports
from team.selectors import member_of
from tenants.links import platform_path


class ContactsExportWriteSerializer(FilterSerializer):
    """Which contacts, which columns, and as what."""

    format = serializers.ChoiceField(choices=ExportFormat.choices, default=ExportFormat.CSV)
    columns = serializers.ListField(
        child=serializers.CharField(max_length=80),
        required=False,
        default=list,
        max_length=200,
        help_text="Such as `name`, `phone`, `attribute:cidade`; all when left out.",
    )


class ContactsExportSerializer(serializers.Serializer[ContactExport]):
    """A file of contacts; `url` when it is ready, for a day."""

    id = PublicIdField("cex")
    format = serializers.ChoiceField(choices=ExportFormat.choices)
    columns = serializers.ListField(child=serializers.CharField())
    state = serializers.ChoiceField(choices=ExportState.choices)
    rows = serializers.IntegerField(help_text="While it is being made: those written so far.")
    size = serializers.IntegerField(help_text="In bytes.")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    url = serializers.SerializerMethodField()

    def get_url(self, export: ContactExport) -> str | None:
        if export.state != ExportState.DONE:
            return None
        return platform_path("api-contacts-export-file", CONTACTS_EXPORT.encode(export.pk))


class ContactsExportViewSet(CompanyViewSet):
    """Contacts as CSV, XLSX or JSON lines, made in the background."""

    id_prefix = "cex"
    serializer_class = ContactsExportSerializer
    permissions = {
        "list": "contacts.export",
        "create": "contacts.export",
        "retrieve": "contacts.export",
        "file": "contacts.export",
    }

    def get_queryset(self) -> QuerySet[ContactExport]:
        return ContactExport.objects.kept()

    @extend_schema(summary="List files of contacts")
    def list(self, request: Request) -> Response:
        page: Any = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(ContactsExportSerializer(page, many=True).data)

    @extend_schema(
        summary="Have contacts written into a file",
        description="Made in the background; ask for it until its `state` is done. Kept a day.",
        request=ContactsExportWriteSerializer,
        responses={202: ContactsExportSerializer},
    )
    def create(self, request: Request) -> Response:
        wanted = ContactsExportWriteSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        made = exports.request_export(
            format=wanted.validated_data["format"],
            columns=wanted.validated_data["columns"],
            query=wanted.filters.query(),
            by=member_of(request),
            actor=self.actor,
        )
        return Response(ContactsExportSerializer(made).data, status=202)

    @extend_schema(summary="Get a file of contacts")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        return Response(ContactsExportSerializer(self.get_object()).data)

    @extend_schema(
        summary="Download a file of contacts", responses={(200, "text/csv"): OpenApiTypes.BINARY}
    )
    def file(self, request: Request, id: str) -> HttpResponseBase:  # noqa: A002
        stored = exports.opened(export_id=self.get_object().pk)
        return serve(stored, inline=False, request=request)
