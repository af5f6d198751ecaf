"""`/api/v1/segments/`: saved audiences."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import CompanyViewSet
from crm.api.serializers import CountedSegmentSerializer, SegmentSerializer
from crm.models import Segment
from crm.services import segments
from team.selectors import member_of

EXAMPLE = OpenApiExample(
    "VIPs of São Paulo whom nobody serves now",
    value={
        "name": "VIP 11",
        "audience": {
            "join": "all",
            "include": [
                {"kind": "tag", "op": "any_of", "value": ["VIP"]},
                {"kind": "area_code", "op": "any_of", "value": ["11"]},
            ],
            "exclude": [{"kind": "in_service", "op": "is"}],
        },
    },
    request_only=True,
)


class SegmentViewSet(CompanyViewSet):
    """Audiences with a name: who fits is found anew each time."""

    id_prefix = "seg"
    serializer_class = SegmentSerializer
    permissions = {
        "list": "segments.view",
        "retrieve": "segments.view",
        "create": "segments.edit",
        "partial_update": "segments.edit",
        "destroy": "segments.edit",
    }

    def get_queryset(self) -> QuerySet[Segment]:
        return Segment.objects.all()

    @extend_schema(summary="List saved audiences")
    def list(self, request: Request) -> Response:
        page: Any = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(SegmentSerializer(page, many=True).data)

    @extend_schema(
        summary="Get a saved audience",
        description="With `count`: how many contacts fit now.",
        responses=CountedSegmentSerializer,
    )
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        return Response(CountedSegmentSerializer(self.get_object()).data)

    @extend_schema(
        summary="Save an audience",
        examples=[EXAMPLE],
        responses={201: CountedSegmentSerializer},
    )
    def create(self, request: Request) -> Response:
        wanted = SegmentSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        segment = segments.create_segment(**wanted.validated_data, by=member_of(request))
        return Response(CountedSegmentSerializer(segment).data, status=201)

    @extend_schema(summary="Change a saved audience", responses=CountedSegmentSerializer)
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        wanted = SegmentSerializer(data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        segment = segments.update_segment(segment=self.get_object(), **wanted.validated_data)
        return Response(CountedSegmentSerializer(segment).data)

    @extend_schema(
        summary="Delete a saved audience",
        description="409 `segment_in_use` while a campaign or another audience needs it.",
        responses={204: None},
    )
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002
        segments.delete_segment(segment=self.get_object())
        return Response(status=204)
