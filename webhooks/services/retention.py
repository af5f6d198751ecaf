"""How long a company's received items are kept: they hold what people wrote, and their numbers."""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core import agenda
from webhooks.agenda import FORGET
from webhooks.enums import ItemState
from webhooks.models import Item

BATCH = 5_000
SLICE_SECONDS = 2.0
# What nobody handled yet stays: it would be lost.
HANDLED = (ItemState.PROCESSED, ItemState.IGNORED)


def forget_old(_key: str) -> None:
    """The agenda's handler for `webhooks.forget`: a slice of what was handled and is too old."""
    ends_at = time.monotonic() + SLICE_SECONDS
    while time.monotonic() < ends_at:
        ids = list(_old().order_by("received_at", "id").values_list("pk", flat=True)[:BATCH])
        Item.objects.filter(pk__in=ids).delete()
        if len(ids) < BATCH:
            return
    with transaction.atomic():
        agenda.append(FORGET)


def due(_key: str | None) -> Iterable[tuple[str, datetime]]:
    """Now, if something is too old (the agenda's selector)."""
    return [("", timezone.now())] if _old().exists() else []


def _old() -> QuerySet[Item]:
    return Item.objects.filter(
        state__in=HANDLED,
        received_at__lt=timezone.now() - timedelta(days=settings.RECEIVED_ITEMS_DAYS),
    )
