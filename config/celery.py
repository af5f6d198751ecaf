"""The workers: `celery -A config worker -P threads -Q replies,sending,inbound,default,bulk`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.base")
app = Celery("master_ia")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
