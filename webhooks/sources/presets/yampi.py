"""Yampi: `X-Yampi-Hmac-SHA256` in base64; the resource carries all it knows, in reais
(https://docs.yampi.com.br/api-reference/webhooks)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from webhooks.sources import values
from webhooks.sources.enums import Scheme
from webhooks.sources.normalised import OWN, Normalised
from webhooks.sources.presets.base import Preset, member

KINDS = {
    "order.paid": "purchase.approved",
    "transaction.payment.refused": "purchase.refused",
    "cart.reminder": "cart.abandoned",
    "customer.created": "lead.created",
}
BY_STATUS = {
    "refused": "purchase.refused",
    "refunded": "purchase.refunded",
    "cancelled": "purchase.refused",
}


def normalise(data: Any, headers: Mapping[str, str]) -> list[Normalised]:
    """An order, a cart or a customer; included resources stand below `data`."""
    event, resource = values.text(data, "event"), member(data, "resource")
    if not event or not resource:
        return []
    status = values.text(resource, "status.data.alias")
    payment = values.text(resource, "transactions.data[0].payment.data.alias", "payment_method")
    person = member(member(resource, "customer"), "data") or (
        resource if event.startswith("customer.") else {}
    )
    identity = values.text(resource, "number", "token", "id")
    return [
        Normalised(
            kind=_kind(event, status, payment),
            own_kind=event,
            key=f"{identity}:{event}:{status}" if identity else "",
            name=values.text(person, "name", "first_name"),
            phone=values.text(person, "phone.full_number", "phone.formated_number", "phone"),
            email=values.text(person, "email"),
            order_id=values.text(resource, "number", "id"),
            amount=values.from_major(
                resource.get("value_total", member(resource, "totalizers").get("total"))
            ),
            product=values.text(resource, "items.data[0].sku.data.title"),
            pix_code=values.text(resource, "transactions.data[0].pix_qr_code", "pix_code"),
            link=values.text(
                resource, "unauthenticated_url", "reorder_url", "public_url", "billet_url"
            ),
            occurred_at=values.moment(values.text(data, "time")),
            fields={
                **({"status": status} if status else {}),
                **({"payment_method": payment} if payment else {}),
            },
        )
    ]


def _kind(event: str, status: str, payment: str) -> str:
    if event == "order.created":
        return {"pix": "pix.created", "billet": "boleto.created"}.get(payment, OWN)
    if event == "order.status.updated":
        return BY_STATUS.get(status, OWN)
    return KINDS.get(event, OWN)


PRESET = Preset(
    slug="yampi",
    label="Yampi",
    text=_("Orders, payments and abandoned carts of Yampi."),
    normalise=normalise,
    verification={
        "scheme": Scheme.HMAC,
        "algorithm": "sha256",
        "encoding": "base64",
        "header": "X-Yampi-Hmac-SHA256",
    },
    secret_label=_("Secret of the webhook"),
    secret_help=_("In Yampi: Settings, Webhooks, the webhook's own page."),
    steps=(
        _("In Yampi, open Settings, then Webhooks, and create one with the address from here."),
        _("Choose the events: order paid, order created, abandoned cart."),
        _("Copy the secret that Yampi shows and enter it here."),
    ),
    docs="https://docs.yampi.com.br/api-reference/webhooks",
)
