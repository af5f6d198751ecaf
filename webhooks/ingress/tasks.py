"""What the clock starts for the ingress."""

from celery import shared_task
from django.db import transaction

from core import agenda, scope
from webhooks.ingress.agenda import FORGET


@shared_task(name="ingress.forget_old")
def forget_old() -> None:
    """Have envelopes and parked items forgotten that are too old."""
    with scope.public(), transaction.atomic():
        agenda.append(FORGET)
