"""Asaas: `asaas-access-token` carries the token chosen there; amounts are in reais, and the
customer is an id alone (https://docs.asaas.com/docs/webhook-para-cobrancas)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from webhooks.sources import values
from webhooks.sources.enums import Scheme
from webhooks.sources.normalised import OWN, Normalised
from webhooks.sources.presets.base import Credential, Enquiry, Preset, is_plain_id, member

PAID = {"PAYMENT_RECEIVED", "PAYMENT_CONFIRMED", "PAYMENT_RECEIVED_IN_CASH"}
REFUNDED = {
    *("PAYMENT_REFUNDED", "PAYMENT_PARTIALLY_REFUNDED", "PAYMENT_CHARGEBACK_REQUESTED"),
}
REFUSED = {
    *("PAYMENT_CREDIT_CARD_CAPTURE_REFUSED", "PAYMENT_REPROVED_BY_RISK_ANALYSIS"),
}
OF_SUBSCRIPTIONS = {
    "SUBSCRIPTION_CREATED": "subscription.created",
    "SUBSCRIPTION_INACTIVATED": "subscription.cancelled",
    "SUBSCRIPTION_DELETED": "subscription.cancelled",
}
CREATED = {"PIX": "pix.created", "BOLETO": "boleto.created"}
CARD = "CREDIT_CARD"


def normalise(data: Any, headers: Mapping[str, str]) -> list[Normalised]:
    """A charge or a subscription; the customer comes in `details` if we may ask for it."""
    event = values.text(data, "event")
    payment = member(data, "payment") or member(data, "subscription")
    if not event or not payment:
        return []
    customer = member(data, "details")
    identity, kind = values.text(payment, "id"), _kind(event, payment)
    return [
        Normalised(
            kind=kind,
            own_kind=event,
            key=_key(event, kind, payment),
            name=values.text(customer, "name"),
            phone=values.text(customer, "mobilePhone", "phone"),
            email=values.text(customer, "email"),
            order_id=values.text(payment, "externalReference") or identity,
            amount=values.from_major(payment.get("value")),
            product=values.text(payment, "description"),
            link=values.text(payment, "invoiceUrl", "bankSlipUrl"),
            expires_at=values.moment(payment.get("dueDate")),
            occurred_at=values.moment(data.get("dateCreated")),
            fields={
                **values.rest(payment, "customer", "subscription", "installment", "status"),
                **({"payment_method": method} if (method := _method(payment)) else {}),
            },
        )
    ]


def enquire(data: Any, credentials: Mapping[str, str]) -> Enquiry | None:
    """Who the customer is."""
    customer = values.text(data, "payment.customer", "subscription.customer")
    token = credentials.get("access_token", "")
    if not token or not is_plain_id(customer):
        return None
    return Enquiry(f"{settings.ASAAS_URL}/customers/{customer}", {"access_token": token})


def _kind(event: str, payment: Mapping[str, Any]) -> str:
    is_pix = _method(payment) == "PIX"
    if event == "PAYMENT_CREATED":
        return CREATED.get(_method(payment), OWN)
    if event in PAID:
        return "pix.paid" if is_pix else "purchase.approved"
    if event == "PAYMENT_OVERDUE":
        late = "subscription.late" if payment.get("subscription") else OWN
        return "pix.expired" if is_pix and late == OWN else late
    if event in REFUNDED:
        return "purchase.refunded"
    return "purchase.refused" if event in REFUSED else OF_SUBSCRIPTIONS.get(event, OWN)


def _key(event: str, kind: str, payment: Mapping[str, Any]) -> str:
    """Confirmed and received are one payment, told twice; the parcels of a card are told at once,
    each by itself, and are one purchase."""
    identity = values.text(payment, "id")
    if event in PAID and _method(payment) == CARD and not payment.get("subscription"):
        identity = values.text(payment, "installment") or identity
    return f"{identity}:{kind if event in PAID else event}" if identity else ""


def _method(payment: Mapping[str, Any]) -> str:
    return values.text(payment, "billingType")


PRESET = Preset(
    slug="asaas",
    label="Asaas",
    text=_("Charges and subscriptions of Asaas."),
    normalise=normalise,
    enquire=enquire,
    verification={"scheme": Scheme.HEADER, "header": "asaas-access-token"},
    gives_secret=True,
    secret_label=_("Authentication token"),
    secret_help=_("Enter it in Asaas as “Token de autenticação” of the webhook."),
    credentials=(
        Credential(
            "access_token",
            _("API key of Asaas"),
            _("Asaas posts no name and no phone: with the key we ask it who the customer is."),
        ),
    ),
    steps=(
        _("In Asaas, open Integrations, then Webhooks, and add one with the address from here."),
        _("Enter the authentication token that you see here."),
        _("Choose the events of charges and subscriptions, and switch it on."),
    ),
    docs="https://docs.asaas.com/docs/webhook-para-cobrancas",
    is_verified=True,
)
