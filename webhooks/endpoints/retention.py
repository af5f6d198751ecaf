"""How long deliveries are kept: bodies say who a contact is, answers may repeat it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from core.retention import Deleting, Kind
from core.retention import register as register_kind
from webhooks.endpoints.enums import OPEN
from webhooks.endpoints.models import Dispatch, WebhookEvent

# What was held back can be sent for so long (delivery.md 2.8).
DEFAULT = LEAST = 30
MOST = 180


def register() -> None:
    """Called once, from AppConfig.ready()."""
    register_kind(
        Kind(
            code="deliveries",
            label=_("Sent webhooks"),
            text=_(
                "What was sent to your endpoints and what they answered. It is deleted, also what "
                "was not delivered; what is still being tried stays."
            ),
            default=DEFAULT,
            least=LEAST,
            most=MOST,
            order=36,
            sources=[Deleting("endpoints.WebhookEvent", _old)],
        )
    )


def _old(before: datetime) -> QuerySet[WebhookEvent]:
    waiting = Dispatch.objects.filter(event=OuterRef("pk"), state__in=OPEN)
    return WebhookEvent.objects.filter(~Exists(waiting), created_at__lt=before)
