"""Received items that were given up, as a box of dead letters (`events.dead_letters`)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import agenda
from events.dead_letters import Box, Letter, add_box
from webhooks.agenda import PROCESS
from webhooks.enums import ItemState
from webhooks.models import Item
from webhooks.services.again import handle_again

BOX = "webhooks.items"


def register() -> None:
    """Called once, from AppConfig.ready()."""
    add_box(
        Box(
            BOX,
            _("Received items"),
            rows=_dead,
            letter=_letter,
            redrive=redrive,
            discard=discard,
            at="processed_at",
        )
    )


@transaction.atomic
def redrive(keys: Sequence[UUID]) -> None:
    """Have items handled from the start; what they did before they will not do twice."""
    handle_again(Item.objects.filter(pk__in=keys, state=ItemState.DEAD))
    agenda.append(PROCESS)


def discard(keys: Sequence[UUID]) -> None:
    """Leave them as not used."""
    Item.objects.filter(pk__in=keys, state=ItemState.DEAD).update(state=ItemState.IGNORED)


def _dead() -> QuerySet[Item]:
    rows = Item.objects.filter(state=ItemState.DEAD).select_related("connection")
    return rows.defer("data", "connection__credentials")


def _letter(item: Item) -> Letter:
    return Letter(
        key=str(item.pk),
        title=item.kind,
        of=item.connection.name if item.connection else "",
        error=item.error,
        at=item.processed_at or item.received_at,
        attempts=item.attempts,
        url=reverse("webhook-item", args=[item.pk]),
    )
