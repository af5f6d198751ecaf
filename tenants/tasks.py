"""What the clock starts on the platform's own tables."""

from celery import shared_task
from django.core.management import call_command

from core.api import idempotency


@shared_task(name="tenants.prune_idempotency_keys")
def prune_idempotency_keys() -> None:
    """Forget answers that no client may ask for again."""
    idempotency.purge()


@shared_task(name="tenants.prune_sessions")
def prune_sessions() -> None:
    """Forget sessions that have expired."""
    call_command("clearsessions")
