"""What is counted of a world's number and of a source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from webhooks.gaps.enums import Measure, Noun
from webhooks.gaps.models import HourCount, Watch

if TYPE_CHECKING:
    from tests.isolation.world import World


def fill(world: World) -> None:
    """An hour with as many posts as the world's number."""
    key, now = world.things["connection"].pk, timezone.now()
    Watch.objects.create(noun=Noun.CONNECTION, key=key)
    HourCount.objects.create(
        noun=Noun.CONNECTION, key=key, measure=Measure.POSTS, hour=now, count=world.number
    )
