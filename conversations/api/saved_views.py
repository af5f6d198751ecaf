"""`/api/v1/saved-views/`: a member's own names for filters of the list."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from conversations.models import SavedView
from conversations.services import saved_views
from core.api.fields import PublicIdField
from core.api.views import CompanyViewSet
from core.errors import Conflict
from team.models import Member
from team.selectors import member_of

MINE = OpenApiExample(
    "What waits in my teams",
    value={"name": "Esperando", "query": "who=teams&order=waiting"},
    request_only=True,
)


class SavedViewSerializer(serializers.ModelSerializer[SavedView]):
    """A name and the query of the list's address; what is no filter is left out of it."""

    id = PublicIdField("vie", read_only=True)
    name = serializers.CharField(max_length=saved_views.NAME_LENGTH)
    query = serializers.CharField(max_length=500, allow_blank=True)

    class Meta:
        model = SavedView
        fields = ("id", "name", "query", "created_at")
        read_only_fields = ("created_at",)


@extend_schema(tags=["saved-views"])
class SavedViewViewSet(CompanyViewSet):
    """Those of whoever is asking; an API key is nobody and has none."""

    id_prefix = "vie"
    serializer_class = SavedViewSerializer
    permissions: ClassVar[dict[str, str]] = dict.fromkeys(
        ("list", "create", "destroy"), "conversations.view"
    )

    def get_queryset(self) -> QuerySet[SavedView]:
        return SavedView.objects.select_related("member").filter(member=member_of(self.request))

    @extend_schema(summary="List my saved views")
    def list(self, request: Request) -> Response:
        page: Any = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(SavedViewSerializer(page, many=True).data)

    @extend_schema(
        summary="Keep filters under a name; one of that name is replaced",
        responses={201: SavedViewSerializer},
        examples=[MINE],
    )
    def create(self, request: Request) -> Response:
        wanted = SavedViewSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        view = saved_views.save_view(member=self._member(), **wanted.validated_data)
        return Response(SavedViewSerializer(view).data, status=201)

    @extend_schema(summary="Forget a saved view", responses={204: None})
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        view = self.get_object()
        saved_views.delete_view(member=view.member, view_id=view.pk)
        return Response(status=204)

    def _member(self) -> Member:
        member = member_of(self.request)
        if member is None:
            raise Conflict(
                "no_member",
                _("Saved views belong to people. Sign in with a token instead of an API key."),
            )
        return member
