"""Where events come in from, what was posted byte for byte, and which facts it became."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from core.fields import EncryptedJSONField
from core.ids import uuid7
from crm.models import Contact
from team.models import Member
from webhooks.sources.enums import Outcome, ReceivedState, Scheme, SourceState
from webhooks.sources.kinds import label_of


class Source(models.Model):
    """A system that posts to us at an address of its own.

    What its posts are proved with (the secret) lies in the public registry (`tenants.Route`), where
    the door finds it before any company is known.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=80)
    preset = models.CharField(_("system"), max_length=24)
    state = models.CharField(
        _("state"), max_length=8, choices=SourceState, default=SourceState.ACTIVE
    )
    token = models.CharField(max_length=64, unique=True)  # the routing id in its address
    scheme = models.CharField(max_length=16, choices=Scheme, default=Scheme.NONE)
    verification = models.JSONField(default=dict, blank=True)  # webhooks.sources.verification
    has_secret = models.BooleanField(default=False)
    # What the preset needs to ask the vendor for more: {"access_token": …}.
    credentials = EncryptedJSONField(default=dict)
    mapping = models.JSONField(default=dict, blank=True)  # webhooks.sources.mapping
    creates_contacts = models.BooleanField(_("create contacts"), default=True)
    tags = models.JSONField(_("tags"), default=list, blank=True)  # names
    gives_opt_in = models.BooleanField(_("they agreed to be written to"), default=False)
    opt_in_source = models.CharField(_("where they agreed"), max_length=120, blank=True)
    created_by = models.ForeignKey(
        Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    last_received_at = models.DateTimeField(null=True)
    # Posts that were of no use before this moment are being read again (services/rereading.py).
    reread_before = models.DateTimeField(null=True)
    # Its address is closed and it is in no list; what it posted stays until it is forgotten.
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        indexes = [models.Index(fields=["-created_at", "-id"], name="source_newest")]

    def __str__(self) -> str:
        return self.name


class Received(models.Model):
    """One post, as it came."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="received")
    envelope_id = models.UUIDField(unique=True)
    raw = models.BinaryField()
    size = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=200, blank=True)
    headers = models.JSONField(default=dict)  # those that say something of the post, no secrets
    data: Any = models.JSONField(null=True)  # what the bytes say, where PostgreSQL can hold it
    details: Any = models.JSONField(null=True)  # what the vendor said when it was asked for more
    unreadable = models.CharField(max_length=16, blank=True)  # webhooks.sources.enums.Unreadable
    state = models.CharField(
        _("state"), max_length=9, choices=ReceivedState, default=ReceivedState.RECEIVED
    )
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True)
    kind = models.CharField(max_length=64, blank=True)  # of the first fact: "purchase.approved"
    attempts = models.PositiveSmallIntegerField(default=0)  # counted before the try
    due_at = models.DateTimeField(default=now)
    error = models.CharField(max_length=500, blank=True)
    trace = models.JSONField(default=list)  # webhooks.sources.trace
    replayed = models.PositiveSmallIntegerField(default=0)  # how often staff had it done again
    received_at = models.DateTimeField(default=now)
    processed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("received post")
        verbose_name_plural = _("received posts")
        indexes = [
            GinIndex(fields=["data"], name="received_data", opclasses=["jsonb_path_ops"]),
            models.Index(fields=["source", "-received_at", "-id"], name="received_newest"),
            models.Index(
                fields=["due_at"], condition=Q(state__in=["received", "retry"]), name="received_due"
            ),
            models.Index(fields=["received_at"], name="received_oldest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind or self.content_type} {self.sha256[:8]}"

    @property
    def kind_label(self) -> str:
        """What people call its kind; empty while it has none."""
        return label_of(self.kind)


class Told(models.Model):
    """A fact that a post became: the row that keeps the same one from being told twice."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+")
    received = models.ForeignKey(Received, on_delete=models.CASCADE, related_name="told")
    position = models.PositiveIntegerField(default=0)  # its place in the post
    key = models.CharField(max_length=64)  # a digest: it outlives a person who is erased
    kind = models.CharField(max_length=64)
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, related_name="+")
    event_uid = models.UUIDField()
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("told event")
        verbose_name_plural = _("told events")
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="told_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key[:8]}"

    @property
    def kind_label(self) -> str:
        """What people call its kind."""
        return label_of(self.kind)
