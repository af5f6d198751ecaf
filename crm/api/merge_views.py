"""`/api/v1/contacts/{id}/merge/` and `/api/v1/merges/{id}/undo/`."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.fields import PublicIdField
from core.api.views import CompanyViewSet
from core.errors import Invalid, InvalidId
from crm.models import Contact, ContactMerge
from crm.public_ids import CONTACT
from crm.querysets import ContactQuerySet
from crm.services import merging
from team.selectors import member_of


class MergeSerializer(serializers.Serializer[ContactMerge]):
    """A merge: `merged` is part of `contact` until it is undone."""

    id = PublicIdField("mrg")
    contact = PublicIdField("con", source="kept_id")
    merged = PublicIdField("con", source="gone_id")
    at = serializers.DateTimeField()
    undone_at = serializers.DateTimeField(allow_null=True)


class MergeRequestSerializer(serializers.Serializer[Any]):
    """The other contact."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`with` is a word of Python's own."""
        help_text = "Id of the contact that becomes part of this one."
        return {"with": serializers.CharField(help_text=help_text)}


class ContactMergeViewSet(CompanyViewSet):
    """Two contacts of one person become one."""

    id_prefix = "con"
    serializer_class = MergeSerializer
    permissions = {"create": "contacts.delete"}

    def get_queryset(self) -> ContactQuerySet:
        return Contact.objects.alive()

    @extend_schema(
        operation_id="contacts_merge",
        summary="Merge another contact into this one",
        description="Identities, consent, tags, messages and conversations of both are this "
        "contact's afterwards; what it says itself wins. The other is gone until the merge is "
        "undone.",
        request=MergeRequestSerializer,
        responses={201: MergeSerializer},
    )
    def create(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        kept = self.get_object()
        wanted = MergeRequestSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        made = merging.merge_contacts(
            kept=kept,
            gone=_other(wanted.validated_data["with"]),
            by=member_of(request),
            actor=self.actor,
        )
        return Response(MergeSerializer(made).data, status=201)


class MergeViewSet(CompanyViewSet):
    """Merges, to undo them."""

    id_prefix = "mrg"
    serializer_class = MergeSerializer
    permissions = {"undo": "contacts.delete"}

    def get_queryset(self) -> QuerySet[ContactMerge]:
        return ContactMerge.objects.all()

    @extend_schema(
        operation_id="merges_undo",
        summary="Undo a merge",
        description="Both contacts are what they were; what came in since stays with the kept one. "
        "409 `merge_kept_gone` while that one is deleted or part of a third.",
        request=None,
        responses=MergeSerializer,
    )
    def undo(self, request: Request, id: str) -> Response:  # noqa: A002
        merge = self.get_object()
        merging.undo_merge(merge=merge, by=member_of(request), actor=self.actor)
        merge.refresh_from_db()
        return Response(MergeSerializer(merge).data)


def _other(text: str) -> Contact:
    try:
        found = Contact.objects.alive().filter(pk=CONTACT.decode(text)).first()
    except InvalidId:
        found = None
    if found is None:
        raise Invalid({"with": _("There is no contact with this id.")})
    return found
