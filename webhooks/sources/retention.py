"""How long posts are kept: they hold names and numbers, as whoever posted wrote them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from core.retention import Deleting, contribute
from webhooks.sources.enums import ReceivedState
from webhooks.sources.models import Received

# What nobody handled yet stays: it would be lost.
HANDLED = (ReceivedState.PROCESSED, ReceivedState.IGNORED)


def register() -> None:
    """Called once, from AppConfig.ready(): with what providers told us (`webhooks.retention`)."""
    contribute("received", Deleting("sources.Received", _old))


def _old(before: datetime) -> QuerySet[Received]:
    return Received.objects.filter(state__in=HANDLED, received_at__lt=before)
