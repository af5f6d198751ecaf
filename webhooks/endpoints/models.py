"""Addresses that a company has its events sent to, and what became of each event there."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from core.fields import EncryptedJSONField, EncryptedTextField
from core.ids import uuid7
from crm.models import Contact
from team.models import Member
from webhooks.endpoints.enums import (
    OPEN,
    Cause,
    DispatchState,
    EndpointOrigin,
    EndpointState,
    Failure,
)
from webhooks.endpoints.public_facts import label_of


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    """Chainable verbs over endpoints."""

    def present(self) -> EndpointQuerySet:
        """Those that were not deleted."""
        return self.filter(deleted_at=None)

    def hearing(self) -> EndpointQuerySet:
        """Those for which events are kept: active ones, and disabled ones, for which they wait."""
        return self.present().filter(state__in=(EndpointState.ACTIVE, EndpointState.DISABLED))


class Endpoint(models.Model):
    """An address that hears of events."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=80)
    url = models.CharField(_("address"), max_length=2000)
    wants_all = models.BooleanField(default=False)  # all types, also those to come
    types = ArrayField(models.CharField(max_length=64), default=list)
    headers = EncryptedJSONField(default=dict)  # the user's own: {"Authorization": "Bearer …"}
    state = models.CharField(max_length=8, choices=EndpointState, default=EndpointState.ACTIVE)
    cause = models.CharField(max_length=8, choices=Cause, blank=True)
    origin = models.CharField(max_length=9, choices=EndpointOrigin, default=EndpointOrigin.MANUAL)
    created_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    # Since when every attempt failed, and how many did; a success ends both.
    failing_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    # It does not keep up (429, no answer in time): nothing leaves before.
    rests_until = models.DateTimeField(null=True)
    last_attempt_at = models.DateTimeField(null=True)
    last_status = models.PositiveSmallIntegerField(null=True)
    created_at = models.DateTimeField(default=now, editable=False)
    deleted_at = models.DateTimeField(null=True)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("endpoint")
        verbose_name_plural = _("endpoints")
        indexes = [models.Index(fields=["-created_at", "-id"], name="endpoint_newest")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        """Whether something is sent there."""
        return self.state == EndpointState.ACTIVE and self.deleted_at is None

    def wants(self, type_: str) -> bool:
        """Whether it hears of events of this type."""
        return self.wants_all or type_ in self.types


class EndpointSecretQuerySet(models.QuerySet["EndpointSecret"]):
    """Chainable verbs over secrets."""

    def signing(self, at: datetime) -> EndpointSecretQuerySet:
        """Those that sign at this moment, the newest first."""
        valid = models.Q(expires_at=None) | models.Q(expires_at__gt=at)
        return self.filter(valid).order_by("-created_at", "-id")


class EndpointSecret(models.Model):
    """What an endpoint's deliveries are signed with. After a rotation the former one signs beside
    the new one for a day."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="secrets")
    value = EncryptedTextField()  # "whsec_" and base64 of 32 bytes
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField(null=True)

    objects = EndpointSecretQuerySet.as_manager()

    def __str__(self) -> str:
        return f"secret of {self.endpoint_id}"


class WebhookEvent(models.Model):
    """An event as the outside hears of it, written once: every attempt sends these very bytes."""

    # The event's own, or one made of it where a batch becomes many events.
    id = models.UUIDField(primary_key=True, editable=False)
    type = models.CharField(max_length=64)
    body = models.TextField()  # the envelope, JSON; empty when whom it names is erased
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, null=True, related_name="+")
    is_test = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("webhook event")
        verbose_name_plural = _("webhook events")
        indexes = [models.Index(fields=["created_at"], name="webhook_event_by_age")]

    @property
    def label(self) -> str:
        """What people call its type."""
        return label_of(self.type)

    def __str__(self) -> str:
        return f"{self.type} {self.pk}"


class Dispatch(models.Model):
    """One event on its way to one endpoint."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Indexes of theirs begin with the endpoint.
    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.CASCADE, related_name="dispatches", db_index=False
    )
    event = models.ForeignKey(WebhookEvent, on_delete=models.CASCADE, related_name="dispatches")
    run = models.PositiveSmallIntegerField(default=0)  # events.models.Delivery.run
    state = models.CharField(max_length=9, choices=DispatchState, default=DispatchState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)  # counted before the first byte leaves
    # When it is to be looked at: to be sent, or, while it is being sent, given up on its sender.
    due_at = models.DateTimeField(default=now)
    last_status = models.PositiveSmallIntegerField(null=True)
    failure = models.CharField(max_length=13, choices=Failure, blank=True)
    created_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["event", "endpoint", "run"], name="dispatch_once")
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "due_at"],
                condition=models.Q(state__in=OPEN),
                name="dispatch_due",
            ),
            models.Index(
                fields=["endpoint", "due_at"],
                condition=models.Q(state="sending"),
                name="dispatch_sending",
            ),
            models.Index(fields=["endpoint", "-created_at", "-id"], name="dispatch_newest"),
            models.Index(
                fields=["-created_at", "-id"],
                condition=models.Q(state__in=("dead", "held")),
                name="dispatch_undelivered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id} {self.state}"


class Attempt(models.Model):
    """One request, and what came back. No secret is kept: neither signatures nor the values of
    the user's own headers."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    dispatch = models.ForeignKey(Dispatch, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField(default=0)
    status = models.PositiveSmallIntegerField(null=True)
    failure = models.CharField(max_length=13, choices=Failure, blank=True)
    request_headers = models.JSONField(default=dict)
    response_headers = models.JSONField(default=dict)
    response_body = models.TextField(blank=True)  # its first 4 KiB

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")

    def __str__(self) -> str:
        return f"{self.dispatch_id} {self.number}: {self.status or self.failure}"


class Redrive(models.Model):
    """Many undelivered events that are to be sent once more, in pieces: those of a filter that
    ended before somebody asked."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, null=True, related_name="+")
    type = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=9, blank=True)  # dead, held; both if empty
    count = models.PositiveIntegerField(default=0)
    requested_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"redrive {self.pk}"
