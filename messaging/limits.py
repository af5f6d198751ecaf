"""How a company wants to send, and what of it is used up: rules, people reached, money, texts."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7
from crm.models import Contact
from team.models import Member


class SendingPolicy(models.Model):
    """How this company wants to send; one row. Every rule is asked by the gate."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    # By purpose: {"marketing": {"days": [0, 1, 2, 3, 4, 5], "from": "09:00", "to": "20:00"}};
    # a purpose without an entry may go out at any time.
    windows = models.JSONField(default=dict)
    skip_holidays = models.BooleanField(_("nothing on holidays"), default=True)
    # Marketing messages to one contact: at most so many in so many days; null: no cap.
    cap_messages = models.PositiveSmallIntegerField(_("messages"), null=True, blank=True)
    cap_days = models.PositiveSmallIntegerField(_("days"), default=7)
    sms_per_day = models.PositiveSmallIntegerField(_("SMS a day"), null=True, blank=True)
    sms_guard_hours = models.PositiveSmallIntegerField(_("hours"), default=24)
    monthly_budget = models.DecimalField(
        _("monthly budget"), max_digits=20, decimal_places=6, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, default="BRL")
    requires_opt_in = models.BooleanField(_("marketing needs a recorded opt-in"), default=True)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return "sending policy"


class TierUse(models.Model):
    """A person reached outside a window through a portfolio: each counts once in 24 hours."""

    id = models.BigAutoField(primary_key=True)
    portfolio_id = models.CharField(max_length=128)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()  # when the count of 24 hours began
    # Whose sending began it; given back when the provider refuses that one.
    message = models.ForeignKey(
        "messaging.Message", on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["portfolio_id", "contact"], name="tier_use_once")
        ]
        indexes = [models.Index(fields=["portfolio_id", "at"], name="tier_use_recent")]

    def __str__(self) -> str:
        return f"{self.portfolio_id} {self.contact_id}"


class Budget(models.Model):
    """Money of one month (or of one run): the limit and what is held or spent of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    month = models.DateField(null=True)  # its first day, in the company's zone
    stream = models.OneToOneField(
        "messaging.Stream", on_delete=models.CASCADE, null=True, related_name="spending"
    )
    currency = models.CharField(max_length=3)
    used = models.DecimalField(max_digits=20, decimal_places=6, default=0)  # holds and charges

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["month", "currency"],
                condition=Q(stream__isnull=True),
                name="budget_month_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.month or self.stream_id} {self.currency}"


class SmsGuard(models.Model):
    """The same text went to this phone: until `expires_at` it does not go again, whoever asks."""

    id = models.BigAutoField(primary_key=True)
    address = models.CharField(max_length=128)  # canonical phone
    body_sha256 = models.CharField(max_length=64)  # of the normalised text
    message = models.ForeignKey("messaging.Message", on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["address", "body_sha256"], name="sms_guard_once")
        ]

    def __str__(self) -> str:
        return self.body_sha256[:8]
