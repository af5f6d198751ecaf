"""`/api/v1/ratings/`: what customers said of the service."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.models import Rating
from core.api.fields import PublicIdField
from core.api.views import CompanyViewSet


class RatingSerializer(serializers.Serializer[Rating]):
    """How a customer was served, from 1 (very bad) to 5 (very good)."""

    id = PublicIdField("rat")
    conversation = PublicIdField("cnv", source="conversation_id")
    contact = PublicIdField("con", source="contact_id")
    agent = PublicIdField("mem", source="member_id", allow_null=True)
    team = PublicIdField("tea", source="team_id", allow_null=True)
    score = serializers.IntegerField(min_value=1, max_value=5)
    comment = serializers.CharField(allow_blank=True)
    asked_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField()


class AskedSerializer(serializers.Serializer[Any]):
    """What narrows the list."""

    agent = PublicIdField("mem", required=False)
    team = PublicIdField("tea", required=False)
    score = serializers.IntegerField(min_value=1, max_value=5, required=False)
    answered_after = serializers.DateTimeField(required=False)
    answered_before = serializers.DateTimeField(required=False)


_COLUMNS = {
    "agent": "member_id",
    "team": "team_id",
    "score": "score",
    "answered_after": "answered_at__gte",
    "answered_before": "answered_at__lt",
}


class RatingViewSet(CompanyViewSet):
    """Answers of customers; questions that nobody answered are not there."""

    id_prefix = "rat"
    cursor_ordering = "-answered_at"
    serializer_class = RatingSerializer
    permissions: ClassVar[dict[str, str]] = {"list": "ratings.view"}

    def get_queryset(self) -> QuerySet[Rating]:
        return Rating.objects.filter(score__isnull=False)

    @extend_schema(
        tags=["ratings"],
        summary="List ratings, the latest first",
        parameters=[
            OpenApiParameter("agent", str),
            OpenApiParameter("team", str),
            OpenApiParameter("score", int),
            OpenApiParameter("answered_after", str, description="ISO 8601; included."),
            OpenApiParameter("answered_before", str, description="ISO 8601; not included."),
        ],
    )
    def list(self, request: Request) -> Response:
        asked = AskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        chosen = {_COLUMNS[name]: value for name, value in asked.validated_data.items()}
        page: Any = self.paginate_queryset(self.get_queryset().filter(**chosen)) or []
        return self.get_paginated_response(RatingSerializer(page, many=True).data)
