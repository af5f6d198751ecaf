"""Our types of events in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KIND_LABELS: dict[str, str | Promise] = {
    "pix.created": _("PIX created"),
    "pix.paid": _("PIX paid"),
    "pix.expired": _("PIX expired"),
    "purchase.approved": _("Purchase approved"),
    "purchase.refused": _("Purchase refused"),
    "purchase.refunded": _("Purchase refunded"),
    "cart.abandoned": _("Cart abandoned"),
    "boleto.created": _("Boleto created"),
    "subscription.created": _("Subscription created"),
    "subscription.renewed": _("Subscription renewed"),
    "subscription.late": _("Subscription late"),
    "subscription.cancelled": _("Subscription cancelled"),
    "lead.created": _("Lead created"),
    "source.said": _("Something of its own"),
}


def label_of(kind: str) -> str:
    """What people call it; its name, where nobody said."""
    return str(KIND_LABELS.get(kind, kind))
