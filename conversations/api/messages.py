"""`/api/v1/messages/`: one way to send on every channel, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from connections.models import Connection
from connections.selectors import number_for
from conversations import visibility
from conversations.api.contents import Place, body_of
from conversations.api.serializers import MessageSendSerializer, MessageSerializer
from core.api.views import CompanyViewSet
from core.errors import FieldError, Invalid
from crm import phones
from crm.enums import Channel, IdentityKind
from crm.models import Contact
from crm.services import identities
from crm.services.identities import Known
from messaging.enums import Direction, Origin
from messaging.models import Message
from messaging.selectors import address_at
from messaging.services import outbox

Data = Mapping[str, Any]

EXAMPLES = [
    OpenApiExample(
        "An SMS",
        value={"to": "+5511987654321", "channel": "SMS", "text": "Seu pedido saiu para entrega."},
        request_only=True,
    ),
    OpenApiExample(
        "A template by its name, on WhatsApp",
        value={
            "to": "+5511987654321",
            "channel": "whatsapp",
            "template": "pedido_enviado",
            "language": "pt_BR",
            "variables": {"nome": "Ana", "numero": "10482"},
        },
        request_only=True,
    ),
]


class MessageViewSet(CompanyViewSet):
    """Messages that programs send."""

    id_prefix = "msg"
    cursor_ordering = "-at"
    serializer_class = MessageSerializer
    permissions: ClassVar[dict[str, str]] = {
        "retrieve": "conversations.view",
        "create": "conversations.reply",
    }

    def get_queryset(self) -> QuerySet[Message]:
        rows = Message.objects.exclude(direction=Direction.INTERNAL).select_related(
            "connection", "template", "media", "author"
        )
        return visibility.messages(visibility.looker(self.request), rows)

    @extend_schema(summary="Get a message", responses=MessageSerializer)
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 -- the router's name
        return Response(self._data(self.get_object()))

    @extend_schema(
        summary="Send a message",
        description=(
            "To a phone number or a contact, on any channel: through `connection`, or the first "
            "of your numbers on `channel`. Leaves before every campaign. 409 says by its code why "
            "it may not leave (`opted_out`, `window_closed`, `sms_duplicate`, …)."
        ),
        request=MessageSendSerializer,
        responses={201: MessageSerializer},
        examples=EXAMPLES,
    )
    def create(self, request: Request) -> Response:
        wanted = MessageSendSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        data = wanted.validated_data
        with transaction.atomic():  # no contact stays behind of what may not be sent
            place = Place(_contact(data), _connection(data))
            visibility.refuse_hidden(visibility.looker(request), place.contact, place.connection)
            body = body_of(data, place)
            message = outbox.send(
                contact=place.contact,
                connection=place.connection,
                address=address_at(place.contact, place.connection),
                body=body,
                origin=Origin.API,
                purpose=body.purpose,
                at_least_once=data["at_least_once"],
            )
        return Response(self._data(message), status=201)

    def _data(self, message: Message) -> Any:
        return MessageSerializer(message, context={"request": self.request}).data


def _contact(data: Data) -> Contact:
    """Whom it is for; a number that nobody has is a new contact."""
    if ("to" in data) == ("contact" in data):
        raise Invalid({"to": FieldError("one_recipient", _("Give either to or contact."))})
    if "contact" in data:
        found = Contact.objects.alive().filter(pk=data["contact"]).first()
        if found is None:
            message = _("There is no such contact.")
            raise Invalid({"contact": FieldError("does_not_exist", message)})
        return found
    try:
        known = [Known(IdentityKind.PHONE, data["to"])]
        return identities.resolve(known=known, source="api")[0]
    except phones.BadPhone as error:
        raise Invalid({"to": error.error}) from error


def _connection(data: Data) -> Connection:
    if "connection" in data:
        found = Connection.objects.filter(pk=data["connection"], deleted_at=None).first()
        if found is None:
            message = _("There is no such number.")
            raise Invalid({"connection": FieldError("does_not_exist", message)})
        return found
    number = number_for(data.get("channel", Channel.WHATSAPP))
    if number is None:
        message = _("No number of this channel is connected.")
        raise Invalid({"channel": FieldError("no_number", message)})
    return number
