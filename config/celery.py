"""The workers: `celery -A config worker -P threads -Q sending` (`ops.programs`)."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_ready

from core import memory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
app = Celery("master_ia")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def settle_in(**_kwargs: Any) -> None:
    """What a worker does once, so that no work has to wait for it."""
    memory.settle()
