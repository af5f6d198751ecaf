"""`/api/v1/conversations/{id}/transcript/`: who said what and when, as a text."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from conversations import selectors, transcript, visibility
from conversations.models import Conversation
from conversations.views.transcript import text_file
from core.api.views import CompanyViewSet

TRUE = ("true", "1")


class ConversationTranscriptViewSet(CompanyViewSet):
    """A conversation to keep."""

    id_prefix = "cnv"
    serializer_class = Serializer[Any]
    permissions: ClassVar[dict[str, str]] = {"retrieve": "conversations.view"}

    def get_queryset(self) -> QuerySet[Conversation]:
        seen = visibility.seen_by(visibility.looker(self.request))
        return selectors.conversation_list().filter(seen)

    @extend_schema(
        summary="Download a conversation as a text",
        description="Who wrote what and when, on the company's clock; the newest 5,000 messages.",
        parameters=[OpenApiParameter("notes", bool, description="With the team's own notes.")],
        responses={(200, "text/plain"): OpenApiTypes.STR},
    )
    def retrieve(self, request: Request, id: str) -> HttpResponse:  # noqa: A002 -- the router's
        with_notes = request.query_params.get("notes", "").lower() in TRUE
        conversation = self.get_object()
        with timezone.override(self.company.timezone):
            return text_file(transcript.of(conversation, with_notes=with_notes))
