"""Nuvemshop (Tiendanube) posts the store, the event and an id; the order is asked for with the
company's token (https://github.com/TiendaNube/api-docs/blob/master/resources/webhook.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from webhooks.sources import values
from webhooks.sources.enums import Scheme
from webhooks.sources.normalised import OWN, Normalised
from webhooks.sources.presets.base import Credential, Enquiry, Preset, is_plain_id, member

KINDS = {"order/paid": "purchase.approved", "order/voided": "purchase.refunded"}


def normalise(data: Any, headers: Mapping[str, str]) -> list[Normalised]:
    """An event, with the order in `details` if we may ask for it."""
    event, identity = values.text(data, "event"), values.text(data, "id")
    if not event or not identity:
        return []
    order = member(data, "details")
    return [
        Normalised(
            kind=KINDS.get(event, OWN),
            own_kind=event,
            key=f"{values.text(data, 'store_id')}:{identity}:{event}",
            name=values.text(order, "contact_name", "customer.name"),
            phone=values.text(
                order, "contact_phone", "customer.phone", "billing_phone", "shipping_address.phone"
            ),
            email=values.text(order, "contact_email", "customer.email"),
            order_id=values.text(order, "number") or identity,
            amount=values.from_major(order.get("total")),
            currency=values.text(order, "currency") or "BRL",
            product=values.text(order, "products[0].name"),
            link=values.text(order, "abandoned_checkout_url"),
            occurred_at=values.moment(order.get("paid_at") or order.get("created_at")),
            fields={
                **values.rest(order, "payment_status", "gateway"),
                **values.rest(member(order, "payment_details"), "method"),
            },
        )
    ]


def enquire(data: Any, credentials: Mapping[str, str]) -> Enquiry | None:
    """The order that an event is about."""
    store, identity = values.text(data, "store_id"), values.text(data, "id")
    token = credentials.get("access_token", "")
    is_order = values.text(data, "event").startswith("order/")
    if not token or not is_order or not is_plain_id(store) or not is_plain_id(identity):
        return None
    return Enquiry(
        f"{settings.NUVEMSHOP_URL}/v1/{store}/orders/{identity}",
        {"Authentication": f"bearer {token}", "User-Agent": "Master IA (suporte@masteria.app)"},
    )


PRESET = Preset(
    slug="nuvemshop",
    label="Nuvemshop",
    text=_("Orders of a Nuvemshop store."),
    normalise=normalise,
    enquire=enquire,
    verification={
        "scheme": Scheme.HMAC,
        "algorithm": "sha256",
        "encoding": "hex",
        "header": "x-linkedstore-hmac-sha256",
    },
    secret_label=_("Secret of the app (client secret)"),
    secret_help=_("In the partners' portal of Nuvemshop: your app, Keys."),
    credentials=(
        Credential(
            "access_token",
            _("Access token of the store"),
            _("Nuvemshop posts only a number: with the token we ask for the order."),
        ),
    ),
    steps=(
        _("In the partners' portal of Nuvemshop, open your app and copy its secret."),
        _("Register the address from here for “order/paid” through Nuvemshop's API."),
        _("Enter the secret and the store's access token here."),
    ),
    docs="https://github.com/TiendaNube/api-docs/blob/master/resources/webhook.md",
    is_verified=True,
)
