"""Accounts at providers: through which number a company speaks."""

from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from connections.enums import ConnectionState, Quality
from core.fields import EncryptedJSONField
from core.ids import uuid7


class Connection(models.Model):
    """One number at one provider. What only a provider understands stands in `config`.

    `external_id` is the id by which the provider names the number in its callbacks (Meta's phone
    number id) and `account_id` the account above it (the WABA id); the public registry
    (`tenants.Route`) says that the number is this company's alone.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.CharField(_("provider"), max_length=32)  # connections.registry
    name = models.CharField(_("name"), max_length=80)
    external_id = models.CharField(max_length=128)
    account_id = models.CharField(max_length=128, blank=True)
    # The business portfolio whose messaging limit its numbers share; empty: the account's.
    portfolio_id = models.CharField(max_length=128, blank=True)
    # {"token": …, "app_secret": …, "verify_token": …}: the provider's forms.py names the keys.
    credentials = EncryptedJSONField(default=dict)
    config = models.JSONField(default=dict, blank=True)
    webhook_token = models.CharField(max_length=48, unique=True)  # the routing id in our address
    state = models.CharField(
        _("state"), max_length=8, choices=ConnectionState, default=ConnectionState.ACTIVE
    )
    # Why it is paused or stopped: a code of the provider port's vocabulary, and the raw answer.
    state_code = models.CharField(max_length=48, blank=True)
    state_detail = models.CharField(max_length=500, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    # After a breaker's pause one message goes first; the rest follows when it is accepted.
    is_probing = models.BooleanField(default=False)
    probe_until = models.DateTimeField(null=True, blank=True)  # that message is on its way
    trips = models.PositiveSmallIntegerField(default=0)  # such pauses in a row; success ends them
    display_number = models.CharField(_("number"), max_length=32, blank=True)
    verified_name = models.CharField(_("display name"), max_length=120, blank=True)
    quality = models.CharField(_("quality"), max_length=8, choices=Quality, default=Quality.UNKNOWN)
    tier = models.CharField(_("messaging limit"), max_length=32, blank=True)  # TIER_250 …
    rate_per_second = models.PositiveSmallIntegerField(null=True, blank=True)  # null: the setting
    checked_at = models.DateTimeField(_("last checked"), null=True, blank=True)
    token_expires_at = models.DateTimeField(null=True, blank=True)
    last_inbound_at = models.DateTimeField(_("last received"), null=True, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        ordering = ["created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "external_id"],
                condition=models.Q(deleted_at=None),
                name="connection_number_once",
            )
        ]

    def __str__(self) -> str:
        return self.name


class HealthReading(models.Model):
    """What was known of a number's condition, written when something of it changed."""

    id = models.BigAutoField(primary_key=True)
    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="health_readings"
    )
    at = models.DateTimeField(default=now)
    state = models.CharField(max_length=8, choices=ConnectionState)
    state_code = models.CharField(max_length=48, blank=True)
    quality = models.CharField(max_length=8, choices=Quality, default=Quality.UNKNOWN)
    tier = models.CharField(max_length=32, blank=True)

    class Meta:
        indexes = [models.Index(fields=["connection", "-at"], name="health_reading_newest")]

    def __str__(self) -> str:
        return f"{self.state} {self.quality} {self.tier}"
