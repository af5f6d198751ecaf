"""`/api/v1/campaigns/`: drafts, what is done to them, and their recipients."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import selectors
from campaigns.api.serializers import (
    CampaignSerializer,
    CampaignWriteSerializer,
    PreflightSerializer,
    RecipientSerializer,
)
from campaigns.enums import CampaignState
from campaigns.models import Campaign
from campaigns.preflight import preflight
from campaigns.services import campaigns, lifecycle
from connections.models import Connection
from core.api.views import CompanyViewSet
from core.errors import Invalid
from messaging.enums import PublicState
from messaging.models import Template
from team.selectors import member_of

EXAMPLE = OpenApiExample(
    "Everybody with the tag VIP, by first name",
    value={
        "name": "Black Friday",
        "connection": "cnx_…",
        "template": "tpl_…",
        "variables": {"nome": {"field": "first_name", "fallback": "cliente"}},
        "audience": {"tags": ["VIP"], "exclude_tags": ["devedores"]},
    },
    request_only=True,
)


class CampaignViewSet(CompanyViewSet):
    """One template to many contacts, once."""

    id_prefix = "cmp"
    serializer_class = CampaignSerializer
    permissions: ClassVar[dict[str, str]] = {
        "list": "campaigns.view",
        "retrieve": "campaigns.view",
        "messages": "campaigns.view",
        "preflight": "campaigns.view",
        "create": "campaigns.manage",
        "partial_update": "campaigns.manage",
        "destroy": "campaigns.manage",
        "start": "campaigns.manage",
        "pause": "campaigns.manage",
        "resume": "campaigns.manage",
        "cancel": "campaigns.manage",
    }

    def get_queryset(self) -> QuerySet[Campaign]:
        return selectors.campaign_list()

    @extend_schema(
        summary="List campaigns",
        parameters=[
            OpenApiParameter("state", str, enum=CampaignState.values),
            OpenApiParameter("q", str, description="Part of the name."),
        ],
    )
    def list(self, request: Request) -> Response:
        state = _choice(request, "state", CampaignState.values)
        rows = selectors.campaign_list(state=state, q=request.query_params.get("q", ""))
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(CampaignSerializer(page, many=True).data)

    @extend_schema(summary="Get a campaign with its counts by state")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        return self._shown(self.get_object())

    @extend_schema(
        summary="Create a draft",
        description="Nothing is sent before `start`. Variables take a value or a field of the "
        "contact; a contact whose field is empty and that has no fallback is left out.",
        request=CampaignWriteSerializer,
        responses={201: CampaignSerializer},
        examples=[EXAMPLE],
    )
    def create(self, request: Request) -> Response:
        wanted = CampaignWriteSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        campaign = campaigns.create_campaign(
            **_fields(wanted.validated_data), by=member_of(request), actor=self.actor
        )
        return self._shown(campaign, status=201)

    @extend_schema(
        summary="Change a draft", request=CampaignWriteSerializer, responses=CampaignSerializer
    )
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        campaign = self.get_object()
        wanted = CampaignWriteSerializer(data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        fields = _fields(wanted.validated_data, partial=True)
        campaigns.update_campaign(campaign=campaign, actor=self.actor, **fields)
        return self._shown(self.get_object())

    @extend_schema(summary="Delete a draft", responses={204: None})
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002
        campaigns.delete_campaign(campaign=self.get_object())
        return Response(status=204)

    @extend_schema(
        summary="Check: who will get it and who will not",
        description="A dry run of the same rules with nothing sent.",
        request=None,
        responses=PreflightSerializer,
    )
    def preflight(self, request: Request, id: str) -> Response:  # noqa: A002
        campaign = self.get_object()
        context = {"provider": campaign.connection.provider}
        return Response(PreflightSerializer(preflight(campaign), context=context).data)

    @extend_schema(summary="Start, now or at its time", request=None, responses=CampaignSerializer)
    def start(self, request: Request, id: str) -> Response:  # noqa: A002
        lifecycle.start(campaign_id=self.get_object().pk, actor=self.actor)
        return self._shown(self.get_object())

    @extend_schema(summary="Pause", request=None, responses=CampaignSerializer)
    def pause(self, request: Request, id: str) -> Response:  # noqa: A002
        lifecycle.pause(campaign_id=self.get_object().pk, actor=self.actor)
        return self._shown(self.get_object())

    @extend_schema(summary="Resume", request=None, responses=CampaignSerializer)
    def resume(self, request: Request, id: str) -> Response:  # noqa: A002
        lifecycle.resume(campaign_id=self.get_object().pk, actor=self.actor)
        return self._shown(self.get_object())

    @extend_schema(summary="Cancel for good", request=None, responses=CampaignSerializer)
    def cancel(self, request: Request, id: str) -> Response:  # noqa: A002
        lifecycle.cancel(campaign_id=self.get_object().pk, actor=self.actor)
        return self._shown(self.get_object())

    @extend_schema(
        summary="List a campaign's recipients",
        parameters=[
            OpenApiParameter("state", str, enum=PublicState.values),
            OpenApiParameter("reason", str, description="A reason's code."),
        ],
        responses=RecipientSerializer(many=True),
    )
    def messages(self, request: Request, id: str) -> Response:  # noqa: A002
        campaign = self.get_object()
        rows = selectors.recipients(
            campaign,
            state=_choice(request, "state", PublicState.values),
            code=request.query_params.get("reason", ""),
        )
        page = self.paginate_queryset(rows) or []
        context = {"provider": campaign.connection.provider}
        return self.get_paginated_response(
            RecipientSerializer(page, many=True, context=context).data
        )

    def _shown(self, campaign: Campaign, status: int = 200) -> Response:
        data = CampaignSerializer(campaign, context={"exact": True}).data
        return Response(data, status=status)


def _choice(request: Request, name: str, values: list[str]) -> str:
    """A query parameter that is one of `values`, or empty."""
    value = request.query_params.get(name, "")
    if value and value not in values:
        message = _("Choose one of: %(values)s.") % {"values": ", ".join(values)}
        raise Invalid({name: message})
    return value


def _fields(data: dict[str, Any], *, partial: bool = False) -> dict[str, Any]:
    """The service's arguments: rows instead of ids."""
    fields = dict(data)
    several = fields.pop("connections", None)
    if several:
        fields["connection"] = several[0]
    if "connection" in fields:
        fields["connection"] = _row(Connection, fields["connection"], "connection")
    elif not partial:
        raise Invalid({"connection": _("Say from which connection it is sent.")})
    if "template" in fields:
        fields["template"] = _row(Template, fields["template"], "template")
    return fields


def _row(model: Any, pk: UUID, field: str) -> Any:
    row = model.objects.filter(pk=pk, deleted_at=None).first()
    if row is None:
        raise Invalid({field: _("There is none with this id.")})
    return row
