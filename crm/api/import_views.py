"""`/api/v1/contacts/import/` and `/api/v1/imports/`."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import CompanyAPIView, CompanyViewSet
from core.errors import NotFound
from crm.api.serializers import ImportSerializer, ImportStartSerializer
from crm.enums import ImportState
from crm.imports import mapping as columns
from crm.imports import report
from crm.models import Import
from crm.services import imports
from team.selectors import member_of


class ContactImportView(CompanyAPIView):
    """Contacts from a file, at once."""

    parser_classes = (MultiPartParser,)
    permissions = {"post": "contacts.import"}

    @extend_schema(
        operation_id="contacts_import",
        summary="Import contacts from an XLSX or CSV file",
        description="Starts at once, unless `dry_run` is true. Contacts that exist are updated, "
        "those that occur twice count once; every refused row is in the report with its reason. "
        "A file with the titles of an earlier one is mapped as that was.",
        request={"multipart/form-data": ImportStartSerializer},
        responses={202: ImportSerializer},
    )
    def post(self, request: Request) -> Response:
        wanted = ImportStartSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        data = wanted.validated_data
        mapping = columns.read_json(data["mapping"]) if data["mapping"] else None
        batch = imports.create_import(
            file=data["file"], filename=data["file"].name, by=member_of(request)
        )
        verb = imports.check_import if data["dry_run"] else imports.start_import
        batch = verb(
            batch=batch,
            mapping=mapping,
            tags=data["tags"],
            opt_in_source=data["opt_in_source"],
            match_by=data["match_by"],
        )
        return Response(ImportSerializer(batch, context={"request": request}).data, status=202)


class ImportViewSet(CompanyViewSet):
    """Imports and what became of them."""

    id_prefix = "imp"
    serializer_class = ImportSerializer
    permissions = {
        "list": "contacts.import",
        "retrieve": "contacts.import",
        "start": "contacts.import",
        "errors": "contacts.import",
    }

    def get_queryset(self) -> QuerySet[Import]:
        return Import.objects.filter(~Q(state=ImportState.DRAFT) | ~Q(forecast={}))

    @extend_schema(summary="List imports")
    def list(self, request: Request) -> Response:
        page: Any = self.paginate_queryset(self.get_queryset()) or []
        shown = ImportSerializer(page, many=True, context={"request": request})
        return self.get_paginated_response(shown.data)

    @extend_schema(summary="Get an import")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        return Response(ImportSerializer(self.get_object(), context={"request": request}).data)

    @extend_schema(
        summary="Import what a dry run counted",
        description="With the columns and options of the dry run.",
        request=None,
        responses={202: ImportSerializer},
    )
    def start(self, request: Request, id: str) -> Response:  # noqa: A002
        batch = imports.start_checked(batch=self.get_object())
        return Response(ImportSerializer(batch, context={"request": request}).data, status=202)

    @extend_schema(
        summary="Download the refused rows",
        responses={(200, "text/csv"): OpenApiTypes.BINARY},
    )
    def errors(self, request: Request, id: str) -> HttpResponse:  # noqa: A002
        batch = self.get_object()
        if not batch.rejected:
            raise NotFound
        return report.response(batch)
