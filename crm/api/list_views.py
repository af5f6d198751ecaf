"""`/api/v1/lists/`: contacts put together by hand."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.fields import PublicIdField
from core.api.views import CompanyViewSet
from core.errors import Invalid, InvalidId
from crm.models import ContactList
from crm.public_ids import CONTACT
from crm.selectors import lists_with_counts
from crm.services import lists
from team.selectors import member_of


class ListSerializer(serializers.Serializer[ContactList]):
    """A list and how many contacts are on it."""

    id = PublicIdField("lst", read_only=True)
    name = serializers.CharField(max_length=80)
    contact_count = serializers.IntegerField(read_only=True, default=0)
    created_at = serializers.DateTimeField(read_only=True)


class ListContactsSerializer(serializers.Serializer[Any]):
    """Who comes on the list and who off it, by contact id."""

    add = serializers.ListField(
        child=serializers.CharField(), required=False, default=list, max_length=lists.MOST_AT_ONCE
    )
    remove = serializers.ListField(
        child=serializers.CharField(), required=False, default=list, max_length=lists.MOST_AT_ONCE
    )


class ListChangeSerializer(serializers.Serializer[Any]):
    """How many came on the list and went off it; those that were there already do not count."""

    added = serializers.IntegerField()
    removed = serializers.IntegerField()


class ListViewSet(CompanyViewSet):
    """Static lists; `GET /contacts/?list=` shows who is on one."""

    id_prefix = "lst"
    serializer_class = ListSerializer
    permissions = {
        "list": "lists.view",
        "retrieve": "lists.view",
        "create": "lists.edit",
        "partial_update": "lists.edit",
        "destroy": "lists.edit",
        "contacts": "lists.edit",
    }

    def get_queryset(self) -> QuerySet[ContactList]:
        return lists_with_counts()

    @extend_schema(summary="List lists")
    def list(self, request: Request) -> Response:
        page: Any = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(ListSerializer(page, many=True).data)

    @extend_schema(summary="Get a list")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        return Response(ListSerializer(self.get_object()).data)

    @extend_schema(summary="Create a list", responses={201: ListSerializer})
    def create(self, request: Request) -> Response:
        wanted = ListSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        made = lists.create_list(**wanted.validated_data, by=member_of(request))
        return Response(ListSerializer(made).data, status=201)

    @extend_schema(summary="Rename a list")
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        found = self.get_object()
        wanted = ListSerializer(data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        found = lists.rename_list(
            contact_list=found, name=wanted.validated_data.get("name", found.name)
        )
        return Response(ListSerializer(found).data)

    @extend_schema(
        summary="Delete a list",
        description="409 `list_in_use` while a saved audience or a campaign to come names it.",
        responses={204: None},
    )
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002
        lists.delete_list(contact_list=self.get_object())
        return Response(status=204)

    @extend_schema(
        summary="Put contacts on a list and take others off",
        description="At most 10,000 each. Ids of contacts that were deleted are ignored.",
        request=ListContactsSerializer,
        responses=ListChangeSerializer,
    )
    def contacts(self, request: Request, id: str) -> Response:  # noqa: A002
        found = self.get_object()
        wanted = ListContactsSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        ids = {name: _ids(name, wanted.validated_data[name]) for name in ("add", "remove")}
        changed = {
            "added": lists.add_contacts(contact_list=found, contact_ids=ids["add"]),
            "removed": lists.remove_contacts(contact_list=found, contact_ids=ids["remove"]),
        }
        return Response(ListChangeSerializer(changed).data)


def _ids(field: str, texts: Any) -> set[UUID]:
    try:
        return {CONTACT.decode(text) for text in texts}
    except InvalidId:
        message = _("One of these is no id of a contact. They start with “con_”.")
        raise Invalid({field: message}) from None
