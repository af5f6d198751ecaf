"""`/api/v1/sources/` and what they posted."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import CompanyViewSet
from team.selectors import member_of
from webhooks.sources import mapping as mappings
from webhooks.sources import reading, selectors
from webhooks.sources.api.serializers import (
    ReceivedPostSerializer,
    ReceivedSerializer,
    RereadSerializer,
    SourceCreatedSerializer,
    SourceCreateSerializer,
    SourceSecretSerializer,
    SourceSerializer,
    SourceWriteSerializer,
    TriedSerializer,
    TryMappingSerializer,
)
from webhooks.sources.enums import ReceivedState, SourceState
from webhooks.sources.models import Received, Source
from webhooks.sources.services import processing, rereading, sources

EXAMPLE = OpenApiExample(
    "A form of your own that signs its posts",
    value={
        "name": "Landing page",
        "preset": "custom",
        "scheme": "hmac",
        "settings": {"header": "X-Signature", "algorithm": "sha256", "encoding": "hex"},
    },
    request_only=True,
)


class SourceViewSet(CompanyViewSet):
    """Where events come in from."""

    id_prefix = "src"
    serializer_class = SourceSerializer
    permissions: ClassVar[dict[str, str]] = {
        "list": "webhooks.view",
        "retrieve": "webhooks.view",
        "received": "webhooks.view",
        "try_mapping": "webhooks.view",
        "create": "webhooks.manage",
        "partial_update": "webhooks.manage",
        "destroy": "webhooks.manage",
        "secret": "webhooks.manage",
        "reread": "webhooks.manage",
    }

    def get_queryset(self) -> QuerySet[Source]:
        return selectors.sources()

    @extend_schema(summary="List sources")
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(SourceSerializer(page, many=True).data)

    @extend_schema(summary="Get a source")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        return Response(SourceSerializer(self.get_object()).data)

    @extend_schema(
        summary="Create a source",
        description="Answers its `url`, and once the `secret` if it was made here.",
        request=SourceCreateSerializer,
        responses={201: SourceCreatedSerializer},
        examples=[EXAMPLE],
    )
    def create(self, request: Request) -> Response:
        wanted = SourceCreateSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        values: dict[str, Any] = dict(wanted.validated_data)
        made = sources.create_source(
            preset_slug=values.pop("preset"), by=member_of(request), **values
        )
        shown = SourceSerializer(made.source).data
        return Response({**shown, "secret": made.secret}, status=201)

    @extend_schema(
        summary="Change a source", request=SourceWriteSerializer, responses=SourceSerializer
    )
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        wanted = SourceWriteSerializer(data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        changes = dict(wanted.validated_data)
        state = changes.pop("state", None)
        source = sources.update_source(source=self.get_object(), changes=changes)
        if state is not None:
            source = sources.switch(source=source, is_active=state == SourceState.ACTIVE)
        return Response(SourceSerializer(source).data)

    @extend_schema(summary="Delete a source", responses={204: None})
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002
        sources.delete_source(source=self.get_object())
        return Response(status=204)

    @extend_schema(
        summary="List what a source posted",
        parameters=[OpenApiParameter("state", str, enum=ReceivedState.values)],
        responses=ReceivedSerializer(many=True),
    )
    def received(self, request: Request, id: str) -> Response:  # noqa: A002
        self.cursor_ordering = "-received_at"  # type: ignore[misc]
        state = request.query_params.get("state", "")
        rows = selectors.received(self.get_object(), state=state)
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(ReceivedSerializer(page, many=True).data)

    @extend_schema(
        summary="Replace a source's secret",
        request=SourceSecretSerializer,
        responses=SourceSecretSerializer,
    )
    def secret(self, request: Request, id: str) -> Response:  # noqa: A002
        wanted = SourceSecretSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        made = sources.renew_secret(source=self.get_object(), **wanted.validated_data)
        return Response({"secret": made})

    @extend_schema(
        summary="Try a mapping",
        description="What data would say; nothing is kept or told.",
        request=TryMappingSerializer,
        responses=TriedSerializer,
    )
    def try_mapping(self, request: Request, id: str) -> Response:  # noqa: A002
        source = self.get_object()
        wanted = TryMappingSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        given = wanted.validated_data
        described = mappings.checked(given["mapping"]) if "mapping" in given else source.mapping
        sample = None if "data" in given else selectors.sample_of(source)
        data = given.get("data", sample.data if sample else None)
        found = reading.understand(
            preset_slug=source.preset, described=described, data=data, headers={}
        )
        return Response({"results": [one.shown() for one in found]})

    @extend_schema(
        summary="Read again what was of no use", request=None, responses=RereadSerializer
    )
    def reread(self, request: Request, id: str) -> Response:  # noqa: A002
        return Response({"count": rereading.start(source=self.get_object())})


class ReceivedViewSet(CompanyViewSet):
    """One received post."""

    id_prefix = "rcv"
    serializer_class = ReceivedPostSerializer
    permissions: ClassVar[dict[str, str]] = {
        "retrieve": "webhooks.view",
        "replay": "webhooks.manage",
    }

    def get_queryset(self) -> QuerySet[Received]:
        return Received.objects.select_related("source").defer("source__credentials")

    @extend_schema(summary="Get a received post", responses=ReceivedPostSerializer)
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        return Response(ReceivedPostSerializer(self.get_object()).data)

    @extend_schema(
        summary="Read a received post again",
        description="What it told before it does not tell twice.",
        request=None,
        responses={202: ReceivedSerializer},
    )
    def replay(self, request: Request, id: str) -> Response:  # noqa: A002
        post = self.get_object()
        processing.process_again(received=post)
        post.refresh_from_db(fields=["state", "attempts", "error"])
        return Response(ReceivedSerializer(post).data, status=202)
