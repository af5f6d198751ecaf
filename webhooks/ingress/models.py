"""What providers post to us, in the public schema: stored before anything is known about it."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from core.ids import uuid7
from tenants.models import Route
from webhooks.ingress.enums import EnvelopeState, ParkedReason


class Envelope(models.Model):
    """One POST, byte for byte, whose signature held. After the split only hash and counts stay."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.CharField(max_length=32)
    route = models.ForeignKey(Route, on_delete=models.SET_NULL, null=True, related_name="+")
    sha256 = models.CharField(max_length=64)
    body = models.BinaryField(null=True)
    state = models.CharField(max_length=8, choices=EnvelopeState, default=EnvelopeState.RECEIVED)
    seen = models.PositiveIntegerField(default=1)  # how often the provider posted these bytes
    attempts = models.PositiveSmallIntegerField(default=0)  # counted before the try
    due_at = models.DateTimeField(default=now)  # the next try; put off while one is going on
    items = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    received_at = models.DateTimeField(default=now)
    split_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # The same bytes at another address are another envelope: the first may have been posted
            # to a former owner's. Items are idempotent by themselves.
            models.UniqueConstraint(
                fields=["provider", "sha256", "route"],
                name="envelope_once",
                nulls_distinct=False,
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="received"), name="envelope_waiting"),
            models.Index(fields=["received_at"], condition=Q(state="dead"), name="envelope_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.sha256[:8]}"


class ParkedItem(models.Model):
    """An item nobody could be given; visible to the superadmin, replayed when its number connects.

    `item` is `webhooks.items.Packed` as a dictionary: position, kind, key, data.
    """

    id = models.BigAutoField(primary_key=True)
    envelope = models.ForeignKey(Envelope, on_delete=models.CASCADE, related_name="parked")
    provider = models.CharField(max_length=32)
    external_id = models.CharField(max_length=128, blank=True)
    reason = models.CharField(max_length=16, choices=ParkedReason)
    item = models.JSONField()
    created_at = models.DateTimeField(default=now)
    replayed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["provider", "external_id"],
                condition=Q(replayed_at=None),
                name="parked_by_number",
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.external_id}"
