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
from core.errors import Invalid, InvalidId
from core.files_serve import serve
from crm.enums import ExportFormat, ExportState
from crm.models import ContactExport, ContactList, Segment, Tag
from crm.public_ids import CONTACTS_EXPORT, LIST, SEGMENT
from crm.selectors import tags_named
from crm.services import exports
from crm.views.contact_filters import Filters
from team.selectors import member_of
from tenants.links import platform_path


class ContactsExportWriteSerializer(serializers.Serializer[Any]):
    """Which contacts, which columns, and as what."""

    format = serializers.ChoiceField(choices=ExportFormat.choices, default=ExportFormat.CSV)
    columns = serializers.ListField(
        child=serializers.CharField(max_length=80),
        required=False,
        default=list,
        max_length=200,
        help_text="Such as `name`, `phone`, `attribute:cidade`; all when left out.",
    )
    q = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, default=list, max_length=50
    )
    segment = serializers.CharField(required=False, default="", allow_blank=True)
    list = serializers.CharField(required=False, default="", allow_blank=True)

    @property
    def filters(self) -> Filters:
        """As the list of contacts has them.

        Raises:
            core.errors.Invalid: one names what is not there.
        """
        data = self.validated_data
        segment, on_list = data["segment"], data["list"]
        return Filters(
            q=data["q"].strip(),
            tags=tuple(Tag.objects.filter(pk__in=tags_named(data["tags"]))),
            segment=_found("segment", Segment.objects.all(), SEGMENT, segment),
            on_list=_found("list", ContactList.objects.all(), LIST, on_list),
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


def _found(field: str, rows: QuerySet[Any], kind: Any, text: str) -> Any:
    """The row behind a public id; None without one."""
    if not text:
        return None
    try:
        found = rows.filter(pk=kind.decode(text)).first()
    except InvalidId as error:
        raise Invalid({field: error.text}) from None
    if found is None:
        raise Invalid({field: exports.FILTER_GONE})
    return found
