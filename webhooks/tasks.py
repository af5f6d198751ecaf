"""What the clock starts for received items."""

from celery import shared_task
from django.db import transaction

from core import agenda, scope
from core.companies import all_companies
from webhooks.agenda import FORGET


@shared_task(name="webhooks.forget_received")
def forget_received() -> None:
    """Have every company forget what it received long ago."""
    for company in all_companies():
        with scope.opened(company), transaction.atomic():
            agenda.append(FORGET)
