"""What the clock starts for conversations."""

from celery import shared_task
from django.db import transaction

from conversations.services import activity
from core import agenda, scope
from core.companies import all_companies


@shared_task(name="conversations.carry_activity")
def carry_activity() -> None:
    """Have every company bring its contacts up to their conversations."""
    for company in all_companies():
        with scope.opened(company), transaction.atomic():
            agenda.append(activity.KIND)
