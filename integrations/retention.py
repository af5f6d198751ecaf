"""How long what was told to other systems is kept: notes hold what people wrote."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.retention import Deleting, Kind
from core.retention import register as register_kind
from integrations.enums import PushState
from integrations.models import Push

DAYS, LEAST, MOST = 90, 7, 365


def register() -> None:
    """Called once, from AppConfig.ready()."""
    register_kind(
        Kind(
            code="pushes",
            label=_("Sent to other systems"),
            text=_(
                "Contacts and notes that were sent to connected systems, as this company's list "
                "of them. What waits or failed stays; what the other system has is not touched."
            ),
            default=DAYS,
            least=LEAST,
            most=MOST,
            order=37,
            sources=[Deleting("integrations.Push", _old)],
        )
    )


def _old(before: datetime) -> QuerySet[Push]:
    ended = (PushState.DONE, PushState.DROPPED)
    return Push.objects.filter(state__in=ended, created_at__lt=before)
