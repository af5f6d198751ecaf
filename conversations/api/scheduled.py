"""`/api/v1/conversations/{id}/scheduled/` and `/api/v1/scheduled-messages/`: what leaves later."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import selectors, visibility
from conversations.enums import ScheduledState
from conversations.models import Conversation, ScheduledMessage
from conversations.services import scheduling
from core.api.fields import PublicIdField
from core.api.views import CompanyViewSet
from messaging.bodies import TEXT_LIMIT
from team.selectors import member_of


class ScheduledMessageSerializer(serializers.Serializer[ScheduledMessage]):
    """A text and the moment it leaves; `code` says why it could not (state `failed`)."""

    id = PublicIdField("sch", read_only=True)
    text = serializers.CharField(max_length=TEXT_LIMIT)
    due_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=ScheduledState.choices, read_only=True)
    code = serializers.CharField(read_only=True)
    created_at = serializers.DateTimeField(read_only=True)


class ConversationScheduledViewSet(CompanyViewSet):
    """What waits in a conversation."""

    id_prefix = "cnv"
    serializer_class = ScheduledMessageSerializer
    permissions: ClassVar[dict[str, str]] = {
        "list": "conversations.view",
        "create": "conversations.reply",
    }

    def get_queryset(self) -> QuerySet[Conversation]:
        return selectors.conversation_list().filter(
            visibility.seen_by(visibility.looker(self.request))
        )

    @extend_schema(
        summary="List what waits, and what could not leave",
        responses=ScheduledMessageSerializer(many=True),
    )
    def list(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        rows: Any = scheduling.waiting_in(self.get_object())
        return Response({"results": ScheduledMessageSerializer(rows, many=True).data})

    @extend_schema(
        summary="Send later",
        description="The rules (24 hours, opt-out, …) are asked when it leaves, not before.",
        responses={201: ScheduledMessageSerializer},
    )
    def create(self, request: Request, id: str) -> Response:  # noqa: A002
        conversation = self.get_object()
        wanted = ScheduledMessageSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        row = scheduling.schedule(
            conversation=conversation, author=member_of(request), **wanted.validated_data
        )
        return Response(ScheduledMessageSerializer(row).data, status=201)


class ScheduledMessageViewSet(CompanyViewSet):
    """One that waits, or could not leave."""

    id_prefix = "sch"
    serializer_class = ScheduledMessageSerializer
    permissions: ClassVar[dict[str, str]] = {
        "retrieve": "conversations.view",
        "destroy": "conversations.reply",
    }

    def get_queryset(self) -> QuerySet[ScheduledMessage]:
        seen = visibility.conversations(visibility.looker(self.request))
        return ScheduledMessage.objects.filter(conversation__in=seen).select_related("conversation")

    @extend_schema(summary="Get a scheduled message")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002
        return Response(ScheduledMessageSerializer(self.get_object()).data)

    @extend_schema(summary="Take it back", responses={204: None})
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002
        row = self.get_object()
        scheduling.take_back(conversation=row.conversation, scheduled_id=row.pk)
        return Response(status=204)
