"""Woovi (OpenPix): signed with Woovi's own key, in `x-webhook-signature`; amounts in centavos
(https://developers.woovi.com/docs/webhook/seguranca/webhook-signature-validation)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from webhooks.sources import values
from webhooks.sources.enums import Scheme
from webhooks.sources.normalised import OWN, Normalised
from webhooks.sources.presets.base import Preset, member

PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC/+NtIkjzevvqD+I3MMv3bLXDt
pvxBjY4BsRrSdca3rtAwMcRYYvxSnd7jagVLpctMiOxQO8ieUCKLSWHpsMAjO/zZ
WMKbqoG8MNpi/u3fp6zz0mcHCOSqYsPUUG19buW8bis5ZZ2IZgBObWSpTvJ0cnj6
HKBAA82Jln+lGwS1MwIDAQAB
-----END PUBLIC KEY-----
"""
KINDS = {
    "OPENPIX:CHARGE_CREATED": "pix.created",
    "OPENPIX:CHARGE_COMPLETED": "pix.paid",
    "OPENPIX:CHARGE_COMPLETED_NOT_SAME_CUSTOMER_PAYER": "pix.paid",
    "OPENPIX:CHARGE_EXPIRED": "pix.expired",
    "OPENPIX:TRANSACTION_RECEIVED": "pix.paid",
    "OPENPIX:TRANSACTION_REFUND_RECEIVED": "purchase.refunded",
}


def normalise(data: Any, headers: Mapping[str, str]) -> list[Normalised]:
    """A charge, or a payment without one; a test of the address says nothing."""
    charge, pix = member(data, "charge"), member(data, "pix")
    event = values.text(data, "event")
    if not event or not (charge or pix):
        return []
    kind = KINDS.get(event, OWN)
    order_id = values.text(charge, "correlationID", "identifier")
    identity = order_id or values.text(pix, "endToEndId", "transactionID")
    person = member(charge, "customer") or member(pix, "customer") or member(pix, "payer")
    return [
        Normalised(
            kind=kind,
            own_kind=event,
            # A payment is told as the charge's and as a transaction: the same one.
            key=f"{identity}:{kind if kind != OWN else event}" if identity else "",
            name=values.text(person, "name"),
            phone=values.text(person, "phone"),
            email=values.text(person, "email"),
            order_id=order_id,
            amount=values.from_minor(charge.get("value", pix.get("value"))),
            product=values.text(charge, "comment"),
            pix_code=values.text(charge, "brCode"),
            link=values.text(charge, "paymentLinkUrl"),
            expires_at=values.moment(charge.get("expiresDate")),
            occurred_at=values.moment(
                charge.get("paidAt") or charge.get("updatedAt") or pix.get("time")
            ),
            fields={
                **values.rest(charge, "identifier", "transactionID", "status"),
                **values.rest(pix, "endToEndId"),
            },
        )
    ]


PRESET = Preset(
    slug="woovi",
    label="Woovi / OpenPix",
    text=_("PIX charges of Woovi (OpenPix): created, paid and expired."),
    normalise=normalise,
    verification={
        "scheme": Scheme.RSA,
        "header": "x-webhook-signature",
        "public_key": PUBLIC_KEY,
    },
    steps=(
        _("In Woovi, open API/Plugins, then Webhooks, and create one for each event."),
        _("Paste the address from here."),
        _("There is no secret to copy: Woovi signs with its own key, which we know."),
    ),
    docs="https://developers.woovi.com/docs/webhook/seguranca/webhook-signature-validation",
    is_verified=True,
)
