"""The log of facts of a company, and who still has to hear of them."""

from typing import Any

from django.db import models
from django.utils.timezone import now

from core.ids import uuid7
from events.enums import DeliveryState


class Event(models.Model):
    """Something that happened, written in the transaction in which it happened.

    `sequence` is for people and receivers who want to reorder; readers never page by it (a row
    that commits late would be lost), they have a Delivery each.
    """

    sequence = models.BigAutoField(primary_key=True)
    uid = models.UUIDField(default=uuid7, editable=False, unique=True)
    type = models.CharField(max_length=64)  # "message.received"
    version = models.PositiveSmallIntegerField(default=1)
    data = models.JSONField()  # ids and a snapshot that can be redacted
    actor = models.CharField(max_length=80, blank=True)  # "person:<id>", "api_key:<id>", "system"
    occurred_at = models.DateTimeField(default=now)

    # The row it is about, while it is being told in the transaction that wrote both; not stored.
    about: Any = None
    # How often staff had it handled once more with its effects (`Delivery.run`); not stored.
    run: int = 0

    class Meta:
        indexes = [models.Index(fields=["type", "-occurred_at"], name="event_by_type")]

    def __str__(self) -> str:
        return f"{self.type} {self.sequence}"


class Interest(models.Model):
    """A type of event that a subscriber of the company's own making asked for: an endpoint, an
    automation. What nobody asked for costs no delivery (`events.services.interests`)."""

    id = models.BigAutoField(primary_key=True)
    type = models.CharField(max_length=64)  # "message.received"
    subscriber = models.CharField(max_length=80)  # who listens with `events.bus.listen`

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type", "subscriber"], name="interest_once")]

    def __str__(self) -> str:
        return f"{self.subscriber} {self.type}"


class DeliveryQuerySet(models.QuerySet):
    """Chainable verbs over deliveries."""

    def due(self, subscriber: str = "") -> "DeliveryQuerySet":
        """What is to be handed over now (to one subscriber), oldest first."""
        rows = self.filter(state=DeliveryState.PENDING, due_at__lte=now()).order_by("id")
        return rows.filter(subscriber=subscriber) if subscriber else rows


class Delivery(models.Model):
    """One durable subscriber's copy of an event; it is retried until handled or quarantined."""

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    subscriber = models.CharField(max_length=80)
    state = models.CharField(max_length=8, choices=DeliveryState, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)  # counted before the try
    due_at = models.DateTimeField(default=now)
    error = models.TextField(blank=True)
    # 0: as it happened. Staff may have it handled again with its effects; each time counts one
    # more, and whoever must not do a thing twice keys it by event and run.
    run = models.PositiveSmallIntegerField(default=0)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "subscriber"], name="delivery_once")
        ]
        indexes = [
            models.Index(
                fields=["subscriber", "due_at"],
                condition=models.Q(state="pending"),
                name="delivery_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.subscriber} {self.state}"


class Incident(models.Model):
    """Something is in trouble until it is mended: one open row for each scope and cause.

    `tenants.IncidentRollup` is its shadow in the public schema, for the superadmin.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=48)  # events.incidents.KINDS
    scope = models.CharField(max_length=64)  # "connection:<id>", "template:<id>"
    cause = models.CharField(max_length=48)  # a code: "190", "token_expiring"
    data = models.JSONField(default=dict)  # what fills the kind's sentence
    url = models.CharField(max_length=200, blank=True)  # where it is mended, inside the company
    opened_at = models.DateTimeField(default=now)
    seen_at = models.DateTimeField(default=now)  # when it was last reported
    times = models.PositiveIntegerField(default=1)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "cause"],
                condition=models.Q(closed_at=None),
                name="incident_open_once",
            )
        ]
        indexes = [models.Index(fields=["-opened_at", "-id"], name="incident_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.scope} {self.cause}"
