"""`/api/v1/inbox-settings/` and `/api/v1/business-hours/`: how a company works in its inbox."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.api.settings_serializers import BusinessHoursSerializer, InboxSettingsSerializer
from conversations.hours import current
from conversations.models import BusinessHours
from conversations.services import away, inbox_settings
from core.api.views import CompanyAPIView

WEEK = OpenApiExample(
    "Weekdays with a lunch break",
    value={
        "is_on": True,
        "away_text": "Voltamos às 8 h.",
        "hours": {"0": "08:00-12:00, 13:00-18:00", "1": "08:00-12:00, 13:00-18:00"},
        "country": "BR",
        "closed_days": ["2026-12-24"],
    },
    request_only=True,
)


@extend_schema(tags=["inbox"])
class InboxSettingsView(CompanyAPIView):
    """Who sees which conversations."""

    permissions: ClassVar[dict[str, str]] = {"get": "inbox.manage", "patch": "inbox.manage"}

    @extend_schema(summary="Show the inbox's settings", responses=InboxSettingsSerializer)
    def get(self, request: Request) -> Response:
        return Response(InboxSettingsSerializer(inbox_settings.stored()).data)

    @extend_schema(
        summary="Change the inbox's settings; what is left out stays",
        request=InboxSettingsSerializer,
        responses=InboxSettingsSerializer,
    )
    def patch(self, request: Request) -> Response:
        given = InboxSettingsSerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        changed = inbox_settings.change(actor=self.actor, **given.validated_data)
        return Response(InboxSettingsSerializer(changed).data)


@extend_schema(tags=["inbox"])
class BusinessHoursView(CompanyAPIView):
    """When the company is there, and what it says when it is not."""

    permissions: ClassVar[dict[str, str]] = {
        "get": "business_hours.manage",
        "patch": "business_hours.manage",
    }

    @extend_schema(summary="Show the business hours", responses=BusinessHoursSerializer)
    def get(self, request: Request) -> Response:
        return Response(self._shown())

    @extend_schema(
        summary="Change the business hours; what is left out stays",
        description="`hours` replaces the whole week.",
        request=BusinessHoursSerializer,
        responses=BusinessHoursSerializer,
        examples=[WEEK],
    )
    def patch(self, request: Request) -> Response:
        given = BusinessHoursSerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        wanted = {**_values(current()), **given.validated_data}
        away.change(
            actor=self.actor,
            is_on=wanted["is_on"],
            slots={int(day): text for day, text in wanted["slots"].items()},
            country=wanted["country"],
            closed_days=[str(day) for day in wanted["closed_days"]],
            away_text=wanted["away_text"],
        )
        return Response(self._shown())

    def _shown(self) -> Any:
        return BusinessHoursSerializer(current()).data


def _values(hours: BusinessHours) -> dict[str, Any]:
    """As a request would say them."""
    shown = dict(BusinessHoursSerializer(hours).data)
    return {**shown, "slots": shown["hours"]}
