"""`/api/v1/conversations/`: who wrote, what was said, and answering."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import selectors, visibility
from conversations.api.contents import Place, body_of, message_of
from conversations.api.serializers import (
    ConversationSerializer,
    MessageSerializer,
    MessageWriteSerializer,
)
from conversations.enums import ConversationStatus
from conversations.filters import Due
from conversations.models import Conversation
from conversations.services import conversations, replies, status
from core.api.views import CompanyViewSet
from core.errors import Invalid
from messaging.enums import Origin
from team.selectors import member_of

TRUE = ("true", "1")

ANSWERS = [
    OpenApiExample("A text", value={"text": "Claro! Aqui está."}, request_only=True),
    OpenApiExample(
        "A template, outside the 24 hours",
        value={"template": "tpl_…", "variables": {"nome": {"field": "first_name"}}},
        request_only=True,
    ),
    OpenApiExample("A file", value={"media": "med_…", "caption": "O catálogo"}, request_only=True),
    OpenApiExample(
        "A place",
        value={"location": {"latitude": -23.56, "longitude": -46.65, "name": "Loja"}},
        request_only=True,
    ),
]


class ConversationViewSet(CompanyViewSet):
    """The shared inbox."""

    id_prefix = "cnv"
    cursor_ordering = "-last_message_at"
    serializer_class = ConversationSerializer
    permissions: ClassVar[dict[str, str]] = {
        "list": "conversations.view",
        "retrieve": "conversations.view",
        "read": "conversations.reply",
        "resolve": "conversations.reply",
        "reopen": "conversations.reply",
    }

    def get_queryset(self) -> QuerySet[Conversation]:
        rows = selectors.conversation_list().filter(
            visibility.seen_by(visibility.looker(self.request))
        )
        return rows.prefetch_related("labels")

    @extend_schema(
        summary="List conversations, the latest first",
        parameters=[
            OpenApiParameter("status", str, enum=ConversationStatus.values),
            OpenApiParameter("unread", bool, description="Only those with unread messages."),
            OpenApiParameter(
                "due", str, enum=Due.values, description="Those whose promised answer is so."
            ),
            OpenApiParameter("q", str, description="A contact's name, phone or e-mail."),
        ],
    )
    def list(self, request: Request) -> Response:
        asked = request.query_params
        rows = selectors.conversation_list(
            status=_chosen(asked, "status", ConversationStatus),
            unread=asked.get("unread", "").lower() in TRUE,
            due=_chosen(asked, "due", Due),
            q=asked.get("q", ""),
        )
        seen = rows.filter(visibility.seen_by(visibility.looker(request)))
        page: Any = self.paginate_queryset(seen.prefetch_related("labels")) or []
        return self.get_paginated_response(ConversationSerializer(page, many=True).data)

    @extend_schema(summary="Get a conversation")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        return self._shown()

    @extend_schema(summary="Mark as read", request=None, responses=ConversationSerializer)
    def read(self, request: Request, id: str) -> Response:  # noqa: A002
        conversations.mark_read(conversation_id=self.get_object().pk)
        return self._shown()

    @extend_schema(
        summary="Resolve: done until the customer writes again",
        request=None,
        responses=ConversationSerializer,
    )
    def resolve(self, request: Request, id: str) -> Response:  # noqa: A002
        status.resolve(conversation_id=self.get_object().pk, actor=self.actor)
        return self._shown()

    @extend_schema(summary="Open again", request=None, responses=ConversationSerializer)
    def reopen(self, request: Request, id: str) -> Response:  # noqa: A002
        status.reopen(conversation_id=self.get_object().pk, actor=self.actor)
        return self._shown()

    def _shown(self) -> Response:
        return Response(ConversationSerializer(self.get_object()).data)


class ConversationMessageViewSet(CompanyViewSet):
    """The messages of one conversation."""

    id_prefix = "cnv"
    cursor_ordering = "-at"
    serializer_class = MessageSerializer
    permissions: ClassVar[dict[str, str]] = {
        "list": "conversations.view",
        "create": "conversations.reply",
    }

    def get_queryset(self) -> QuerySet[Conversation]:
        return selectors.conversation_list().filter(
            visibility.seen_by(visibility.looker(self.request))
        )

    @extend_schema(summary="List a conversation's messages, the newest first")
    def list(self, request: Request, id: str) -> Response:  # noqa: A002
        rows = selectors.thread_messages(self.get_object()).select_related("connection")
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(self._data(page, many=True))

    @extend_schema(
        summary="Answer",
        description=(
            "Leaves before every campaign. Outside the 24 hours after the contact's last message "
            "only a template goes out: anything else is refused with 409 `window_closed`."
        ),
        request=MessageWriteSerializer,
        responses={201: MessageSerializer},
        examples=ANSWERS,
    )
    def create(self, request: Request, id: str) -> Response:  # noqa: A002
        conversation = self.get_object()
        wanted = MessageWriteSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        data = wanted.validated_data
        quoted = data["reply_to"] or data.get("reaction", {}).get("message")
        author, place = member_of(request), Place.of(conversation)
        message = replies.reply(
            conversation=conversation,
            body=body_of(data, place),
            author=author,
            origin=Origin.AGENT if author else Origin.API,
            reply_to=message_of(quoted, place, "reply_to") if quoted else None,
        )
        return Response(self._data(message), status=201)

    def _data(self, shown: Any, *, many: bool = False) -> Any:
        return MessageSerializer(shown, many=many, context={"request": self.request}).data


def _chosen(asked: Mapping[str, str], name: str, choices: type[TextChoices]) -> str:
    wanted = asked.get(name, "")
    if wanted and wanted not in choices.values:
        values = ", ".join(choices.values)
        raise Invalid({name: _("Choose one of: %(values)s.") % {"values": values}})
    return wanted
