"""Addresses for machines that watch over this one; on the platform's host only."""

from django.urls import path

from core import health

urlpatterns = [
    path("health", health.alive, name="health"),
    path("_health", health.alive, name="health-alias"),
    path("health/ready", health.ready, name="health-ready"),
    path("metrics", health.metrics, name="metrics"),
]
