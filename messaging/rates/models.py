"""The rate card: what a message costs, from when and until when. Shared by all companies."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7
from crm.enums import Channel
from messaging.rates.enums import RateCategory


class Rate(models.Model):
    """A price for a time. Of one kind of message at most one holds on a day, in each currency."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel)
    # Empty: whichever provider of the channel has no price of its own.
    provider = models.CharField(_("provider"), max_length=32, blank=True)
    category = models.CharField(_("category"), max_length=16, choices=RateCategory)
    # ISO 3166, two letters; empty: all countries without a price of their own.
    country = models.CharField(_("country"), max_length=2, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    price = models.DecimalField(_("price"), max_digits=20, decimal_places=6)
    effective_from = models.DateField(_("from"))
    effective_until = models.DateField(_("until, included"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=300, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering = ["channel", "country", "category", "currency", "-effective_from"]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    *("channel", "provider", "category", "country", "currency"),
                    "effective_from",
                ],
                name="rate_begins_once",
            ),
            models.CheckConstraint(condition=models.Q(price__gte=0), name="rate_not_negative"),
            models.CheckConstraint(
                condition=models.Q(effective_until=None)
                | models.Q(effective_until__gte=models.F("effective_from")),
                name="rate_ends_after_its_beginning",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country or '*'} {self.category} {self.price} {self.currency}"

    def clean(self) -> None:
        """Refuses a price whose time another price of the same kind already has."""
        if self.effective_from and self._others().exists():
            raise ValidationError(
                {
                    "effective_from": _(
                        "Another price of this kind holds at that time. End it the day before."
                    )
                }
            )

    def _others(self) -> models.QuerySet["Rate"]:
        rows = Rate.objects.exclude(pk=self.pk).filter(
            channel=self.channel,
            provider=self.provider,
            category=self.category,
            country=self.country,
            currency=self.currency,
        )
        rows = rows.filter(
            models.Q(effective_until=None) | models.Q(effective_until__gte=self.effective_from)
        )
        if self.effective_until is None:
            return rows
        return rows.filter(effective_from__lte=self.effective_until)
