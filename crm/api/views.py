"""`/api/v1/contacts/` and `/api/v1/tags/`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import CompanyViewSet
from core.errors import Invalid
from crm import audiences
from crm.api.serializers import (
    ContactCreateSerializer,
    ContactSerializer,
    ContactWriteSerializer,
    OptInSerializer,
    OptOutSerializer,
    TagSerializer,
)
from crm.enums import Channel, Purpose
from crm.models import Contact, Tag
from crm.public_ids import LIST
from crm.querysets import ContactQuerySet
from crm.selectors import (
    consent_state,
    contact_list,
    tags_named,
    tags_with_counts,
    with_details,
)
from crm.services import consents, contacts, personal_data, tags
from team.selectors import member_of

EXAMPLE = OpenApiExample(
    "A customer who signed up on the site",
    value={
        "name": "Ana Souza",
        "phone": "+5511987654321",
        "tags": ["VIP"],
        "opt_in": {"source": "site form", "at": "2026-11-02T14:03:00-03:00"},
    },
    request_only=True,
)
TAG_PARAMETER = OpenApiParameter(
    "tag", str, many=True, description="Name or id of a tag; repeated: contacts that have all."
)

SEGMENT_PARAMETER = OpenApiParameter(
    "segment", str, description="Id of a saved audience: the contacts that fit it now."
)
# As an address says it, and the column; a minus means downwards.
ORDERINGS = {
    "-created": "-created_at",
    "created": "created_at",
    "-active": "-last_active_at",
    "active": "last_active_at",
}
SORT_PARAMETER = OpenApiParameter("sort", str, enum=list(ORDERINGS))
LIST_PARAMETER = OpenApiParameter("list", str, description="Id of a list: who is on it.")


class ContactViewSet(CompanyViewSet):
    """Customers: how they are known, their tags, and what they allowed."""

    id_prefix = "con"
    serializer_class = ContactSerializer
    permissions = {
        "list": "contacts.view",
        "retrieve": "contacts.view",
        "create": "contacts.edit",
        "partial_update": "contacts.edit",
        "destroy": "contacts.delete",
        "opt_in": "contacts.edit",
        "opt_out": "contacts.edit",
        "export": "contacts.export",
    }

    def get_queryset(self) -> ContactQuerySet:
        return with_details(Contact.objects.alive())

    @extend_schema(
        summary="List contacts",
        description="Newest first, or by `sort`. `q` finds by the beginning of any word of name or "
        "e-mail, accents ignored, and by the first or last digits of the phone.",
        parameters=[
            OpenApiParameter("q", str),
            TAG_PARAMETER,
            SEGMENT_PARAMETER,
            LIST_PARAMETER,
            SORT_PARAMETER,
        ],
        responses=ContactSerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        found = contact_list(
            q=request.query_params.get("q", ""),
            tag_ids=tags_named(request.query_params.getlist("tag")),
            among=self._among(request.query_params.get("segment", "")),
            list_id=self._list_id(request.query_params.get("list", "")),
        )
        self._sort_by(request.query_params.get("sort", "-created"))
        page = self.paginate_queryset(found) or []
        return self.get_paginated_response(self._shown(page, many=True))

    @extend_schema(summary="Get a contact")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        return Response(self._shown(self.get_object()))

    @extend_schema(
        summary="Create a contact",
        description="A phone, e-mail or external id that a contact has already is answered with "
        "409 `contact_exists`, whose detail names that contact.",
        request=ContactCreateSerializer,
        responses={201: ContactSerializer},
        examples=[EXAMPLE],
    )
    def create(self, request: Request) -> Response:
        wanted = ContactCreateSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        contact = contacts.create_contact(
            **wanted.validated_data, source="api", by=member_of(request), actor=self.actor
        )
        return Response(self._shown(self._fresh(contact.pk)), status=201)

    @extend_schema(
        summary="Change a contact", request=ContactWriteSerializer, responses=ContactSerializer
    )
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        wanted = ContactWriteSerializer(data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        contact = contacts.update_contact(
            contact=self.get_object(), changes=wanted.validated_data, actor=self.actor
        )
        return Response(self._shown(self._fresh(contact.pk)))

    @extend_schema(
        summary="Delete a contact",
        description="Its phone is free for another contact; an opt-out stays in force.",
        responses={204: None},
    )
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002
        contacts.delete_contact(contact=self.get_object(), actor=self.actor)
        return Response(status=204)

    @extend_schema(
        summary="Record an opt-in", request=OptInSerializer, responses={200: ContactSerializer}
    )
    def opt_in(self, request: Request, id: str) -> Response:  # noqa: A002
        contact = self.get_object()
        wanted = OptInSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        given: contacts.OptIn = wanted.validated_data
        consents.opt_in(
            contact=contact, channel=given.channel, purpose=given.purpose, source=given.source,
            at=given.at, text=given.text, text_version=given.text_version,
            by=member_of(request), actor=self.actor,
        )  # fmt: skip
        return Response(self._shown(contact))

    @extend_schema(
        summary="Record an opt-out",
        description="No message of this purpose goes to any address of the contact again.",
        request=OptOutSerializer,
        responses={200: ContactSerializer},
    )
    def opt_out(self, request: Request, id: str) -> Response:  # noqa: A002
        contact = self.get_object()
        wanted = OptOutSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        consents.opt_out(
            contact=contact, by=member_of(request), actor=self.actor, **wanted.validated_data
        )
        return Response(self._shown(contact))

    @extend_schema(
        summary="Take out everything about a person",
        description="What is kept about the contact in every part of the product, as one object "
        "(LGPD, art. 18). That it was taken out is a fact of its own, `contact.exported`.",
        request=None,
        responses={200: OpenApiTypes.OBJECT},
    )
    def export(self, request: Request, id: str) -> Response:  # noqa: A002
        contact = self.get_object()
        return Response(personal_data.export_contact(contact=contact, actor=self.actor))

    def _among(self, segment: str) -> ContactQuerySet | None:
        if not segment:
            return None
        return audiences.select(audiences.validate({"segment": segment}))

    def _list_id(self, text: str) -> UUID | None:
        return LIST.decode(text) if text else None

    def _sort_by(self, sort: str) -> None:
        if sort not in ORDERINGS:
            known = ", ".join(ORDERINGS)
            raise Invalid({"sort": _("Sort by one of these: %(known)s.") % {"known": known}})
        self.cursor_ordering = ORDERINGS[sort]  # type: ignore[misc]  # of this request's view alone

    def _fresh(self, pk: UUID) -> Contact:
        return self.get_queryset().get(pk=pk)

    def _shown(self, shown: Any, *, many: bool = False) -> Any:
        ids = [contact.pk for contact in (shown if many else [shown])]
        state = consent_state(ids, Channel.WHATSAPP, Purpose.MARKETING)
        return ContactSerializer(shown, many=many, context={"consent": state}).data


class TagViewSet(CompanyViewSet):
    """Words on contacts; audiences are chosen by them."""

    id_prefix = "tag"
    serializer_class = TagSerializer
    permissions = {
        "list": "tags.view",
        "retrieve": "tags.view",
        "create": "tags.edit",
        "partial_update": "tags.edit",
        "destroy": "tags.edit",
    }

    def get_queryset(self) -> QuerySet[Tag]:
        return tags_with_counts()

    @extend_schema(summary="List tags")
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(TagSerializer(page, many=True).data)

    @extend_schema(summary="Get a tag")
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002
        return Response(TagSerializer(self.get_object()).data)

    @extend_schema(summary="Create a tag", responses={201: TagSerializer})
    def create(self, request: Request) -> Response:
        wanted = TagSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        tag = tags.create_tag(**wanted.validated_data)
        return Response(TagSerializer(tag).data, status=201)

    @extend_schema(summary="Rename or recolour a tag")
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        wanted = TagSerializer(data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        tag = tags.update_tag(tag=self.get_object(), **wanted.validated_data)
        return Response(TagSerializer(tag).data)

    @extend_schema(
        summary="Delete a tag",
        description="409 `tag_in_use` while a saved audience or a campaign to come names it.",
        responses={204: None},
    )
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002
        tags.delete_tag(tag=self.get_object())
        return Response(status=204)
