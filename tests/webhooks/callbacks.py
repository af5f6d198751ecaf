"""Callbacks in the provider's shape, signed as it signs them."""

import hashlib
import hmac
import json
import time
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.test import Client

from connections.models import Connection
from core import scope
from tenants.enums import RouteKind
from tenants.models import Company, Route
from tests.messaging import factories
from webhooks.ingress.services import envelopes
from webhooks.services import processing

SECRET = "sandbox-app-secret"


def an_address(company: Company, number: Connection) -> str:
    """Register a connection's number and webhook address; returns the address."""
    with scope.public():
        for kind, external_id in (
            (RouteKind.NUMBER, number.external_id),
            (RouteKind.WEBHOOK, number.webhook_token),
        ):
            Route.objects.create(
                kind=kind,
                provider=number.provider,
                external_id=external_id,
                company=company,
                connection_id=number.pk,
                account_id=number.account_id if kind == RouteKind.NUMBER else "",
                secret=SECRET if kind == RouteKind.WEBHOOK else "",
                verify_token="let-me-in",
            )
    return f"/webhooks/meta/{number.webhook_token}/"


def work(*companies: Company) -> None:
    """What the workers do after a callback: hand over, then let each company handle its items."""
    with scope.public():
        envelopes.split("")
    for company in companies:
        with scope.opened(company):
            processing.process("")


def signature(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def post(address: str, body: bytes, *, secret: str = SECRET, **headers: str) -> HttpResponse:
    """Post a body, signed unless a header says otherwise; the scope stays as it was."""
    here = scope.current()
    given = {"X-Hub-Signature-256": signature(body, secret), **headers}
    answer = Client().post(address, data=body, content_type="application/json", headers=given)
    if here is not None:
        connection.set_tenant(here)
    return answer


def envelope(*changes: dict[str, Any], account: str = factories.ACCOUNT) -> bytes:
    entry = {"id": account, "changes": list(changes)}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def change(number_id: str = factories.NUMBER, **value: Any) -> dict[str, Any]:
    return {
        "field": "messages",
        "value": {
            "messaging_product": "whatsapp",
            "metadata": {"phone_number_id": number_id, "display_phone_number": "551140001000"},
            **value,
        },
    }


def template_paused(name: str) -> dict[str, Any]:
    """What an account says of a template: no number stands in it."""
    told = {
        "event": "PAUSED",
        "message_template_id": 1,
        "message_template_name": name,
        "message_template_language": "en",
    }
    return {"field": "message_template_status_update", "value": told}


def text(
    wamid: str, body: str = "Oi", sender: str = "5511987654321", **extra: Any
) -> dict[str, Any]:
    return {
        "id": wamid,
        "from": sender,
        "timestamp": str(int(time.time())),
        "type": "text",
        "text": {"body": body},
        **extra,
    }


def status(wamid: str, kind: str, *, opaque: str = "", **extra: Any) -> dict[str, Any]:
    told = {
        "id": wamid,
        "status": kind,
        "timestamp": str(int(time.time())),
        "recipient_id": "5511987654321",
        **extra,
    }
    return {**told, "biz_opaque_callback_data": opaque} if opaque else told
