"""What a company received from its providers, item by item, and what became of each."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from core.ids import uuid7
from webhooks.enums import ItemState


class Item(models.Model):
    """One message, status or update out of an envelope, handled on its own and exactly once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    envelope_id = models.UUIDField()
    position = models.PositiveIntegerField()  # its place in the envelope
    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, null=True, related_name="+"
    )
    provider = models.CharField(max_length=32)
    kind = models.CharField(max_length=48)  # webhooks.items.KINDS
    key = models.CharField(max_length=300)  # what makes it the same item: wamid, (wamid, status)
    data = models.JSONField()
    state = models.CharField(
        _("state"), max_length=9, choices=ItemState, default=ItemState.RECEIVED
    )
    attempts = models.PositiveSmallIntegerField(default=0)  # counted before the try
    due_at = models.DateTimeField(default=now)
    error = models.CharField(max_length=500, blank=True)
    replayed = models.PositiveSmallIntegerField(default=0)  # how often staff had it done again
    received_at = models.DateTimeField(default=now)
    processed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("received item")
        verbose_name_plural = _("received items")
        constraints = [
            models.UniqueConstraint(fields=["envelope_id", "position"], name="item_once")
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(state__in=["received", "retry"]), name="item_due"
            ),
            models.Index(fields=["-received_at", "-id"], name="item_newest"),
            models.Index(fields=["processed_at"], condition=Q(state="dead"), name="item_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
