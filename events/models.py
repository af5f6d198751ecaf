"""The log of facts of a company, and who still has to hear of them."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from core.ids import uuid7
from events.enums import DeliveryState, LetterAction, RunState
from events.identifiers import IdsIn


class Event(models.Model):
    """Something that happened, written in the transaction in which it happened.

    `sequence` is for people and receivers who want to reorder; readers never page by it (a row
    that commits late would be lost), they have a Delivery each. The log's page goes by `uid`, which
    grows with time: a period is a stretch of its index.
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
        indexes = [
            models.Index(fields=["type", "uid"], name="event_by_type"),
            # What people and programs did: almost all that happens is the system's.
            models.Index(
                fields=["actor", "uid"], condition=~Q(actor="system"), name="event_by_actor"
            ),
            GinIndex(IdsIn("data"), name="event_by_id_in_data"),
        ]

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
            ),
            models.Index(fields=["id"], condition=Q(state="dead"), name="delivery_dead"),
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


class Replay(models.Model):
    """Events that staff have handed over once more: one, or all that the log showed them.

    It goes through them oldest first, a slice at a time, and keeps its place in the transaction of
    each slice; `events.services.replays` says what is handed over and what is left alone.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    state = models.CharField(max_length=8, choices=RunState, default=RunState.RUNNING)
    query = models.TextField(blank=True)  # the log's filters as its address has them
    subscribers = models.JSONField(default=list)  # by name; empty: whoever listens
    with_effects = models.BooleanField(default=False)
    until = models.UUIDField()  # the newest event that is meant; what comes later is not
    cursor = models.UUIDField(null=True)  # the last one that was seen to
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)  # events
    handed = models.PositiveIntegerField(default=0)  # deliveries that are handled once more
    left = models.PositiveIntegerField(default=0)  # deliveries that were done, or still wait
    requested_by = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=now, editable=False)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.state} {self.done}/{self.total}"


class LetterRun(models.Model):
    """Dead letters of one box and one cause that are tried again, or thrown away, in slices."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    box = models.CharField(max_length=48)  # events.dead_letters
    cause = models.TextField(blank=True)  # empty: whatever the cause
    action = models.CharField(max_length=8, choices=LetterAction)
    state = models.CharField(max_length=8, choices=RunState, default=RunState.RUNNING)
    cursor = models.CharField(max_length=64, blank=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    requested_by = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=now, editable=False)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.action} {self.box} {self.done}/{self.total}"
