"""What became of a campaign, its recipients' stories, files of them, and the calendar."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns import calendar, report, selectors
from campaigns.api.report_serializers import (
    ClickedLinkSerializer,
    ExportSerializer,
    ExportWriteSerializer,
    MomentSerializer,
    ReportSerializer,
)
from campaigns.api.serializers import CampaignSerializer
from campaigns.models import Campaign, Export
from campaigns.services import exports
from core.api.views import CompanyAPIView, CompanyViewSet
from core.errors import Invalid
from core.files_serve import serve
from messaging.models import Message
from team.selectors import member_of


class ReportViewSet(CompanyViewSet):
    """The report of a campaign."""

    id_prefix = "cmp"
    serializer_class = ReportSerializer
    permissions: ClassVar[dict[str, str]] = {
        "retrieve": "campaigns.view",
        "links": "campaigns.view",
        "exports": "campaigns.manage",
        "export": "campaigns.manage",
    }

    def get_queryset(self) -> QuerySet[Campaign]:
        return selectors.campaign_list()

    @extend_schema(summary="Get a campaign's report", responses=ReportSerializer)
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        campaign = self.get_object()
        found = {
            "funnel": report.funnel(campaign),
            "failures": report.failures(campaign),
            "variants": report.by_variant(campaign) if campaign.variants else [],
            "links": report.links(campaign),
            "costs": report.costs(campaign),
        }
        return Response(ReportSerializer(found).data)

    @extend_schema(
        summary="List a campaign's tracked links", responses=ClickedLinkSerializer(many=True)
    )
    def links(self, request: Request, id: str) -> Response:  # noqa: A002
        return Response(ClickedLinkSerializer(report.links(self.get_object()), many=True).data)

    @extend_schema(
        summary="List the files of a campaign's recipients", responses=ExportSerializer(many=True)
    )
    def exports(self, request: Request, id: str) -> Response:  # noqa: A002
        rows = Export.objects.filter(campaign=self.get_object(), expires_at__gt=timezone.now())
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(ExportSerializer(page, many=True).data)

    @extend_schema(
        summary="Have the recipients written into a file",
        description="Made in the background; ask for it until its `state` is done. Kept a day.",
        request=ExportWriteSerializer,
        responses={202: ExportSerializer},
    )
    def export(self, request: Request, id: str) -> Response:  # noqa: A002
        campaign = self.get_object()
        wanted = ExportWriteSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        made = exports.request(
            campaign=campaign,
            format=wanted.validated_data["format"],
            filters=wanted.filters,
            by=member_of(request),
        )
        return Response(ExportSerializer(made).data, status=202)


class ExportViewSet(CompanyViewSet):
    """A file of recipients."""

    id_prefix = "exp"
    serializer_class = ExportSerializer
    permissions: ClassVar[dict[str, str]] = {
        "retrieve": "campaigns.manage",
        "file": "campaigns.manage",
    }

    def get_queryset(self) -> QuerySet[Export]:
        return Export.objects.filter(expires_at__gt=timezone.now())

    @extend_schema(summary="Get an export")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002
        return Response(ExportSerializer(self.get_object()).data)

    @extend_schema(summary="Download an export", responses={(200, "text/csv"): OpenApiTypes.BINARY})
    def file(self, request: Request, id: str) -> HttpResponseBase:  # noqa: A002
        stored = exports.opened(export_id=self.get_object().pk)
        return serve(stored, inline=False, request=request)


class RecipientStoryViewSet(CompanyViewSet):
    """One recipient's story."""

    id_prefix = "msg"
    serializer_class = MomentSerializer
    permissions: ClassVar[dict[str, str]] = {"retrieve": "campaigns.view"}

    def get_queryset(self) -> QuerySet[Message]:
        return Message.objects.filter(stream__isnull=False).select_related("connection")

    @extend_schema(
        summary="Get the timeline of a recipient's message", responses=MomentSerializer(many=True)
    )
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002
        message = self.get_object()
        moments = report.timeline(message, provider=message.connection.provider)
        return Response(MomentSerializer(moments, many=True).data)


class CalendarView(CompanyAPIView):
    """What goes out when."""

    permissions: ClassVar[dict[str, str]] = {"get": "campaigns.view"}

    @extend_schema(
        summary="List campaigns by day",
        parameters=[
            OpenApiParameter("from", date, description="Default: today, on the company's clock."),
            OpenApiParameter("to", date, description="Default: 30 days later; at most 61."),
        ],
        responses=CampaignSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        with timezone.override(self.company.timezone):
            today = timezone.localdate()
            first = _day(request, "from", today)
            days = calendar.days(first, _day(request, "to", first + timedelta(days=30)))
        found: list[dict[str, Any]] = [
            {
                "date": str(day.date),
                "campaigns": CampaignSerializer(day.campaigns, many=True).data,
            }
            for day in days
            if day.campaigns
        ]
        return Response({"results": found})


def _day(request: Request, name: str, default: date) -> date:
    text = request.query_params.get(name)
    try:
        return date.fromisoformat(text) if text else default
    except ValueError:
        raise Invalid({name: _("Write a date, such as 2026-11-21.")}) from None
