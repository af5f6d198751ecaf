"""`labels/` and `canned-replies/`: the words a team works with."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.api.work_serializers import CannedReplySerializer, LabelSerializer
from conversations.models import CannedReply, Label
from conversations.services import canned, labels
from core.api.views import CompanyViewSet


@extend_schema(tags=["labels"])
class LabelViewSet(CompanyViewSet):
    """Labels of conversations."""

    id_prefix = "lbl"
    serializer_class = LabelSerializer
    permissions: ClassVar[dict[str, str]] = {
        "list": "labels.view",
        "retrieve": "labels.view",
        "create": "labels.manage",
        "partial_update": "labels.manage",
        "destroy": "labels.manage",
    }

    def get_queryset(self) -> QuerySet[Label]:
        return Label.objects.all()

    @extend_schema(summary="List labels")
    def list(self, request: Request) -> Response:
        page: Any = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(LabelSerializer(page, many=True).data)

    @extend_schema(summary="Get a label")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        return Response(LabelSerializer(self.get_object()).data)

    @extend_schema(summary="Create a label", responses={201: LabelSerializer})
    def create(self, request: Request) -> Response:
        wanted = LabelSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        label = labels.create_label(**wanted.validated_data)
        return Response(LabelSerializer(label).data, status=201)

    @extend_schema(summary="Rename or recolour a label")
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        label = self.get_object()
        wanted = LabelSerializer(label, data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        changed = labels.update_label(label=label, **wanted.validated_data)
        return Response(LabelSerializer(changed).data)

    @extend_schema(summary="Delete a label; its conversations stay", responses={204: None})
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002
        labels.delete_label(label=self.get_object())
        return Response(status=204)


@extend_schema(tags=["canned-replies"])
class CannedReplyViewSet(CompanyViewSet):
    """Canned replies of everybody; a member's own are on their page alone."""

    id_prefix = "can"
    serializer_class = CannedReplySerializer
    permissions: ClassVar[dict[str, str]] = {
        "list": "canned_replies.view",
        "retrieve": "canned_replies.view",
        "create": "canned_replies.share",
        "partial_update": "canned_replies.share",
        "destroy": "canned_replies.share",
    }

    def get_queryset(self) -> QuerySet[CannedReply]:
        return CannedReply.objects.filter(owner=None)

    @extend_schema(summary="List everybody's canned replies")
    def list(self, request: Request) -> Response:
        page: Any = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(CannedReplySerializer(page, many=True).data)

    @extend_schema(summary="Get a canned reply")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002
        return Response(CannedReplySerializer(self.get_object()).data)

    @extend_schema(
        summary="Create a canned reply for everybody", responses={201: CannedReplySerializer}
    )
    def create(self, request: Request) -> Response:
        wanted = CannedReplySerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        reply = canned.create_reply(owner=None, **wanted.validated_data)
        return Response(CannedReplySerializer(reply).data, status=201)

    @extend_schema(summary="Change a canned reply")
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        reply = self.get_object()
        wanted = CannedReplySerializer(reply, data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        changed = canned.update_reply(reply=reply, **wanted.validated_data)
        return Response(CannedReplySerializer(changed).data)

    @extend_schema(summary="Delete a canned reply", responses={204: None})
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002
        canned.delete_reply(reply=self.get_object())
        return Response(status=204)
