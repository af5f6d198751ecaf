"""The message ledger: everything that leaves or arrives on any channel is one row here."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.functional import Promise
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from core.ids import uuid7
from crm.enums import Channel
from crm.models import Contact
from messaging.enums import (
    CLAIMABLE,
    SUSPECT_CRASHES,
    Direction,
    DispatchState,
    MediaState,
    MessageKind,
    Origin,
    Rank,
    StreamState,
    TemplateCategory,
    TemplateStatus,
)
from messaging.languages import LANGUAGES
from messaging.limits import Budget, SendingPolicy, SmsGuard, TierUse
from messaging.querysets import MessageQuerySet
from team.models import Member

__all__ = [
    "Budget",
    "Media",
    "Message",
    "OrphanReceipt",
    "Receipt",
    "SendingPolicy",
    "SmsGuard",
    "Stream",
    "Template",
    "Thread",
    "TierUse",
]


class Template(models.Model):
    """A message that WhatsApp has to approve, in one language, at one account.

    `components` is what the provider knows (Meta's shape); `variables` is ours: one entry for
    each placeholder in order of appearance, `{"name", "example", "fallback", "where"}` with where
    in header, body, button:<index>.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, related_name="templates", verbose_name=_("connection")
    )
    account_id = models.CharField(max_length=128)  # templates belong to the account, not a number
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.WHATSAPP)
    external_id = models.CharField(max_length=64, blank=True)
    name = models.CharField(_("name"), max_length=512)
    language = models.CharField(_("language"), max_length=16)
    category = models.CharField(_("category"), max_length=16, choices=TemplateCategory)
    # What it was before the provider moved it to another category, which costs another price.
    former_category = models.CharField(max_length=16, choices=TemplateCategory, blank=True)
    status = models.CharField(
        _("status"), max_length=12, choices=TemplateStatus, default=TemplateStatus.DRAFT
    )
    reason = models.CharField(max_length=300, blank=True)  # why it was rejected or paused
    paused_until = models.DateTimeField(null=True, blank=True)  # then one message tries it again
    pauses = models.PositiveSmallIntegerField(default=0)  # by the provider; the third disables it
    quality = models.CharField(max_length=8, blank=True)
    parameter_format = models.CharField(max_length=10, default="POSITIONAL")  # or NAMED
    components = models.JSONField(default=list)
    variables = models.JSONField(default=list)
    synced_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("template")
        verbose_name_plural = _("templates")
        ordering = ["name", "language"]
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "name", "language"],
                condition=Q(deleted_at=None),
                name="template_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.language})"

    def move_to(self, category: str) -> None:
        """Take the category that the provider says, and remember which one it leaves."""
        if category == self.former_category:
            self.former_category = ""
        elif self.category and category != self.category:
            self.former_category = self.category
        self.category = category

    @property
    def language_name(self) -> str | Promise:
        """What people call the language."""
        return LANGUAGES.get(self.language, self.language)

    @property
    def is_recategorised(self) -> bool:
        """Whether the provider charges it as something else than it was approved as."""
        return bool(self.former_category)


class Stream(models.Model):
    """A run that messages belong to; the wire-time UPDATE joins this row alone.

    Pause, cancel and (later) a cadence's exit change it in the transaction of their fact; every
    change bumps `epoch`, so a worker that claimed before it sends nothing after it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=16)  # "campaign"
    state = models.CharField(max_length=7, choices=StreamState, default=StreamState.HELD)
    epoch = models.PositiveIntegerField(default=1)
    content_version = models.PositiveIntegerField(default=1)
    priority = models.PositiveSmallIntegerField(default=50)
    # What the gate asks for every message of the run: {"window": {"days": [0-6], "from": "09:00",
    # "to": "20:00"}, "local_time": true} (Monday is 0; the recipient's zone if local_time).
    rules = models.JSONField(default=dict)
    rate_per_minute = models.PositiveIntegerField(null=True)  # slower than its number, if given
    expires_at = models.DateTimeField(null=True)  # what has not left by then never will
    budget = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    currency = models.CharField(max_length=3, blank=True)
    # After an automatic pause one message goes first; the rest follows when it is accepted.
    is_probing = models.BooleanField(default=False)
    probe_until = models.DateTimeField(null=True)  # that message is on its way
    # Recounted from the rows after each slice and batch of receipts; exact counts come from
    # selectors.counts(). Keys: the API's partition and its parts.
    counts = models.JSONField(default=dict)
    counted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now, editable=False)

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class Thread(models.Model):
    """Everything between one contact and one connection, with the window it has open."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="threads")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="threads")
    address = models.CharField(max_length=128)  # where we write: wa_id if known, else canonical
    last_inbound_at = models.DateTimeField(null=True)  # the provider's time
    last_inbound_external_id = models.CharField(max_length=200, blank=True)
    window_until = models.DateTimeField(null=True)  # free-form until then
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "connection"], name="thread_once")
        ]

    def __str__(self) -> str:
        return self.address


