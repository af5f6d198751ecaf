"""Posts to sources as systems send them, and the work that follows."""

import json
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.test import Client

from core import scope
from core.ids import uuid7
from events.models import Event
from tenants.models import Company, Route
from webhooks.ingress.services import envelopes
from webhooks.ingress.takers import Taken
from webhooks.sources.models import Received, Source
from webhooks.sources.posts import Post, pack
from webhooks.sources.services import intake, processing, sources

PIX: dict[str, Any] = {
    "eventType": "pix_created",
    "eventId": "ef17ad3b-4e60-47ac-8233-8d015418da1f",
    "orderId": "67d2cc98",
    "customer": {"name": "Ana Souza", "email": "ana@example.com", "phoneNumber": "11987654321"},
    "product": {"name": "Curso", "quantity": 1},
    "total": 97.5,
    "qrCode": "00020126890014br.gov.bcb.pix",
}


def a_source(preset: str = "generic", **fields: Any) -> Source:
    """A source of the company that is open."""
    return sources.create_source(name="Loja", preset_slug=preset, **fields).source


def post(source: Source, body: Any, **headers: str) -> HttpResponse:
    """Post to its address, from outside of any company."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    content_type = headers.pop("content_type", "application/json")
    query = headers.pop("query", "")
    address = f"/webhooks/in/{source.token}/{query}"
    with scope.public():
        answer: Any = Client().post(address, raw, content_type=content_type, headers=headers)
    return answer


def arrives(source: Source, body: bytes, *, at: datetime) -> None:
    """A post of that moment, taken in and understood."""
    route = Route.objects.get(external_id=source.token)
    packed = pack(Post(body=body, content_type="application/json"))
    intake.accept([Taken(uuid7(), route, at, packed)])
    processing.process("")


def work(company: Company) -> None:
    """What the workers do with it."""
    with scope.public():
        envelopes.split("")
    with scope.opened(company), scope.surroundings(company):
        processing.process("")


def received() -> Received:
    """The one post that there is."""
    return Received.objects.get()


def told() -> list[Event]:
    """The events that sources told, in order."""
    return list(Event.objects.filter(data__has_key="received_id").order_by("sequence"))
