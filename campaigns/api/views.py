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
from campaigns.api.report_serializers import (
    PreflightSerializer,
    ResendSerializer,
    TrialSerializer,
    WinnerSerializer,
)
from campaigns.api.serializers import (
    CampaignSerializer,
    CampaignWriteSerializer,
    RecipientSerializer,
)
from campaigns.enums import CampaignState
from campaigns.models import Campaign
from campaigns.preflight import preflight
from campaigns.services import campaigns, copies, lifecycle, trials, winners
from connections.models import Connection
from core.api.views import CompanyViewSet
from core.errors import Invalid
from crm.models import Contact
from messaging.enums import PublicState
from messaging.models import Media, Template
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
        "archive": "campaigns.manage",
        "unarchive": "campaigns.manage",
        "clone": "campaigns.manage",
        "resend": "campaigns.manage",
        "test": "campaigns.manage",
        "winner": "campaigns.manage",
    }

    def get_queryset(self) -> QuerySet[Campaign]:
        return selectors.campaign_list().prefetch_related("connections")

    @extend_schema(
        summary="List campaigns",
        parameters=[
            OpenApiParameter("state", str, enum=CampaignState.values),
            OpenApiParameter("q", str, description="Part of the name."),
            OpenApiParameter("archived", bool, description="Only the archive, or only the rest."),
        ],
    )
    def list(self, request: Request) -> Response:
        state = _choice(request, "state", CampaignState.values)
        archived = {"true": True, "false": False}.get(request.query_params.get("archived", ""))
        rows = selectors.campaign_list(
            state=state, q=request.query_params.get("q", ""), archived=archived
        )
        page = self.paginate_queryset(rows.prefetch_related("connections")) or []
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
        fields = _fields(wanted.validated_data)
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
        context = {"provider": campaign.provider}
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

    @extend_schema(summary="Put into the archive", request=None, responses=CampaignSerializer)
    def archive(self, request: Request, id: str) -> Response:  # noqa: A002
        campaigns.archive(campaign=self.get_object())
        return self._shown(self.get_object())

    @extend_schema(summary="Take out of the archive", request=None, responses=CampaignSerializer)
    def unarchive(self, request: Request, id: str) -> Response:  # noqa: A002
        campaigns.unarchive(campaign=self.get_object())
        return self._shown(self.get_object())

    @extend_schema(
        summary="Make a draft like it", request=None, responses={201: CampaignSerializer}
    )
    def clone(self, request: Request, id: str) -> Response:  # noqa: A002
        copy = copies.clone(campaign=self.get_object(), by=member_of(request), actor=self.actor)
        return self._shown(copy, status=201)

    @extend_schema(
        summary="Make a draft for those it did not reach",
        description="Only for causes after which another try makes sense (`can_resend` in the "
        "report). What may have been sent is never sent again.",
        request=ResendSerializer,
        responses={201: CampaignSerializer},
    )
    def resend(self, request: Request, id: str) -> Response:  # noqa: A002
        campaign = self.get_object()
        wanted = ResendSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        copy = copies.resend(
            campaign=campaign,
            codes=wanted.validated_data.get("reasons", []),
            by=member_of(request),
            actor=self.actor,
        )
        return self._shown(copy, status=201)

    @extend_schema(
        summary="Send a test",
        description="To up to five contacts or a phone, by the rules of the campaign itself "
        "(marketing needs an opt-in); never counted in the campaign. Up to 50 a day.",
        request=TrialSerializer,
        responses={201: RecipientSerializer(many=True)},
    )
    def test(self, request: Request, id: str) -> Response:  # noqa: A002
        campaign = self.get_object()
        wanted = TrialSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        data = wanted.validated_data
        sent = trials.send_trial(
            campaign=campaign,
            by=member_of(request),
            contacts=[_row(Contact, pk, "contacts") for pk in data.get("contacts", [])],
            phone=data.get("phone", ""),
            variant=data.get("variant", ""),
        )
        context = {"provider": campaign.provider}
        return Response(RecipientSerializer(sent, many=True, context=context).data, status=201)

    @extend_schema(
        summary="Choose the winner", request=WinnerSerializer, responses=CampaignSerializer
    )
    def winner(self, request: Request, id: str) -> Response:  # noqa: A002
        campaign = self.get_object()
        wanted = WinnerSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        winners.choose(
            campaign_id=campaign.pk,
            variant=wanted.validated_data["variant"],
            actor=self.actor,
        )
        return self._shown(self.get_object())

    @extend_schema(
        summary="List a campaign's recipients",
        parameters=[
            OpenApiParameter("state", str, enum=PublicState.values),
            OpenApiParameter("reason", str, description="A reason's code."),
            OpenApiParameter("variant", str, description="A, B …, holdout or rest."),
        ],
        responses=RecipientSerializer(many=True),
    )
    def messages(self, request: Request, id: str) -> Response:  # noqa: A002
        campaign = self.get_object()
        rows = selectors.recipients(
            campaign,
            state=_choice(request, "state", PublicState.values),
            code=request.query_params.get("reason", ""),
            variant=request.query_params.get("variant", ""),
        )
        page = self.paginate_queryset(rows) or []
        context = {"provider": campaign.provider}
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


def _fields(data: dict[str, Any]) -> dict[str, Any]:
    """The service's arguments: rows instead of ids, what is null as empty."""
    fields = dict(data)
    several = fields.get("connections")
    if several:
        fields["connections"] = [_row(Connection, pk, "connections") for pk in several]
        fields.setdefault("connection", several[0])
    for name, model in (("connection", Connection), ("template", Template), ("media", Media)):
        if fields.get(name):
            fields[name] = _row(model, fields[name], name)
    for name in ("window", "winner_rule"):
        if name in fields:
            fields[name] = fields[name] or {}
    if fields.get("variants"):
        fields["variants"] = [
            {**one, "template": str(one.get("template", ""))} for one in fields["variants"]
        ]
    return fields


def _row(model: Any, pk: UUID, field: str) -> Any:
    alive = {"deleted_at": None} if hasattr(model, "deleted_at") else {}
    row = model.objects.filter(pk=pk, **alive).first()
    if row is None:
        raise Invalid({field: _("There is none with this id.")})
    return row
