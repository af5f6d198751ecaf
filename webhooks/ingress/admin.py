"""What providers posted, and what nobody could be given: to look at."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from tenants.admin.base import ReadOnlyAdmin
from webhooks.ingress.models import Envelope, ParkedItem
from webhooks.ingress.services import envelopes


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
    actions = ("try_again",)

    @admin.action(description=_("Try again what was given up"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[Envelope]) -> None:
        """Dead envelopes are read once more; the others stay as they are."""
        count = envelopes.try_again(list(queryset.values_list("pk", flat=True)))
        text = ngettext("%(count)d is tried again.", "%(count)d are tried again.", count)
        self.message_user(request, text % {"count": count})


@admin.register(ParkedItem)
class ParkedItemAdmin(ReadOnlyAdmin):
    """Items of numbers that no company has; they are replayed when one connects it."""

    list_display = ("created_at", "provider", "external_id", "reason", "replayed_at")
    list_filter = ("provider", "reason")
    search_fields = ("external_id",)
    ordering = ("-created_at",)
    exclude = ("envelope",)
