"""`/api/v1/integrations/`: how each system is doing, its settings, its queue and its readings."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import CompanyViewSet
from integrations import selectors
from integrations.api.serializers import (
    IntegrationSerializer,
    IntegrationWriteSerializer,
    PushSerializer,
    RetriedSerializer,
    SyncRunSerializer,
)
from integrations.enums import PushState
from integrations.models import Integration
from integrations.preferences import Preferences
from integrations.services import queueing, settings, syncing


class IntegrationViewSet(CompanyViewSet):
    """Systems that were connected once; connecting needs a person and a page."""

    id_prefix = "int"
    serializer_class = IntegrationSerializer
    permissions: ClassVar[dict[str, str]] = {
        "list": "integrations.view",
        "retrieve": "integrations.view",
        "runs": "integrations.view",
        "queue": "integrations.view",
        "partial_update": "integrations.manage",
        "sync": "integrations.manage",
        "stop": "integrations.manage",
        "retry": "integrations.manage",
    }

    def get_queryset(self) -> QuerySet[Integration]:
        return Integration.objects.all()

    @extend_schema(summary="List integrations")
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(IntegrationSerializer(page, many=True).data)

    @extend_schema(summary="Get an integration")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        return Response(IntegrationSerializer(self.get_object()).data)

    @extend_schema(
        summary="Change an integration",
        description="What is named in `preferences` changes, the rest of them stays.",
        request=IntegrationWriteSerializer,
        responses=IntegrationSerializer,
    )
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        wanted = IntegrationWriteSerializer(data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        data: dict[str, Any] = wanted.validated_data
        row = self.get_object()
        with transaction.atomic():
            if "preferences" in data:
                chosen = Preferences.of({**row.preferences, **data["preferences"]})
                row = settings.choose(integration=row, preferences=chosen, actor=self.actor)
            if "interval_minutes" in data:
                row = settings.set_interval(
                    integration=row, minutes=data["interval_minutes"], actor=self.actor
                )
        return Response(IntegrationSerializer(row).data)

    @extend_schema(
        summary="Read an integration now",
        description="Goes on where the last finished reading ended. 409 `sync_running` while one "
        "is under way, `not_connected` while it is not connected.",
        request=None,
        responses={201: SyncRunSerializer},
    )
    def sync(self, request: Request, id: str) -> Response:  # noqa: A002
        run = syncing.start(integration=self.get_object())
        return Response(SyncRunSerializer(run).data, status=201)

    @extend_schema(
        summary="Stop the reading that is under way",
        description="What was taken over stays. Without one nothing happens.",
        request=None,
        responses={204: None},
    )
    def stop(self, request: Request, id: str) -> Response:  # noqa: A002
        syncing.stop(integration=self.get_object())
        return Response(status=204)

    @extend_schema(summary="List readings", responses=SyncRunSerializer(many=True))
    def runs(self, request: Request, id: str) -> Response:  # noqa: A002
        self.cursor_ordering = "-started_at"  # type: ignore[misc]
        page = self.paginate_queryset(selectors.runs_of(self.get_object())) or []
        return self.get_paginated_response(SyncRunSerializer(page, many=True).data)

    @extend_schema(
        summary="List what is told to it",
        parameters=[OpenApiParameter("state", enum=PushState.values)],
        responses=PushSerializer(many=True),
    )
    def queue(self, request: Request, id: str) -> Response:  # noqa: A002
        rows = selectors.pushes_of(
            self.get_object(), state=request.query_params.get("state", "").lower()
        )
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(PushSerializer(page, many=True).data)

    @extend_schema(summary="Send all failed ones again", request=None, responses=RetriedSerializer)
    def retry(self, request: Request, id: str) -> Response:  # noqa: A002
        count = queueing.retry_failed(integration=self.get_object())
        return Response(RetriedSerializer({"retried": count}).data)
