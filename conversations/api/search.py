"""`/api/v1/messages/search/`: what was said, in any conversation."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from conversations import search, visibility
from conversations.api.serializers import MessageSerializer
from conversations.search import Hit
from core.api.fields import PublicIdField
from core.api.views import CompanyAPIView
from messaging.models import Message


class HitSerializer(serializers.Serializer[Any]):
    """A message that was found."""

    conversation = PublicIdField("cnv")
    excerpt = serializers.CharField(help_text="The words around the find.")
    message = MessageSerializer()


class FoundSerializer(serializers.Serializer[Any]):
    """A page of them."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True, help_text="Always null: it only goes on.")
    results = HitSerializer(many=True)


class MessageSearchView(CompanyAPIView):
    """Full-text search, as the inbox has it."""

    permissions: ClassVar[dict[str, str]] = {"get": "conversations.view"}

    @extend_schema(
        tags=["messages"],
        summary="Search in messages, the newest first",
        description="Finds messages with all the words, accents and case ignored; the last word "
        "counts as the beginning of one. Nothing is found where there is nothing to search for.",
        parameters=[
            OpenApiParameter("q", str),
            OpenApiParameter("cursor", str, description="From the link `next`."),
        ],
        responses=FoundSerializer,
    )
    def get(self, request: Request) -> Response:
        asked = request.query_params
        page = search.message_page(
            asked.get("q", ""), member=visibility.looker(request), cursor=asked.get("cursor")
        )
        url, cursor = request.build_absolute_uri(), page.next_cursor
        return Response(
            {
                "next": replace_query_param(url, "cursor", cursor) if cursor else None,
                "previous": None,
                "results": self._shown(page.items),
            }
        )

    def _shown(self, hits: list[Hit]) -> Any:
        """The hits with all that the API shows of a message, which the page's rows leave out."""
        rows = Message.objects.select_related("connection", "template", "media", "author")
        whole = rows.in_bulk([hit.message.pk for hit in hits])
        found = [
            {
                "conversation": hit.conversation.pk,
                "excerpt": "".join(piece.text for piece in hit.excerpt),
                "message": whole[hit.message.pk],
            }
            for hit in hits
            if hit.message.pk in whole
        ]
        return HitSerializer(found, many=True, context={"request": self.request}).data
