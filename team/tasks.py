"""What the clock starts for companies."""

from celery import shared_task

from core import scope
from core.companies import all_companies
from team.services import retention


@shared_task(name="team.begin_retention")
def begin_retention() -> None:
    """Have every company forget what it no longer keeps."""
    for company in all_companies():
        with scope.opened(company):
            retention.begin()
