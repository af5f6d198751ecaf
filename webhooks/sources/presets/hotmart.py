"""Hotmart 2.0.0: `X-HOTMART-HOTTOK` carries the account's token; amounts are in whole units
(https://developers.hotmart.com/docs/en/2.0.0/webhook/purchase-webhook/)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from webhooks.sources import values
from webhooks.sources.enums import Scheme
from webhooks.sources.normalised import OWN, Normalised
from webhooks.sources.presets.base import Preset, member

KINDS = {
    "PURCHASE_APPROVED": "purchase.approved",
    "PURCHASE_REFUNDED": "purchase.refunded",
    "PURCHASE_CHARGEBACK": "purchase.refunded",
    "PURCHASE_CANCELED": "purchase.refused",
    "PURCHASE_DELAYED": "subscription.late",
    "PURCHASE_BILLET_PRINTED": "boleto.created",
    "PURCHASE_OUT_OF_SHOPPING_CART": "cart.abandoned",
    "SUBSCRIPTION_CANCELLATION": "subscription.cancelled",
}
OF_PIX = {"PURCHASE_BILLET_PRINTED": "pix.created", "PURCHASE_EXPIRED": "pix.expired"}
SHORTEST_WITH_AREA = 10


def normalise(data: Any, headers: Mapping[str, str]) -> list[Normalised]:
    """One event; what the vocabulary does not have is the source's own."""
    event = values.text(data, "event")
    body = member(data, "data")
    if not event or not body:
        return []
    purchase = member(body, "purchase")
    person = member(body, "buyer") or member(body, "subscriber") or member(body, "user")
    price = member(purchase, "full_price") or member(purchase, "price")
    method = values.text(purchase, "payment.type")
    return [
        Normalised(
            kind=_kind(event, method),
            own_kind=event,
            key=values.text(data, "id"),
            name=values.text(person, "name"),
            phone=_phone(person),
            email=values.text(person, "email"),
            order_id=values.text(purchase, "transaction"),
            amount=values.from_major(price.get("value")),
            currency=values.text(price, "currency_value", "currency_code") or "BRL",
            product=values.text(body, "product.name"),
            pix_code=values.text(purchase, "payment.pix_code"),
            link=values.text(purchase, "payment.pix_qrcode", "payment.billet_url"),
            expires_at=values.moment(member(purchase, "payment").get("pix_expiration_date")),
            occurred_at=values.moment(data.get("creation_date") or data.get("creationDate")),
            fields={
                **values.rest(purchase, "status"),
                **({"payment_method": method} if method else {}),
            },
        )
    ]


def _kind(event: str, method: str) -> str:
    if method == "PIX" and event in OF_PIX:
        return OF_PIX[event]
    return KINDS.get(event, OWN)


def _phone(person: Mapping[str, Any]) -> str:
    """Carts name it with its country and without a plus; purchases as it was typed."""
    whole = values.text(person, "phone")
    if whole:
        return whole if whole.startswith("+") else f"+{whole}"
    number = values.text(person, "checkout_phone", "phone.cell")
    area = values.text(person, "checkout_phone_code", "phone.dddCell")
    return f"{area}{number}" if 0 < len(number) < SHORTEST_WITH_AREA else number


PRESET = Preset(
    slug="hotmart",
    label="Hotmart",
    text=_("Purchases, refunds, boletos, subscriptions and abandoned carts of Hotmart."),
    normalise=normalise,
    verification={"scheme": Scheme.HEADER, "header": "X-HOTMART-HOTTOK"},
    secret_label=_("Hottok"),
    secret_help=_("In Hotmart: Tools, Webhook (API and notifications), “Hottok”."),
    steps=(
        _("In Hotmart, open Tools, then Webhook, and add a configuration of version 2.0.0."),
        _("Paste the address from here and choose the events."),
        _("Copy your Hottok from the same page and enter it here."),
    ),
    docs="https://developers.hotmart.com/docs/en/2.0.0/webhook/purchase-webhook/",
    is_verified=True,
)
