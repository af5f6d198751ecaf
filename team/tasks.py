"""What the clock starts for companies."""

import structlog
from celery import shared_task

from core import scope
from core.companies import all_companies
from team.services import retention

log = structlog.get_logger(__name__)


@shared_task(name="team.begin_retention")
def begin_retention() -> None:
    """Have every company forget what it no longer keeps; one in trouble holds up no other."""
    for company in all_companies():
        try:
            with scope.opened(company):
                retention.begin()
        except Exception:
            log.exception("retention.not_begun", company=str(company.id))
