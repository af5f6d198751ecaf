"""`/api/v1/contacts/bulk/`: one change of many contacts."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.fields import PublicIdField
from core.api.views import CompanyViewSet
from core.errors import Invalid, InvalidId, NotAllowed
from crm.api.filters import FilterSerializer
from crm.enums import BulkAction, BulkState
from crm.models import ContactBulk
from crm.public_ids import CONTACT, LIST
from crm.services import bulk
from team.selectors import member_of

EXAMPLE = OpenApiExample(
    "Tag all who are called Ana",
    value={"action": "tag", "params": {"tags": ["VIP"]}, "q": "ana"},
    request_only=True,
)


class ContactsBulkParamsSerializer(serializers.Serializer[Any]):
    """What the action needs."""

    tags = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, max_length=20
    )
    list = serializers.CharField(required=False, help_text="Id of a list.")


class ContactsBulkWriteSerializer(FilterSerializer):
    """What is to be done, and with whom."""

    action = serializers.ChoiceField(
        choices=[choice for choice in BulkAction.choices if choice[0] != BulkAction.RESTORE]
    )
    params = ContactsBulkParamsSerializer(required=False, default=dict)
    contacts = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        allow_null=True,
        default=None,
        max_length=bulk.MOST_CHOSEN,
        help_text="These alone; all that the filters fit when left out.",
    )


class ContactsBulkSerializer(serializers.Serializer[ContactBulk]):
    """How far it is."""

    id = PublicIdField("blk")
    action = serializers.ChoiceField(choices=BulkAction.choices)
    state = serializers.ChoiceField(choices=BulkState.choices)
    total = serializers.IntegerField(help_text="As counted or estimated when it was asked for.")
    done = serializers.IntegerField()
    changed = serializers.IntegerField(help_text="Marks, places on lists, or contacts.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


@extend_schema(tags=["contacts"])
class ContactsBulkViewSet(CompanyViewSet):
    """Changes of many contacts, newest first."""

    id_prefix = "blk"
    serializer_class = ContactsBulkSerializer
    permissions = {
        "list": "contacts.view",
        "create": "contacts.edit",
        "retrieve": "contacts.view",
        "undo": "contacts.delete",
    }

    def get_queryset(self) -> QuerySet[ContactBulk]:
        return ContactBulk.objects.all()

    @extend_schema(summary="List changes of many contacts")
    def list(self, request: Request) -> Response:
        page: Any = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(ContactsBulkSerializer(page, many=True).data)

    @extend_schema(
        summary="Change many contacts",
        request=ContactsBulkWriteSerializer,
        responses={202: ContactsBulkSerializer},
        examples=[EXAMPLE],
    )
    def create(self, request: Request) -> Response:
        wanted = ContactsBulkWriteSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        data = wanted.validated_data
        if not self.request.user.may(bulk.CHANGES[data["action"]].permission):
            raise NotAllowed
        begun = bulk.start(
            action=data["action"],
            ids=None if data["contacts"] is None else _ids(data["contacts"]),
            query=wanted.filters.query(),
            params=_params(data["params"]),
            by=member_of(request),
            actor=self.actor,
        )
        return Response(ContactsBulkSerializer(begun).data, status=202)

    @extend_schema(summary="Get a change of many contacts")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        return Response(ContactsBulkSerializer(self.get_object()).data)

    @extend_schema(
        summary="Take a deletion back",
        description="409 `bulk_running`, `bulk_undone` or `bulk_not_undoable`. Contacts whose "
        "phone or e-mail is another contact's by now stay deleted.",
        request=None,
        responses={202: ContactsBulkSerializer},
    )
    def undo(self, request: Request, id: str) -> Response:  # noqa: A002
        back = bulk.undo(bulk=self.get_object(), by=member_of(request), actor=self.actor)
        return Response(ContactsBulkSerializer(back).data, status=202)


def _ids(texts: list[str]) -> list[Any]:
    try:
        return [CONTACT.decode(text) for text in texts]
    except InvalidId:
        raise Invalid({"contacts": _("One of these is no id of a contact.")}) from None


def _params(params: dict[str, Any]) -> dict[str, Any]:
    try:
        return {
            **params,
            **({"list": str(LIST.decode(params["list"]))} if "list" in params else {}),
        }
    except InvalidId as error:
        raise Invalid({"list": error.text}) from None
