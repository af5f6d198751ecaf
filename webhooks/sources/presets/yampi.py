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
# Where somebody goes on: the boleto, the cart (with the customer's own address first, since the
# other one empties the cart of who is signed in), the cart of a refused payment, the order.
LINKS = (
    "transactions.data[0].billet_url",
    *("simulate_url", "unauth_simulate_url"),
    *("cart.data.simulate_url", "cart.data.unauth_simulate_url"),
    *("reorder_url", "public_url"),
)
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
    payment = values.text(
        resource,
        "transactions.data[0].payment.data.alias",
        "payment.data.alias",
        "payments[0].alias",
    )
    person = _person(event, resource)
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
                values.text(resource, "value_total", "totalizers.total", "amount")
            ),
            product=values.text(
                resource,
                "items.data[0].sku.data.title",
                "cart.data.items.data[0].sku.data.title",
            ),
            pix_code=values.text(
                resource,
                "pix.data.pix_qr_code",
                "transactions.data[0].metadata.data.pix_qr_code",
            ),
            link=values.text(resource, *LINKS),
            expires_at=values.moment(
                values.text(
                    resource,
                    "pix.data.pix_expiration_date",
                    "transactions.data[0].metadata.data.pix_expiration_date",
                    "transactions.data[0].billet_date.date",
                )
            ),
            occurred_at=values.moment(values.text(data, "time", "time.date")),
            fields={
                **({"status": status} if status else {}),
                **({"payment_method": payment} if payment else {}),
            },
        )
    ]


def _person(event: str, resource: Mapping[str, Any]) -> Mapping[str, Any]:
    """The customer; of a cart whoever began to fill it in."""
    if event.startswith("customer."):
        return resource
    return member(member(resource, "customer"), "data") or member(resource, "tracking_data")


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
