"""What the clock starts for conversations."""

from celery import shared_task

from conversations.services import activity
from core.companies import in_every


@shared_task(name="conversations.carry_activity")
def carry_activity() -> None:
    """Have every company bring its contacts up to their conversations."""
    in_every(activity.ask)
