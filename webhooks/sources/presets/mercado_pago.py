"""Mercado Pago posts an id and nothing else; the payment is asked for with the company's token
(https://www.mercadopago.com.br/developers/pt/docs/your-integrations/notifications/webhooks)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from webhooks.sources import values
from webhooks.sources.enums import Scheme
from webhooks.sources.normalised import OWN, Normalised
from webhooks.sources.presets.base import Credential, Enquiry, Preset, is_plain_id, member

PIX = "pix"
BOLETOS = {"bolbradesco", "pec"}
KINDS = {
    "approved": "purchase.approved",
    "rejected": "purchase.refused",
    "refunded": "purchase.refunded",
    "charged_back": "purchase.refunded",
}
OF_PIX = {"pending": "pix.created", "approved": "pix.paid", "cancelled": "pix.expired"}


def normalise(data: Any, headers: Mapping[str, str]) -> list[Normalised]:
    """The payment that was asked for; without it nothing is known but that there is one."""
    payment = member(data, "details")
    status, identity = values.text(payment, "status"), values.text(payment, "id")
    if not status or not identity:
        return []
    method = values.text(payment, "payment_method_id")
    kind = _kind(status, method)
    code = member(member(payment, "point_of_interaction"), "transaction_data")
    return [
        Normalised(
            kind=kind,
            own_kind=f"payment.{status}",
            key=f"{identity}:{status}",
            name=_name(payment),
            phone=_phone(payment),
            email=values.text(payment, "payer.email", "additional_info.payer.email"),
            order_id=values.text(payment, "external_reference") or identity,
            amount=values.from_major(payment.get("transaction_amount")),
            currency=values.text(payment, "currency_id") or "BRL",
            product=values.text(payment, "description", "additional_info.items[0].title"),
            pix_code=values.text(code, "qr_code"),
            link=values.text(code, "ticket_url")
            or values.text(payment, "transaction_details.external_resource_url"),
            expires_at=values.moment(payment.get("date_of_expiration")),
            occurred_at=values.moment(
                payment.get("date_last_updated") or payment.get("date_created")
            ),
            fields={
                **values.rest(payment, "status_detail"),
                **({"payment_method": method} if method else {}),
            },
        )
    ]


def enquire(data: Any, credentials: Mapping[str, str]) -> Enquiry | None:
    """The payment that a notification is about."""
    kind = values.text(data, "type", "topic")
    identity = values.text(data, "data.id")
    token = credentials.get("access_token", "")
    if kind != "payment" or not token or not is_plain_id(identity):
        return None
    return Enquiry(
        f"{settings.MERCADO_PAGO_URL}/v1/payments/{identity}",
        {"Authorization": f"Bearer {token}"},
    )


def _kind(status: str, method: str) -> str:
    if method == PIX and status in OF_PIX:
        return OF_PIX[status]
    if method in BOLETOS and status == "pending":
        return "boleto.created"
    return KINDS.get(status, OWN)


def _name(payment: Mapping[str, Any]) -> str:
    for place in ("payer", "additional_info.payer"):
        parts = [values.text(payment, f"{place}.{part}") for part in ("first_name", "last_name")]
        if any(parts):
            return " ".join(part for part in parts if part)
    return ""


def _phone(payment: Mapping[str, Any]) -> str:
    for place in ("payer.phone", "additional_info.payer.phone"):
        number = values.text(payment, f"{place}.number")
        if number:
            return values.text(payment, f"{place}.area_code") + number
    return ""


PRESET = Preset(
    slug="mercado_pago",
    label="Mercado Pago",
    text=_("Payments of Mercado Pago, with PIX and boleto."),
    normalise=normalise,
    enquire=enquire,
    verification={"scheme": Scheme.MERCADO_PAGO},
    secret_label=_("Secret signature"),
    secret_help=_("In Mercado Pago: Your integrations, the application, Webhooks."),
    credentials=(
        Credential(
            "access_token",
            _("Access token (production)"),
            _("Mercado Pago posts only a number: with the token we ask for the payment."),
        ),
    ),
    steps=(
        _("In Mercado Pago, open Your integrations, your application, then Webhooks."),
        _("Paste the address from here, choose “Payments” and save."),
        _("Copy the secret signature and the access token and enter both here."),
    ),
    docs="https://www.mercadopago.com.br/developers/pt/docs/your-integrations/notifications/webhooks",
    is_verified=True,
)
