"""`/api/v1/templates/`."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from connections.models import Connection
from connections.selectors import alive
from core.api.views import CompanyViewSet
from core.choices import any_case
from core.errors import FieldError, Invalid, NotFound
from messaging.api.template_serializers import (
    SyncedSerializer,
    SyncSerializer,
    TemplateCreateSerializer,
    TemplateSerializer,
    TemplateWriteSerializer,
)
from messaging.enums import TemplateStatus
from messaging.models import Template
from messaging.services import template_sync, templates
from messaging.services.template_sync import Synced
from messaging.template_drafts import draft_of
from messaging.template_selectors import visible

EXAMPLE = OpenApiExample(
    "News of an order",
    value={
        "connection": "cnx_0123456789ABCDEFGHIJKL",
        "name": "pedido_enviado",
        "language": "pt_BR",
        "category": "UTILITY",
        "body": "Olá {{nome}}, o seu pedido {{numero}} saiu para entrega.",
        "variables": [
            {"name": "nome", "example": "Ana", "fallback": "cliente"},
            {"name": "numero", "example": "10482"},
        ],
        "buttons": [{"type": "QUICK_REPLY", "text": "Obrigado"}],
    },
    request_only=True,
)


class TemplateViewSet(CompanyViewSet):
    """Messages that WhatsApp has approved; with them a conversation is started."""

    id_prefix = "tpl"
    serializer_class = TemplateSerializer
    permissions = {
        "list": "templates.view",
        "retrieve": "templates.view",
        "create": "templates.manage",
        "partial_update": "templates.manage",
        "destroy": "templates.manage",
        "submit": "templates.manage",
        "sync": "templates.manage",
    }

    def get_queryset(self) -> QuerySet[Template]:
        return visible().select_related("connection")

    @extend_schema(
        summary="List templates",
        parameters=[
            OpenApiParameter("status", str, enum=TemplateStatus.values),
            OpenApiParameter("name", str, description="Exactly this name, in any language."),
            OpenApiParameter("language", str),
            OpenApiParameter("channel", str, description="whatsapp or sms, in any case."),
        ],
        responses=TemplateSerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        rows = self.get_queryset().defer("connection__credentials")
        for name in ("status", "name", "language"):
            if wanted := request.query_params.get(name):
                rows = rows.filter(**{name: wanted})
        if channel := request.query_params.get("channel"):
            rows = rows.filter(channel=any_case(channel))
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(TemplateSerializer(page, many=True).data)

    @extend_schema(summary="Get a template")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        return Response(TemplateSerializer(self.get_object()).data)

    @extend_schema(
        summary="Create a template",
        description="What the provider would refuse is refused here first, with the reason for "
        "each field. Variables are written {{name}} (or {{1}}) and each needs an example. At an "
        "SMS number it is ours alone: approved at once, a text with an optional footer. Instead of "
        "the parts, `components` takes Meta's shape, or the older one with a `body`.",
        request=TemplateCreateSerializer,
        responses={201: TemplateSerializer},
        examples=[EXAMPLE],
    )
    def create(self, request: Request) -> Response:
        wanted = TemplateCreateSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        template = templates.create(
            connection=_connection(wanted.validated_data["connection"]),
            draft=wanted.draft(),
            actor=self.actor,
        )
        if wanted.validated_data["submit"] and template.status in templates.UNSENT:
            template = templates.submit(template, actor=self.actor)
        return Response(TemplateSerializer(template).data, status=201)

    @extend_schema(
        summary="Change a template",
        description="Drafts change at will. A change of an approved, rejected or paused one goes "
        "into review again; fallbacks alone may change at any time.",
        request=TemplateWriteSerializer,
        responses=TemplateSerializer,
    )
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        template = self.get_object()
        wanted = TemplateWriteSerializer(data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        before = draft_of(template)
        draft = wanted.draft(before)
        if set(wanted.validated_data) == {"variables"} and draft.examples == before.examples:
            template = templates.set_fallbacks(template, fallbacks=draft.fallbacks)
        else:
            template = templates.update(template, draft=draft, actor=self.actor)
        return Response(TemplateSerializer(template).data)

    @extend_schema(
        summary="Delete a template",
        description="At the provider too.",
        responses={204: None},
    )
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002
        templates.remove(self.get_object(), actor=self.actor)
        return Response(status=204)

    @extend_schema(
        summary="Send a draft for review", request=None, responses={200: TemplateSerializer}
    )
    def submit(self, request: Request, id: str) -> Response:  # noqa: A002
        template = templates.submit(self.get_object(), actor=self.actor)
        return Response(TemplateSerializer(template).data)

    @extend_schema(
        summary="Sync templates",
        description="Reads every template in every language from the provider, now.",
        request=SyncSerializer,
        responses={200: SyncedSerializer},
    )
    def sync(self, request: Request) -> Response:
        wanted = SyncSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        asked = wanted.validated_data.get("connection")
        numbers = [_connection(asked)] if asked else list(alive())
        by_account = {number.account_id: number for number in numbers}
        found = [template_sync.sync(number) for number in by_account.values()]
        return Response(asdict(_sum(found)))


def _connection(pk: UUID) -> Connection:
    connection = Connection.objects.filter(pk=pk, deleted_at=None).first()
    if connection is None:
        raise Invalid({"connection": FieldError("not_found", NotFound.default_message)})
    return connection


def _sum(found: list[Synced]) -> Synced:
    return Synced(
        created=sum(one.created for one in found),
        updated=sum(one.updated for one in found),
        removed=sum(one.removed for one in found),
        total=sum(one.total for one in found),
    )
