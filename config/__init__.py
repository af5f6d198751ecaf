"""Assembly only: settings, addresses, servers. The one place that may name every app."""

from config.celery import app as celery

__all__ = ["celery"]
