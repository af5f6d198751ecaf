"""What the clock starts for companies."""

from celery import shared_task

from core.companies import in_every
from team.services import retention


@shared_task(name="team.begin_retention")
def begin_retention() -> None:
    """Have every company forget what it no longer keeps."""
    in_every(retention.begin)
