"""The end of what providers posted, in the public schema: envelopes with what is parked of them.

Those that were split keep a hash and counts, which tell a repeated post; those that nobody could
read keep their body, and parked items what they say. All of it goes after `INGRESS_DAYS`: by then
no provider repeats anything, and a number that was not connected in so long brings no old news.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from core import agenda
from core.ids import first_uuid7
from webhooks.ingress.agenda import FORGET
from webhooks.ingress.enums import EnvelopeState
from webhooks.ingress.models import Envelope

BATCH = 5_000


def forget_old(key: str = "") -> None:
    """A slice of what is too old, oldest first (the agenda's handler)."""
    agenda.in_slices(FORGET, key, _forget_some)


def due(_key: str | None) -> Iterable[tuple[str, datetime]]:
    """Now, if something is too old (the agenda's selector)."""
    return [("", timezone.now())] if _old().exists() else []


@transaction.atomic
def _forget_some() -> bool:
    """A batch of them; False when it was the last."""
    ids = list(_old().order_by("pk").values_list("pk", flat=True)[:BATCH])
    Envelope.objects.filter(pk__in=ids).delete()
    return len(ids) == BATCH


def _old() -> QuerySet[Envelope]:
    """What still waits to be split stays, however long."""
    before = timezone.now() - timedelta(days=settings.INGRESS_DAYS)
    return Envelope.objects.filter(pk__lt=first_uuid7(before)).exclude(state=EnvelopeState.RECEIVED)
