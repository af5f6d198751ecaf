"""What the clock starts for companies."""

from celery import shared_task

from core.companies import in_every
from webhooks.gaps.services import looking


@shared_task(name="gaps.begin")
def begin() -> None:
    """See to it that every company is looked at; one that is already loses nothing by it."""
    in_every(looking.begin)
