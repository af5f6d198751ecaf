"""Connections to the sandbox's demo account, and Meta's callbacks as bytes."""

import itertools
from typing import Any

import orjson

from connections.models import Connection
from connections.services.connections import connect
from sandbox.accounts import DEMO_NUMBERS, DEMO_SECRET, DEMO_TOKEN, DEMO_WABA

PROVIDER = "whatsapp_cloud"
NUMBER = DEMO_NUMBERS[0]
_serial = itertools.count(1)


def demo_values(**changed: str) -> dict[str, str]:
    """What a person types into the wizard for the sandbox's first number."""
    values = {
        "number_id": NUMBER,
        "account_id": DEMO_WABA,
        "token": DEMO_TOKEN,
        "app_secret": DEMO_SECRET,
    }
    return {**values, **changed}


def connected(**changed: str) -> Connection:
    """The demo number, connected through the service (needs the `sandbox` fixture)."""
    return connect(provider=PROVIDER, values=demo_values(**changed), name="Loja Aurora")


def a_connection(**fields: Any) -> Connection:
    """A connection that no provider was asked about."""
    number = next(_serial)
    connection = Connection(
        **{
            "provider": PROVIDER,
            "name": f"Loja {number}",
            "external_id": f"20654035224{number:04}",
            "account_id": DEMO_WABA,
            "webhook_token": f"token-{number}",
            **fields,
        }
    )
    connection.credentials = {
        "token": DEMO_TOKEN,
        "app_secret": DEMO_SECRET,
        "verify_token": "verify",
    }
    connection.save(force_insert=True)
    return connection


def control(sandbox: Any, path: str, **body: Any) -> Any:
    """A POST to the sandbox's own controls."""
    answer = sandbox.http.post(f"/_sandbox/{path}", json=body)
    answer.raise_for_status()
    return answer.json()


def callback(*values: dict[str, Any], field: str = "messages") -> bytes:
    """A callback of Meta's with one change for each value."""
    changes = [{"field": field, "value": value} for value in values]
    return orjson.dumps(
        {
            "object": "whatsapp_business_account",
            "entry": [{"id": DEMO_WABA, "time": 1760000000, "changes": changes}],
        }
    )


def written(*messages: dict[str, Any], **value: Any) -> dict[str, Any]:
    """The value of a change in which people wrote to the demo number."""
    contact = {"profile": {"name": "Ana"}, "wa_id": "5511987654321", "user_id": "BR.77"}
    return {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "551140001000", "phone_number_id": NUMBER},
        "contacts": [contact],
        "messages": list(messages),
        **value,
    }


def message(kind: str = "text", **part: Any) -> dict[str, Any]:
    """One incoming message of a kind, with its part."""
    base = {"from": "5511987654321", "id": "wamid.1", "timestamp": "1760000000", "type": kind}
    return {**base, **part}
