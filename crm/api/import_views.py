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
from crm.api.serializers import (
    ImportSerializer,
    ImportStartSerializer,
    ImportUndoRequestSerializer,
)
from crm.enums import ImportState
from crm.imports import mapping as columns
from crm.imports import report, undo_report
from crm.models import Import
from crm.services import import_undos, imports
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
        "undo": "contacts.import",
        "kept": "contacts.import",
    }

    def get_queryset(self) -> QuerySet[Import]:
        rows = Import.objects.select_related("undone")
        return rows.filter(~Q(state=ImportState.DRAFT) | ~Q(forecast={}))

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

    @extend_schema(
        operation_id="imports_undo",
        summary="Undo an import",
        description="For 30 days. Contacts that it created and nobody used since are deleted, "
        "others get back what it changed unless somebody changed that since. Runs in the "
        "background: see `undo`. 409 while another import or undo is under way, for a second "
        "undo, and afterwards.",
        request=ImportUndoRequestSerializer,
        responses={202: ImportSerializer},
    )
    def undo(self, request: Request, id: str) -> Response:  # noqa: A002
        batch = self.get_object()
        wanted = ImportUndoRequestSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        is_dry = wanted.validated_data["dry_run"]
        verb = import_undos.check_undo if is_dry else import_undos.start_undo
        verb(batch=batch, by=member_of(request))
        shown = ImportSerializer(self.get_object(), context={"request": request})
        return Response(shown.data, status=202)

    @extend_schema(
        operation_id="imports_kept",
        summary="Download the rows that an undo kept",
        responses={(200, "text/csv"): OpenApiTypes.BINARY},
    )
    def kept(self, request: Request, id: str) -> HttpResponse:  # noqa: A002
        batch = self.get_object()
        if getattr(batch, "undone", None) is None:
            raise NotFound
        return undo_report.response(batch)
