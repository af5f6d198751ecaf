"""The workers: `celery -A config worker -P threads -Q replies,sending,inbound,default,bulk`."""

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
app = Celery("master_ia")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def spare_the_collector(**_kwargs: Any) -> None:
    """What was loaded at the start stays for good, so the collector need not look at it again:
    with hundreds of thousands of objects that was a twelfth of a sender's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
