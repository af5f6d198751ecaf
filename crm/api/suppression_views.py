"""`/api/v1/suppressions/`: numbers that must not be written to."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import CompanyAPIView, CompanyViewSet
from crm import selectors
from crm.api.serializers import ImportSerializer
from crm.api.suppression_serializers import (
    BulkOutcomeSerializer,
    SuppressionBulkSerializer,
    SuppressionCreateSerializer,
    SuppressionImportSerializer,
    SuppressionSerializer,
)
from crm.models import Suppression
from crm.services import suppression_lists, suppressions
from team.selectors import member_of


class SuppressionViewSet(CompanyViewSet):
    """Numbers that must not be written to, whoever imports them again."""

    id_prefix = "sup"
    serializer_class = SuppressionSerializer
    permissions = {
        "list": "suppressions.view",
        "retrieve": "suppressions.view",
        "create": "suppressions.edit",
        "destroy": "suppressions.edit",
        "bulk": "suppressions.edit",
    }

    def get_queryset(self) -> QuerySet[Suppression]:
        return Suppression.objects.all()

    @extend_schema(
        summary="List suppressions",
        description="Newest first. `address` finds the lines of one number in any spelling: an "
        "empty list says that it may be written to as far as this list goes.",
        parameters=[OpenApiParameter("address", str), OpenApiParameter("reason", str)],
    )
    def list(self, request: Request) -> Response:
        found = selectors.suppression_list(
            q=request.query_params.get("address", ""),
            reason=request.query_params.get("reason", ""),
        )
        page: Any = self.paginate_queryset(found) or []
        return self.get_paginated_response(SuppressionSerializer(page, many=True).data)

    @extend_schema(summary="Get a suppression")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        return Response(SuppressionSerializer(self.get_object()).data)

    @extend_schema(
        summary="Suppress a number",
        description="200 with the line that is there when the number is on the list already.",
        request=SuppressionCreateSerializer,
        responses={200: SuppressionSerializer, 201: SuppressionSerializer},
    )
    def create(self, request: Request) -> Response:
        wanted = SuppressionCreateSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        line, is_new = suppressions.add_suppression(
            **wanted.validated_data, by=member_of(request), actor=self.actor
        )
        return Response(SuppressionSerializer(line).data, status=201 if is_new else 200)

    @extend_schema(
        summary="Remove a suppression",
        description="Only what was added by hand, by a program or by a list: 409 "
        "`suppression_stays` for what the person or the provider said.",
        parameters=[OpenApiParameter("why", str)],
        responses={204: None},
    )
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002
        suppressions.remove_suppression(
            suppression=self.get_object(),
            why=request.query_params.get("why") or _("Removed by a program"),
            actor=self.actor,
        )
        return Response(status=204)

    @extend_schema(
        summary="Suppress many numbers",
        request=SuppressionBulkSerializer,
        responses={200: BulkOutcomeSerializer},
    )
    def bulk(self, request: Request) -> Response:
        wanted = SuppressionBulkSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        outcome = suppressions.add_many(**wanted.validated_data, by=member_of(request))
        return Response(BulkOutcomeSerializer(outcome).data)


class SuppressionImportView(CompanyAPIView):
    """A list from a file, in the background."""

    parser_classes = (MultiPartParser,)
    permissions = {"post": "suppressions.edit"}

    @extend_schema(
        operation_id="suppressions_import",
        summary="Import a suppression list",
        description="Starts at once; ask `/imports/{id}/` how far it is. `created` counts numbers "
        "that are new on the list, `updated` those that were on it.",
        request={"multipart/form-data": SuppressionImportSerializer},
        responses={202: ImportSerializer},
    )
    def post(self, request: Request) -> Response:
        wanted = SuppressionImportSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        data = wanted.validated_data
        batch = suppression_lists.import_suppressions(
            file=data["file"],
            filename=data["file"].name,
            channels=[data["channel"]],
            purpose=data["purpose"],
            note=data["note"],
            by=member_of(request),
        )
        return Response(ImportSerializer(batch, context={"request": request}).data, status=202)
