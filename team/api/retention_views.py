"""`/api/v1/retention/`: how long a company keeps each kind of data."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import CompanyAPIView
from core.retention import COUNTED
from team.selectors import member_of
from team.services import retention


class RetentionSerializer(serializers.Serializer[Any]):
    """A kind of data; `days` null keeps it for ever."""

    kind = serializers.CharField(source="kind.code")
    days = serializers.IntegerField(allow_null=True)
    least = serializers.IntegerField(source="kind.least", help_text="Fewest days.")
    most = serializers.IntegerField(
        source="kind.most", allow_null=True, help_text="Most days; null also allows for ever."
    )
    changed_at = serializers.DateTimeField(source="rule.changed_at", default=None)


class RetentionWriteSerializer(serializers.Serializer[Any]):
    """Another period. `dry_run` counts what it would remove and changes nothing."""

    kind = serializers.CharField(max_length=24)
    days = serializers.IntegerField(allow_null=True, min_value=1, max_value=100_000)
    dry_run = serializers.BooleanField(required=False, default=False)


class RetentionPreviewSerializer(serializers.Serializer[Any]):
    """What a period would remove now."""

    would_remove = serializers.IntegerField(help_text="Counted to 10,000.")
    is_more = serializers.BooleanField()


@extend_schema(tags=["retention"])
class RetentionView(CompanyAPIView):
    """All kinds of data, and how to change one."""

    permissions: ClassVar[dict[str, str]] = dict.fromkeys(("get", "patch"), "retention.manage")

    @extend_schema(
        summary="How long each kind of data is kept", responses=RetentionSerializer(many=True)
    )
    def get(self, request: Request) -> Response:
        return Response(RetentionSerializer(retention.periods(), many=True).data)

    @extend_schema(
        summary="Keep a kind of data for another time",
        description="What is older goes from the next night on, for good. With `dry_run` nothing "
        "changes: the answer has `would_remove`, counted to 10,000.",
        request=RetentionWriteSerializer,
        responses={200: RetentionSerializer},
    )
    def patch(self, request: Request) -> Response:
        wanted = RetentionWriteSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        code, days = wanted.validated_data["kind"], wanted.validated_data["days"]
        if wanted.validated_data["dry_run"]:
            count = retention.preview(code=code, days=days)
            told = {"would_remove": min(count, COUNTED - 1), "is_more": count >= COUNTED}
            return Response(RetentionPreviewSerializer(told).data)
        changed = retention.set_period(
            code=code, days=days, by=member_of(request), actor=self.actor
        )
        return Response(RetentionSerializer(changed).data)
