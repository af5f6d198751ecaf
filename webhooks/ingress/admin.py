"""What providers posted, and what nobody could be given: to look at."""

from django.contrib import admin

from tenants.admin.base import ReadOnlyAdmin
from webhooks.ingress.models import Envelope, ParkedItem


@admin.register(Envelope)
class EnvelopeAdmin(ReadOnlyAdmin):
    """Posts whose signature held; the body is dropped once it is split."""

    list_display = (
        "received_at",
        "provider",
        "route",
        "state",
        "items",
        "seen",
        "attempts",
        "error",
    )
    list_filter = ("provider", "state")
    list_select_related = ("route",)
    search_fields = ("sha256",)
    ordering = ("-received_at",)
    exclude = ("body",)


@admin.register(ParkedItem)
class ParkedItemAdmin(ReadOnlyAdmin):
    """Items of numbers that no company has; they are replayed when one connects it."""

    list_display = ("created_at", "provider", "external_id", "reason", "replayed_at")
    list_filter = ("provider", "reason")
    search_fields = ("external_id",)
    ordering = ("-created_at",)
    exclude = ("envelope",)
