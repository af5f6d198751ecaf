"""The workers: `celery -A config worker -P threads -Q sending` (`ops.programs`)."""

import gc
import os
from typing import Any

from celery import Celery
from celery.signals import worker_ready
from django.conf import settings
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
app = Celery("master_ia")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def settle_in(**_kwargs: Any) -> None:
    """What a worker does once, so that no work has to wait for it."""
    _load_addresses()
    _spare_the_collector()


def _load_addresses() -> None:
    """Whoever makes a link needs the URLconfs, and with them a second of imports."""
    for urlconf in (settings.ROOT_URLCONF, settings.COMPANY_URLCONF):
        get_resolver(urlconf).reverse_dict  # noqa: B018 -- made when it is first asked for


def _spare_the_collector() -> None:
    """What was loaded at the start stays for good, so the collector need not look at it again:
    with hundreds of thousands of objects that was a twelfth of a sender's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