class Media(models.Model):
    """A file of a message: uploaded by us or fetched from the provider."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=11, choices=MessageKind)
    state = models.CharField(max_length=7, choices=MediaState, default=MediaState.READY)
    key = models.CharField(max_length=120, blank=True)  # core.files
    mime = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    filename = models.CharField(max_length=240, blank=True)
    is_voice = models.BooleanField(default=False, db_default=False)  # recorded to be heard as such
    # The provider's handle: an id of ours there (valid 30 days) or the one to fetch it by.
    external_id = models.CharField(max_length=200, blank=True)
    external_until = models.DateTimeField(null=True, blank=True)
    connection = models.ForeignKey(
        Connection, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    error = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    uploaded_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)

    def __str__(self) -> str:
        return self.filename or self.kind


class Message(models.Model):
    """One message; a campaign's recipients are the messages of its stream, with no other book."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Every index is written four times on a message's way out, so the foreign keys have none of
    # their own: those below serve them, and connections and templates are never deleted for good.
    thread = models.ForeignKey(
        Thread, on_delete=models.PROTECT, null=True, related_name="messages", db_index=False
    )  # null while a recipient is only planned
    stream = models.ForeignKey(
        Stream, on_delete=models.PROTECT, null=True, related_name="messages", db_index=False
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    connection = models.ForeignKey(
        Connection, on_delete=models.PROTECT, related_name="messages", db_index=False
    )
    direction = models.CharField(max_length=8, choices=Direction)
    kind = models.CharField(max_length=11, choices=MessageKind)
    origin = models.CharField(max_length=8, choices=Origin)
    author = models.ForeignKey(
        Member, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    template = models.ForeignKey(
        Template, on_delete=models.PROTECT, null=True, related_name="messages", db_index=False
    )
    variables = models.JSONField(default=dict)  # frozen at planning: {"name": "Ana"}
    # What is shown and sent, by kind: {"text"}, {"caption"}, {"latitude", "longitude", "name"},
    # {"header", "body", "footer", "buttons"} rendered for templates, {"raw"} for unknown kinds.
    content = models.JSONField(default=dict)
    media = models.ForeignKey(
        Media, on_delete=models.PROTECT, null=True, related_name="messages", db_index=False
    )
    reply_to = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    address = models.CharField(max_length=128)
    purpose = models.CharField(max_length=9, default="service")  # crm.enums.Purpose
    variant = models.CharField(max_length=8, blank=True)  # "A", "B"; "holdout" was kept out
    content_version = models.PositiveIntegerField(default=1)  # the stream's, when it was planned
    resend_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, related_name="resends", db_index=False
    )
    at = models.DateTimeField(default=now)  # its place in the timeline
    # When a message of no run was taken to the wire, the last time; of a run's, `at` says it.
    wire_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now, editable=False)

    # --- dispatch: ours, fenced by the claim
    dispatch = models.CharField(
        max_length=11, choices=DispatchState, default=DispatchState.NONE, blank=True
    )
    due_at = models.DateTimeField(null=True)
    # Too late after this: expired, never sent. A run's messages end with `Stream.expires_at`.
    expires_at = models.DateTimeField(null=True)
    # Only a transactional message may choose to be sent again when nobody knows whether it left.
    at_least_once = models.BooleanField(default=False)
    priority = models.PositiveSmallIntegerField(default=50)  # 0 replies, 50 campaigns
    epoch = models.PositiveIntegerField(default=0)  # the stream's, when claimed
    claim_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    # How often its sender died while it was claimed: what does so again and again is taken out.
    crashes = models.PositiveSmallIntegerField(default=0, db_default=0)
    send_key = models.UUIDField(default=uuid7, editable=False)  # once, for ever: evidence
    external_id = models.CharField(max_length=200, null=True)  # noqa: DJ001 -- unique where known
    accepted_at = models.DateTimeField(null=True)
    # Why it was skipped, delayed, rejected or is unknown: a code (messaging.reasons) and the
    # provider's own words, redacted.
    code = models.CharField(max_length=48, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    trace = models.JSONField(null=True)  # the gate's verdict: codes and inputs, not text

    # --- delivery: the provider's, only ever rising
    rank = models.PositiveSmallIntegerField(choices=Rank, default=Rank.NONE)
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True)
    clicked_at = models.DateTimeField(null=True)
    opted_out_at = models.DateTimeField(null=True)

    # --- money: an estimate held from the wave on, settled by the provider's word
    segments = models.PositiveSmallIntegerField(null=True)  # parts of an SMS
    cost = models.DecimalField(max_digits=20, decimal_places=6, null=True)
    currency = models.CharField(max_length=3, blank=True)
    is_billed = models.BooleanField(default=False)  # the cost is the provider's, not our estimate

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(
                fields=["stream", "contact"],
                condition=Q(stream__isnull=False),
                name="message_recipient_once",
            ),
            models.UniqueConstraint(
                fields=["stream", "address"],
                condition=Q(stream__isnull=False) & ~Q(address=""),  # skipped for want of one
                name="message_address_once",
            ),
            models.UniqueConstraint(
                fields=["connection", "external_id"],
                condition=Q(external_id__isnull=False),
                name="message_external_once",
            ),
            models.UniqueConstraint(fields=["send_key"], name="message_send_key_once"),
        ]
        indexes = [
            models.Index(
                F("thread"),
                F("at").desc(),
                F("id").desc(),
                condition=Q(thread__isnull=False),
                name="message_timeline",
            ),
            # Two lanes, two queues: a paused run's hundred thousand rows never stand before
            # another's, and a reply never looks at either.
            models.Index(
                fields=["stream", "connection", "due_at", "id"],
                condition=Q(dispatch__in=CLAIMABLE, stream__isnull=False),
                name="message_due_in_stream",
            ),
            models.Index(
                fields=["connection", "priority", "due_at", "id"],
                condition=Q(dispatch__in=CLAIMABLE, stream__isnull=True),
                name="message_due_alone",
            ),
            models.Index(
                fields=["lease_until"],
                condition=Q(dispatch__in=[DispatchState.CLAIMED, DispatchState.SENDING]),
                name="message_leased",
            ),
            models.Index(
                fields=["due_at"],
                condition=Q(dispatch=DispatchState.UNKNOWN),
                name="message_unknown",
            ),
            models.Index(
                fields=["connection", "due_at"],
                condition=Q(dispatch__in=CLAIMABLE, crashes__gte=SUSPECT_CRASHES),
                name="message_suspect",
            ),
            # Not the rank: it rises three times, and a row none of whose indexed columns change is
            # written anew in its page alone (the table is given room for that, migration 0008).
            models.Index(fields=["stream", "dispatch"], name="message_by_state"),
            models.Index(fields=["contact", "-at"], name="message_of_contact"),
            *(
                models.Index(
                    fields=[name], condition=Q(**{f"{name}__isnull": False}), name=f"message_{name}"
                )
                for name in ("author", "media", "reply_to", "resend_of")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.kind}"

    @property
    def left_at(self) -> datetime:
        """When it was taken to the wire, the last time; before that, when it was made."""
        return self.wire_at or self.at


class Receipt(models.Model):
    """A status that the provider told us: appended once for each (message, kind, attempt)."""

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="receipts")
    kind = models.CharField(max_length=12)  # sent, delivered, read, played, failed, deleted …
    attempt = models.PositiveSmallIntegerField(default=1)
    at = models.DateTimeField()  # the provider's time
    code = models.CharField(max_length=48, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    pricing = models.JSONField(null=True)
    recorded_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "kind", "attempt"], name="receipt_once")
        ]

    def __str__(self) -> str:
        return self.kind


class OrphanReceipt(models.Model):
    """A status for an id that we do not know yet; kept 72 hours and taken up when we learn it."""

    id = models.BigAutoField(primary_key=True)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    external_id = models.CharField(max_length=200)
    send_key = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=12)
    at = models.DateTimeField()
    code = models.CharField(max_length=48, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    klass = models.CharField(max_length=12, blank=True)  # of a failure: providers' FailureClass
    retry_after = models.FloatField(null=True)  # seconds
    pricing = models.JSONField(null=True)
    recorded_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "external_id", "kind"], name="orphan_receipt_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.external_id} {self.kind}"
