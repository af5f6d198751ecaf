"""Kiwify: `?signature=` is the HMAC-SHA1 of the body in hex; amounts are in centavos, and times
that name no zone are UTC, as those beside them that do
(https://docs.kiwify.com.br/api-reference/webhooks/receiving)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from webhooks.sources import values
from webhooks.sources.enums import Scheme
from webhooks.sources.normalised import OWN, Normalised
from webhooks.sources.presets.base import Preset, member

CHECKOUT = "https://pay.kiwify.com.br/"
KINDS = {
    "order_approved": "purchase.approved",
    "compra_aprovada": "purchase.approved",
    "order_refunded": "purchase.refunded",
    "compra_reembolsada": "purchase.refunded",
    "chargeback": "purchase.refunded",
    "order_rejected": "purchase.refused",
    "compra_recusada": "purchase.refused",
    "pix_created": "pix.created",
    "pix_gerado": "pix.created",
    "billet_created": "boleto.created",
    "boleto_gerado": "boleto.created",
    "subscription_renewed": "subscription.renewed",
    "subscription_late": "subscription.late",
    "subscription_canceled": "subscription.cancelled",
}


def normalise(data: Any, headers: Mapping[str, str]) -> list[Normalised]:
    """An order or a cart, by itself or wrapped (`{"order": …}`, `{"cart": …}`)."""
    if not isinstance(data, dict):
        return []
    cart = member(data, "cart") or (data if data.get("status") == "abandoned" else {})
    if cart:
        return [_cart(cart)]
    order = member(data, "order") or data
    return [_order(order)] if order.get("order_id") or order.get("webhook_event_type") else []


def _order(order: Mapping[str, Any]) -> Normalised:
    event = values.text(order, "webhook_event_type")
    order_id = values.text(order, "order_id")
    customer = member(order, "Customer")
    return Normalised(
        kind=KINDS.get(event, OWN if event else ""),
        own_kind=event,
        key=f"{order_id}:{event}" if order_id else "",
        name=values.text(customer, "full_name", "first_name"),
        phone=values.text(customer, "mobile"),
        email=values.text(customer, "email"),
        order_id=order_id,
        amount=values.from_minor(member(order, "Commissions").get("charge_amount")),
        currency=values.text(order, "Commissions.currency") or "BRL",
        product=values.text(order, "Product.product_name", "product_name"),
        pix_code=values.text(order, "pix_code"),
        link=values.text(order, "boleto_URL", "access_url"),
        expires_at=_moment(order.get("pix_expiration") or order.get("boleto_expiry_date")),
        occurred_at=_moment(order.get("updated_at") or order.get("created_at")),
        fields=values.rest(order, "order_ref", "payment_method", "subscription_id"),
    )


def _moment(value: Any) -> datetime | None:
    return values.moment(value, zone=UTC)


def _cart(cart: Mapping[str, Any]) -> Normalised:
    link = values.text(cart, "checkout_link")
    identity = values.text(cart, "id")
    return Normalised(
        kind="cart.abandoned",
        own_kind=values.text(cart, "status"),
        key=f"cart:{identity}" if identity else "",
        name=values.text(cart, "name", "full_name"),
        phone=values.text(cart, "phone", "mobile"),
        email=values.text(cart, "email"),
        order_id=identity,
        product=values.text(cart, "product_name"),
        link=link if "://" in link or not link else f"{CHECKOUT}{link}",
        occurred_at=values.moment(cart.get("created_at")),
        fields=values.rest(cart, "product_id", "country", "cnpj"),
    )


PRESET = Preset(
    slug="kiwify",
    label="Kiwify",
    text=_("Sales, PIX, boletos, subscriptions and abandoned carts of Kiwify."),
    normalise=normalise,
    verification={
        "scheme": Scheme.HMAC,
        "algorithm": "sha1",
        "encoding": "hex",
        "parameter": "signature",
    },
    secret_label=_("Token of the webhook"),
    secret_help=_("In Kiwify: Apps, Webhooks, the webhook's own page, “Token”."),
    steps=(
        _("In Kiwify, open Apps, then Webhooks, and create a webhook with the address from here."),
        _("Choose the products and the events."),
        _("Copy the token that Kiwify shows for the webhook and enter it here."),
    ),
    docs="https://docs.kiwify.com.br/api-reference/webhooks/receiving",
    is_verified=True,
)
