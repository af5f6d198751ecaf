"""`/api/v1/media/`: files to send, and those that were received."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from conversations import visibility
from conversations.api.serializers import MediaSerializer
from conversations.files import response_of
from core.api.views import CompanyViewSet
from messaging.enums import MessageKind
from messaging.models import Media
from messaging.services import media
from team.models import Member
from team.selectors import member_of

KINDS = [
    MessageKind.IMAGE,
    MessageKind.VIDEO,
    MessageKind.AUDIO,
    MessageKind.DOCUMENT,
    MessageKind.STICKER,
]


class UploadSerializer(serializers.Serializer[Any]):
    """A file, and as what it is to be sent; found from its bytes when left out."""

    file = serializers.FileField()
    voice = serializers.BooleanField(
        default=False,
        help_text="Whether it is a voice note: a recording of up to five minutes (webm, mp4, ogg, "
        "mp3, aac, wav), kept as OGG with OPUS. `kind` is then audio.",
    )
    kind = serializers.ChoiceField(choices=[kind.value for kind in KINDS], required=False)


class MediaViewSet(CompanyViewSet):
    """Files of messages."""

    id_prefix = "med"
    serializer_class = MediaSerializer
    parser_classes = (MultiPartParser,)
    permissions: ClassVar[dict[str, str]] = {
        "retrieve": "media.view",
        "create": "media.upload",
    }

    def get_queryset(self) -> QuerySet[Media]:
        return visibility.files(visibility.looker(self.request), Media.objects.all())

    @extend_schema(
        summary="Upload a file to send",
        request=UploadSerializer,
        responses={201: MediaSerializer},
    )
    def create(self, request: Request) -> Response:
        wanted = UploadSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        data = wanted.validated_data
        stored = _stored(data, by=member_of(request))
        shown = MediaSerializer(stored, context={"request": request})
        return Response(shown.data, status=201)

    @extend_schema(summary="Download a file", responses={(200, "*/*"): OpenApiTypes.BINARY})
    def retrieve(self, request: Request, id: str) -> HttpResponseBase:  # noqa: A002
        return response_of(self.get_object(), request._request, inline=False)


def _stored(data: dict[str, Any], *, by: Member | None) -> Media:
    file = data["file"]
    if data["voice"]:
        return media.upload_voice(content=file, by=by)
    kind = MessageKind(data["kind"]) if "kind" in data else None
    return media.upload(content=file, filename=file.name, by=by, kind=kind)
