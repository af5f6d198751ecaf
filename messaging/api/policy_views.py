"""`/api/v1/sending-policy/` and `/api/v1/messages/{id}/why/`."""

from __future__ import annotations

from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import CompanyAPIView, CompanyViewSet
from messaging import sight, why
from messaging.api.policy_serializers import SendingPolicySerializer, WhySerializer
from messaging.models import Message
from messaging.selectors import messages_to_explain
from messaging.services import policies
from team.selectors import member_of

HOURS = OpenApiExample(
    "Marketing by day, at most two a week",
    value={
        "windows": {"marketing": {"days": [0, 1, 2, 3, 4, 5], "from": "09:00", "to": "20:00"}},
        "skip_holidays": True,
        "cap_messages": 2,
        "cap_days": 7,
        "monthly_budget": "500.00",
        "currency": "BRL",
    },
    request_only=True,
)


class SendingPolicyView(CompanyAPIView):
    """How the company wants to send: every message of every channel keeps to it."""

    permissions: ClassVar[dict[str, str]] = {"get": "company.manage", "patch": "company.manage"}

    @extend_schema(
        summary="Show the sending rules", responses=SendingPolicySerializer, tags=["Sending"]
    )
    def get(self, request: Request) -> Response:
        return Response(SendingPolicySerializer(policies.current()).data)

    @extend_schema(
        summary="Change the sending rules",
        description=(
            "`windows` replaces all hours: by purpose (`marketing`, `service`) the days (Monday "
            "is 0) and the hours on the recipient's clock; a purpose left out goes at any hour. "
            "Marketing without a recorded opt-in (`requires_opt_in`: false) is written to the "
            "event log with who allowed it."
        ),
        request=SendingPolicySerializer,
        responses=SendingPolicySerializer,
        examples=[HOURS],
        tags=["Sending"],
    )
    def patch(self, request: Request) -> Response:
        given = SendingPolicySerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        changed = policies.change(by=member_of(request), actor=self.actor, **given.validated_data)
        return Response(SendingPolicySerializer(changed).data)


class MessageWhyViewSet(CompanyViewSet):
    """Why a message was not sent, or waits."""

    id_prefix = "msg"
    permissions: ClassVar[dict[str, str]] = {"retrieve": "conversations.view"}

    def get_queryset(self) -> QuerySet[Message]:
        return sight.seen(member_of(self.request), messages_to_explain())

    @extend_schema(
        summary="Why was this message not sent?",
        description=(
            "The verdict on a message in words, when it is looked at again, and every rule that "
            "was asked in its order. `code` is empty when nothing speaks against it."
        ),
        responses=WhySerializer,
        tags=["Sending"],
    )
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 -- named by the URL
        message = self.get_object()
        context = {"trace": message.trace, "company": self.company}
        return Response(WhySerializer(why.of(message), context=context).data)
