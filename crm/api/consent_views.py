"""`/api/v1/contacts/{id}/consents/`: the ledger of one contact."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import CompanyViewSet
from core.errors import Invalid
from crm.api.serializers import ConsentSerializer
from crm.enums import ConsentAction
from crm.models import Contact
from crm.querysets import ContactQuerySet
from crm.services import consents
from team.selectors import member_of

EXAMPLE = OpenApiExample(
    "An agreement on a site",
    value={
        "action": "opt_in",
        "channel": "whatsapp",
        "purpose": "marketing",
        "source": "site form",
        "at": "2026-11-02T14:03:00-03:00",
        "text": "I want to get offers by WhatsApp.",
        "text_version": "2026-03",
    },
    request_only=True,
)


class ConsentViewSet(CompanyViewSet):
    """What a contact allowed and took back, line by line."""

    id_prefix = "con"
    serializer_class = ConsentSerializer
    cursor_ordering = "-at"
    permissions = {"list": "contacts.view", "create": "contacts.edit"}

    def get_queryset(self) -> ContactQuerySet:
        return Contact.objects.alive()

    @extend_schema(
        summary="List a contact's consents",
        description="Newest first. The newest line of a channel and purpose is what holds.",
        responses=ConsentSerializer(many=True),
    )
    def list(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        page: Any = self.paginate_queryset(self.get_object().consents.all()) or []
        return self.get_paginated_response(ConsentSerializer(page, many=True).data)

    @extend_schema(
        summary="Record a consent",
        description="An opt-out suppresses all addresses of the contact on the channel; an opt-in "
        "ends an earlier opt-out, but no block of a provider or of an imported list.",
        examples=[EXAMPLE],
        responses={201: ConsentSerializer},
    )
    def create(self, request: Request, id: str) -> Response:  # noqa: A002
        contact = self.get_object()
        wanted = ConsentSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        data = dict(wanted.validated_data)
        action = data.pop("action")
        if action == ConsentAction.UNDONE:
            raise Invalid({"action": _("Say opt_in or opt_out.")})
        is_opt_in = action == ConsentAction.OPT_IN
        verb = consents.opt_in if is_opt_in else consents.opt_out
        line = verb(contact=contact, **data, by=member_of(request), actor=self.actor)
        return Response(ConsentSerializer(line).data, status=201)
