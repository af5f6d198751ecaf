"""Values for samples of events, by what a field is called."""

from datetime import datetime
from typing import Any, get_origin
from uuid import UUID

from connections import registry
from core import ids

MOMENT = "2026-11-21T14:30:00+00:00"
_ID = UUID("019aa5c2-7b00-7000-8000-5a3d1f6e2b94")

_BY_NAME: dict[str, Any] = {
    "name": "Ana Souza",
    "phone": "+5511987654321",
    "email": "ana@example.com",
    "source": "inbound",
    "channel": "whatsapp",
    "purpose": "marketing",
    "changed": ["name", "tags"],
    "order_id": "1042",
    "amount": 19700,
    "currency": "BRL",
    "product": "Curso de confeitaria",
    "pix_code": "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-426655440000",
    "link": "https://loja.example/pagar/1042",
    "key": "evt-1042",
    "fields": {"utm_source": "instagram"},
    "kind": "contacts",
    "state": "done",
    "former": "running",
    "code": "",
    "detail": "",
    "provider": registry.slugs()[0],
    "external_id": "106540352242922",
    "reply": "first",
    "score": 5,
    "priority": "high",
    "status": "APPROVED",
    "language": "pt_BR",
    "reason": "",
    "variant": "A",
    "url": "https://loja.example/oferta",
    "action": "tag",
    "total": 3,
    "created": 1,
    "updated": 1,
    "rejected": 1,
    "days": 7,
}


def sample_of(name: str, kind: Any) -> Any:
    """What a field of this name could hold; something of its kind if nothing is known of it."""
    if kind is datetime or name.endswith("_at") or name in ("at", "until"):
        return MOMENT
    if name == "changed" and kind is int:
        return 3
    if name in _BY_NAME:
        return _BY_NAME[name]
    return {str: "", int: 1, bool: True, float: 1.0, dict: {}}.get(get_origin(kind) or kind, [])


def sample_id(prefix: str) -> str:
    """A public id."""
    return ids.encode(prefix, _ID)
