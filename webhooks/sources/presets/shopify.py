"""Shopify: `X-Shopify-Hmac-Sha256` in base64, the topic in a header, amounts as decimal texts
(https://shopify.dev/docs/api/webhooks)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from webhooks.sources import values
from webhooks.sources.enums import Scheme
from webhooks.sources.normalised import OWN, Normalised
from webhooks.sources.presets.base import Preset, member

TOPIC = "x-shopify-topic"
KINDS = {
    "orders/paid": "purchase.approved",
    "refunds/create": "purchase.refunded",
    "checkouts/create": "cart.abandoned",
    "checkouts/update": "cart.abandoned",
    "customers/create": "lead.created",
}
# What an order says of itself where the topic does not.
BY_STATUS = {"paid": "purchase.approved", "refunded": "purchase.refunded"}


def normalise(data: Any, headers: Mapping[str, str]) -> list[Normalised]:
    """An order, a checkout, a refund or a customer, by the topic."""
    if not isinstance(data, dict) or not data.get("id"):
        return []
    topic = headers.get(TOPIC, "")
    kind = KINDS.get(topic) or BY_STATUS.get(values.text(data, "financial_status"), OWN)
    if kind == "cart.abandoned" and data.get("completed_at"):
        kind = OWN  # the checkout became an order
    identity = values.text(data, "order_id", "token") if kind != "purchase.approved" else ""
    identity = identity or values.text(data, "id")
    return [
        Normalised(
            kind=kind,
            own_kind=topic or values.text(data, "financial_status"),
            key=f"{identity}:{kind if kind != OWN else topic}",
            name=_name(data),
            phone=_of_person(data, "phone"),
            email=_of_person(data, "email") or values.text(data, "contact_email"),
            order_id=values.text(data, "name", "order_id", "id"),
            amount=values.from_major(data.get("total_price")),
            currency=values.text(data, "currency") or "BRL",
            product=values.text(data, "line_items[0].title", "line_items[0].name"),
            link=values.text(data, "abandoned_checkout_url", "order_status_url"),
            occurred_at=values.moment(data.get("updated_at") or data.get("created_at")),
            fields=values.rest(data, "financial_status", "gateway", "order_number"),
        )
    ]


def _name(data: Mapping[str, Any]) -> str:
    for place in ("customer", "billing_address", "shipping_address"):
        person = member(data, place)
        parts = [values.text(person, part) for part in ("first_name", "last_name")]
        if any(parts):
            return " ".join(part for part in parts if part)
    return " ".join(filter(None, (values.text(data, "first_name"), values.text(data, "last_name"))))


def _of_person(data: Mapping[str, Any], field: str) -> str:
    return values.text(
        data,
        field,
        f"customer.{field}",
        f"billing_address.{field}",
        f"shipping_address.{field}",
        f"customer.default_address.{field}",
    )


PRESET = Preset(
    slug="shopify",
    label="Shopify",
    text=_("Orders, refunds and checkouts of a Shopify store."),
    normalise=normalise,
    verification={
        "scheme": Scheme.HMAC,
        "algorithm": "sha256",
        "encoding": "base64",
        "header": "X-Shopify-Hmac-Sha256",
    },
    secret_label=_("Signing secret"),
    secret_help=_("In Shopify: Settings, Notifications, Webhooks, below the list."),
    steps=(
        _("In Shopify, open Settings, Notifications, Webhooks, and create a webhook in JSON."),
        _("Choose “Order payment”, and “Checkout creation” for carts, with the address from here."),
        _("Copy the secret that Shopify shows below the list and enter it here."),
        _("Shopify tells when a checkout begins: let your automation wait before it writes."),
    ),
    docs="https://shopify.dev/docs/api/webhooks",
    is_verified=True,
)
