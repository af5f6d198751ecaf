"""How long a company's received items are kept: they hold what people wrote, and their numbers."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.retention import Deleting, Kind
from core.retention import register as register_kind
from webhooks.enums import ItemState
from webhooks.models import Item

# What nobody handled yet stays: it would be lost.
HANDLED = (ItemState.PROCESSED, ItemState.IGNORED)
LEAST, MOST = 7, 365


def register() -> None:
    """Called once, from AppConfig.ready()."""
    register_kind(
        Kind(
            code="received",
            label=_("Received items"),
            text=_(
                "What providers told us, as it came: it helps to find out why something did not "
                "arrive. Items that were handled are deleted; those that were not stay."
            ),
            default=settings.RECEIVED_ITEMS_DAYS,
            least=LEAST,
            most=max(MOST, settings.RECEIVED_ITEMS_DAYS),
            order=35,
            sources=[Deleting("webhooks.Item", _old)],
        )
    )


def _old(before: datetime) -> QuerySet[Item]:
    return Item.objects.filter(state__in=HANDLED, received_at__lt=before)
