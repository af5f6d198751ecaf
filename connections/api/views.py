"""`/api/v1/connections/`."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from connections.api.serializers import (
    ConnectionCreateSerializer,
    ConnectionSerializer,
    ConnectionWriteSerializer,
)
from connections.models import Connection
from connections.services import connections, states
from core.api.views import CompanyViewSet

SECRETS = ("token", "app_secret", "verify_token")
EXAMPLE = OpenApiExample(
    "A number of the Cloud API",
    value={
        "name": "Loja Aurora",
        "number_id": "106540352242922",
        "account_id": "102290129340398",
        "token": "EAAG…",
        "app_secret": "0123456789abcdef0123456789abcdef",
    },
    request_only=True,
)


class ConnectionViewSet(CompanyViewSet):
    """Numbers through which the company writes and is written to."""

    id_prefix = "cnx"
    serializer_class = ConnectionSerializer
    permissions = {
        "list": "connections.view",
        "retrieve": "connections.view",
        "create": "connections.manage",
        "partial_update": "connections.manage",
        "destroy": "connections.manage",
        "check": "connections.manage",
    }

    def get_queryset(self) -> QuerySet[Connection]:
        return Connection.objects.filter(deleted_at=None)

    @extend_schema(summary="List connections")
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(ConnectionSerializer(page, many=True).data)

    @extend_schema(summary="Get a connection")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        return Response(ConnectionSerializer(self.get_object()).data)

    @extend_schema(
        summary="Connect a number",
        description="Each value is checked with the provider first; 422 names the one that does "
        "not hold. A number in use answers 409 `number_taken`. The provider is asked to send its "
        "callbacks to `webhook_url`; `receiving` says whether it agreed.",
        request=ConnectionCreateSerializer,
        responses={201: ConnectionSerializer},
        examples=[EXAMPLE],
    )
    def create(self, request: Request) -> Response:
        wanted = ConnectionCreateSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        values: dict[str, Any] = dict(wanted.validated_data)
        connection = connections.connect(
            provider=values.pop("provider"),
            name=values.pop("name"),
            values=values,
            actor=self.actor,
        )
        return Response(ConnectionSerializer(connection).data, status=201)

    @extend_schema(
        summary="Change a connection",
        description="New secrets are checked with the provider before they replace the old ones. "
        "`paused` holds or lets go everything that would be sent.",
        request=ConnectionWriteSerializer,
        responses=ConnectionSerializer,
    )
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        wanted = ConnectionWriteSerializer(data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        data, connection = wanted.validated_data, self.get_object()
        secrets = {name: data[name] for name in SECRETS if data.get(name)}
        if secrets:
            connections.renew_credentials(connection, values=secrets, actor=self.actor)
        if "name" in data or "rate_per_second" in data:
            rate = (data["rate_per_second"] or 0) if "rate_per_second" in data else None
            connections.update(connection, name=data.get("name"), rate=rate)
        if "paused" in data:
            switch = states.pause if data["paused"] else states.resume
            switch(connection, actor=self.actor)
        connection.refresh_from_db()
        return Response(ConnectionSerializer(connection).data)

    @extend_schema(
        summary="Release a connection",
        description="Nothing is sent or received any more, and another company may connect the "
        "number. Its messages stay.",
        responses={204: None},
    )
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002
        connections.release(self.get_object(), actor=self.actor)
        return Response(status=204)

    @extend_schema(
        summary="Check a connection now",
        description="Asks the provider for name, quality and limit. Refused credentials stop the "
        "connection and `reason` says why; an answer ends such a stop.",
        request=None,
        responses=ConnectionSerializer,
    )
    def check(self, request: Request, id: str) -> Response:  # noqa: A002
        connection = connections.check(self.get_object())
        return Response(ConnectionSerializer(connection).data)
