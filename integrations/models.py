"""Other systems that a company works with: how they are reached, who is who there, what still has
to be told to them, and what was read from them."""

from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from core.fields import EncryptedJSONField
from core.ids import uuid7
from crm.models import Contact
from integrations.enums import (
    IntegrationState,
    PushKind,
    PushState,
    SyncState,
    SyncTrigger,
    Thing,
)
from team.models import Member

SIX_HOURS = 360


class Integration(models.Model):
    """A system that was connected once; disconnected, it keeps its settings and its history.

    What only the provider understands stands in `config` (its address) and `credentials`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.CharField(_("system"), max_length=32)  # integrations.registry
    state = models.CharField(
        max_length=12, choices=IntegrationState, default=IntegrationState.DISCONNECTED
    )
    # Why it stopped: a code, and the other system's own words.
    state_code = models.CharField(max_length=48, blank=True)
    state_detail = models.CharField(max_length=500, blank=True)
    account_id = models.CharField(max_length=128, blank=True)
    account_name = models.CharField(max_length=120, blank=True)
    # {"access_token": …, "refresh_token": …}
    credentials = EncryptedJSONField(default=dict)
    token_expires_at = models.DateTimeField(null=True)
    config = models.JSONField(default=dict)  # {"subdomain": "lojaaurora"}
    # integrations.preferences: what is sent, how notes look, which field is which there.
    preferences = models.JSONField(default=dict)
    interval_minutes = models.PositiveIntegerField(default=SIX_HOURS)  # 0: by hand alone
    next_sync_at = models.DateTimeField(null=True)
    # What the last finished run had seen, in the provider's own words; the next one begins there.
    watermark = models.JSONField(default=dict)
    # The other system asked us to wait; nothing is asked of it before.
    blocked_until = models.DateTimeField(null=True)
    connected_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    connected_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("integration")
        verbose_name_plural = _("integrations")
        ordering = ["created_at"]
        constraints = [models.UniqueConstraint(fields=["provider"], name="integration_once")]

    def __str__(self) -> str:
        return self.provider


class ExternalId(models.Model):
    """What the other system calls a contact of ours (and the lead where its notes go)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="ids")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="external_ids")
    thing = models.CharField(max_length=8, choices=Thing)
    external_id = models.CharField(max_length=64)
    # The tags that both sides agreed on last: what differs from them is somebody's change.
    tags = models.JSONField(default=list)
    # A hash of what was sent last, and the version that was read last: equal means nothing to do.
    sent = models.CharField(max_length=64, blank=True)
    read = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("id in another system")
        verbose_name_plural = _("ids in other systems")
        constraints = [
            models.UniqueConstraint(
                fields=["integration", "thing", "contact"], name="external_id_once"
            ),
            models.UniqueConstraint(
                fields=["integration", "thing", "external_id"],
                condition=models.Q(thing=Thing.CONTACT),
                name="external_contact_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.thing} {self.external_id}"


class Push(models.Model):
    """Something that has to be told to the other system.

    `attempts` is counted before the try, so whoever finds more than none knows that an earlier one
    may have arrived and looks first.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="pushes")
    kind = models.CharField(max_length=8, choices=PushKind)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="pushes")
    data = models.JSONField(default=dict)  # of a note: {"text", "sight"}
    # What makes it the same again: "<event uid>:<run>"; of a contact that is coalesced: empty.
    key = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=8, choices=PushState, default=PushState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=now)
    code = models.CharField(max_length=48, blank=True)  # why the last try failed
    error = models.CharField(max_length=500, blank=True)
    external_id = models.CharField(max_length=64, blank=True)  # what came of it there
    created_at = models.DateTimeField(default=now, editable=False)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("outgoing change")
        verbose_name_plural = _("outgoing changes")
        constraints = [
            models.UniqueConstraint(
                fields=["integration", "kind", "key"],
                condition=~models.Q(key=""),
                name="push_once",
            ),
            # A contact that changes ten times before its turn is sent once.
            models.UniqueConstraint(
                fields=["integration", "contact"],
                condition=models.Q(kind=PushKind.CONTACT, state=PushState.WAITING, attempts=0),
                name="push_contact_waits_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["integration", "due_at"],
                condition=models.Q(state=PushState.WAITING),
                name="push_due",
            ),
            models.Index(fields=["integration", "-created_at", "-id"], name="push_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class SyncRun(models.Model):
    """One reading of what the other system has; `checkpoint` is written with each page's rows."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    integration = models.ForeignKey(Integration, on_delete=models.CASCADE, related_name="runs")
    trigger = models.CharField(max_length=8, choices=SyncTrigger)
    state = models.CharField(max_length=8, choices=SyncState, default=SyncState.RUNNING)
    checkpoint = models.JSONField(default=dict)  # the provider's; empty: at the beginning
    pages = models.PositiveIntegerField(default=0)
    read = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)  # nobody to know them by, or erased here
    attempts = models.PositiveSmallIntegerField(default=0)  # of the page that comes next
    due_at = models.DateTimeField(default=now)
    error = models.CharField(max_length=500, blank=True)
    started_at = models.DateTimeField(default=now, editable=False)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("sync")
        verbose_name_plural = _("syncs")
        constraints = [
            models.UniqueConstraint(
                fields=["integration"],
                condition=models.Q(state=SyncState.RUNNING),
                name="sync_one_at_a_time",
            )
        ]
        indexes = [models.Index(fields=["integration", "-started_at"], name="sync_newest")]

    def __str__(self) -> str:
        return f"{self.integration_id} {self.state}"
