"""The shared inbox: a thread that somebody has to look after."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from conversations.enums import (
    AwaitedReply,
    ConversationStatus,
    Priority,
    ScheduledState,
    Sight,
)
from conversations.quality import Rating, ReplyTime  # noqa: F401 -- models in a file of their own
from core.ids import uuid7
from crm.models import Contact
from messaging.models import Media, Message, Thread
from team.models import Member, Team


class Label(models.Model):
    """A coloured word on conversations: what the work is about."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=60)
    key = models.CharField(max_length=60, unique=True, editable=False)  # folded: no case, accents
    color = models.CharField(_("colour"), max_length=12, default="gray")
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("label")
        verbose_name_plural = _("labels")
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name


class Conversation(models.Model):
    """The work around one thread. What the list shows is kept here, so it costs one query."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    thread = models.OneToOneField(Thread, on_delete=models.PROTECT, related_name="conversation")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="conversations")
    status = models.CharField(
        _("status"), max_length=8, choices=ConversationStatus, default=ConversationStatus.OPEN
    )
    snoozed_until = models.DateTimeField(null=True, blank=True)  # set exactly while it is snoozed
    priority = models.CharField(
        _("priority"),
        max_length=6,
        choices=Priority,
        default=Priority.NONE,
        db_default=Priority.NONE,
    )
    assignee = models.ForeignKey(
        Member,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="conversations",
        db_index=False,  # the list of a member serves
    )
    team = models.ForeignKey(
        Team, on_delete=models.SET_NULL, null=True, blank=True, related_name="conversations"
    )
    labels = models.ManyToManyField(
        Label, through="ConversationLabel", related_name="conversations"
    )
    unread_count = models.PositiveIntegerField(default=0)
    last_message = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    last_message_at = models.DateTimeField(default=now)
    waiting_since = models.DateTimeField(null=True)  # the customer's first unanswered message
    # When the team was last told that the customer waits too long.
    alerted_at = models.DateTimeField(null=True, editable=False)
    # The clock of the answer that is waited for (conversations.services.reply_clock): since when it
    # runs, null while it is put away; until when an answer is promised; when that was missed.
    counts_from = models.DateTimeField(null=True, editable=False)
    reply_due_at = models.DateTimeField(null=True, editable=False)
    sla_breached_at = models.DateTimeField(null=True, editable=False)
    # The first answer since the customer wrote to us anew; null: it is still to come.
    first_replied_at = models.DateTimeField(null=True, editable=False)
    # Until when what the customer writes may be a rating, or its comment.
    rating_until = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [
            models.CheckConstraint(
                condition=Q(status=ConversationStatus.SNOOZED, snoozed_until__isnull=False)
                | (~Q(status=ConversationStatus.SNOOZED) & Q(snoozed_until=None)),
                name="conversation_snoozed_until",
            )
        ]
        indexes = [
            models.Index(
                F("status"), F("last_message_at").desc(), F("id").desc(), name="conversation_list"
            ),
            models.Index(F("last_message_at").desc(), F("id").desc(), name="conversation_recent"),
            # The number beside the menu entry is counted on every page.
            models.Index(
                F("last_message_at").desc(),
                F("id").desc(),
                condition=Q(unread_count__gt=0, status=ConversationStatus.OPEN),
                name="conversation_unread",
            ),
            # The list of one member, and of what nobody has.
            models.Index(
                F("assignee"),
                F("status"),
                F("last_message_at").desc(),
                F("id").desc(),
                condition=Q(assignee__isnull=False),
                name="conversation_of_member",
            ),
            models.Index(
                F("status"),
                F("last_message_at").desc(),
                F("id").desc(),
                condition=Q(assignee=None),
                name="conversation_of_nobody",
            ),
            # Who waits longest.
            models.Index(
                fields=["status", "waiting_since", "id"],
                condition=Q(waiting_since__isnull=False),
                name="conversation_waiting",
            ),
            # Whose answer is due next; asked by the list and by the watch over promises.
            models.Index(
                fields=["status", "reply_due_at", "id"],
                condition=Q(reply_due_at__isnull=False),
                name="conversation_due",
            ),
            # Whose rest is over, asked by the scanner.
            models.Index(
                fields=["snoozed_until"],
                condition=Q(status=ConversationStatus.SNOOZED),
                name="conversation_snoozed",
            ),
        ]

    def __str__(self) -> str:
        return str(self.contact_id)

    @property
    def awaited_reply(self) -> AwaitedReply:
        """Which answer is the next one."""
        return AwaitedReply.NEXT if self.first_replied_at else AwaitedReply.FIRST


class ConversationLabel(models.Model):
    """A label on a conversation."""

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, db_index=False)
    label = models.ForeignKey(Label, on_delete=models.CASCADE)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "label"], name="conversation_label_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.label_id}"


class CannedReply(models.Model):
    """A text that is written often; `/` and the beginning of its shortcut find it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    shortcut = models.CharField(_("shortcut"), max_length=40)  # folded, no spaces
    text = models.TextField(_("text"))  # may hold {{contact.first_name}}: conversations.canned
    # Null: everybody's. Else one member's own, seen by nobody else.
    owner = models.ForeignKey(
        Member, on_delete=models.CASCADE, null=True, blank=True, related_name="canned_replies"
    )
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("canned reply")
        verbose_name_plural = _("canned replies")
        ordering = ["shortcut", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["shortcut"], condition=Q(owner=None), name="canned_shortcut_shared_once"
            ),
            models.UniqueConstraint(
                fields=["owner", "shortcut"],
                condition=Q(owner__isnull=False),
                name="canned_shortcut_own_once",
            ),
        ]

    def __str__(self) -> str:
        return self.shortcut


class MessageText(models.Model):
    """The words of a message of a conversation, for search; campaigns' messages have none.

    A table of its own: the messages' is written by every send, and an index there would cost each.
    """

    message = models.OneToOneField(
        Message, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    at = models.DateTimeField()  # the message's
    search = SearchVectorField(editable=False)  # each word once, folded: conversations.wording

    class Meta:
        indexes = [
            models.Index(F("at").desc(), F("message").desc(), name="message_text_newest"),
            # Without the list of pending entries: whoever writes the message that fills it would
            # wait for all of them, and every search would walk it.
            GinIndex(fields=["search"], fastupdate=False, name="message_text_search"),
        ]

    def __str__(self) -> str:
        return str(self.message_id)


class SavedView(models.Model):
    """A member's own name for filters of the list."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=500)  # of the list's address: conversations.filters
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("view")
        verbose_name_plural = _("views")
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["member", "name"], name="saved_view_once")]

    def __str__(self) -> str:
        return self.name


class ScheduledMessage(models.Model):
    """A text that somebody wants to leave later; the gate judges it when it does."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="scheduled"
    )
    author = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=ScheduledState, default=ScheduledState.WAITING)
    code = models.CharField(max_length=48, blank=True)  # why it did not leave: messaging.reasons
    message = models.ForeignKey(  # what it became
        Message, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("scheduled message")
        verbose_name_plural = _("scheduled messages")
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(state=ScheduledState.WAITING),
                name="scheduled_message_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.due_at:%Y-%m-%d %H:%M}"


class BusinessHours(models.Model):
    """When the company answers, and what it says when it does not; one row, or none."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    is_on = models.BooleanField(_("answers outside the hours"), default=False)
    slots = models.JSONField(default=dict)  # {"0": [["08:00", "12:00"], …]}; "0" is Monday
    country = models.CharField(_("holidays of"), max_length=2, blank=True)  # ISO 3166; none
    closed_days = models.JSONField(default=list)  # ISO dates
    away_text = models.TextField(_("away message"), blank=True)

    class Meta:
        verbose_name = _("business hours")
        verbose_name_plural = _("business hours")

    def __str__(self) -> str:
        return self.country


class AwayNotice(models.Model):
    """A conversation was told on a day that nobody is there: once is enough."""

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, db_index=False, related_name="away_notices"
    )
    day = models.DateField()
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "day"], name="away_notice_once")
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.day}"


class InboxSettings(models.Model):
    """How the company works in its inbox; one row, or none."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    agents_see = models.CharField(
        _("agents see"), max_length=5, choices=Sight, default=Sight.ALL, db_default=Sight.ALL
    )
    viewers_see = models.CharField(
        _("viewers see"), max_length=5, choices=Sight, default=Sight.ALL, db_default=Sight.ALL
    )
    # Whether customers see that theirs was read, and that somebody is typing.
    tells_reading = models.BooleanField(default=True, db_default=True)
    # Minutes of business hours within which an answer is promised; null: none is. A team's own
    # promise holds over these.
    first_reply_minutes = models.PositiveSmallIntegerField(_("first reply within"), null=True)
    next_reply_minutes = models.PositiveSmallIntegerField(_("next reply within"), null=True)
    # The promises changed: conversations above this id are still to be counted anew.
    recount_after = models.UUIDField(null=True, editable=False)
    # Customers are asked how they were served when their conversation is resolved.
    asks_rating = models.BooleanField(default=False, db_default=False)
    asks_rating_in_bulk = models.BooleanField(default=True, db_default=True)
    asks_rating_comment = models.BooleanField(default=False, db_default=False)
    rating_question = models.CharField(max_length=500, blank=True, default="", db_default="")
    rating_every_days = models.PositiveSmallIntegerField(default=7, db_default=7)

    class Meta:
        verbose_name = _("inbox settings")
        verbose_name_plural = _("inbox settings")

    def __str__(self) -> str:
        return f"{self.agents_see} {self.viewers_see}"


class MessageFile(models.Model):
    """The file of a message of a conversation, to ask who may open it; campaigns' have none.

    A table of its own for the reason that `MessageText` is: no index more on the messages'.
    """

    message = models.OneToOneField(
        Message, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    media = models.ForeignKey(Media, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.message_id} {self.media_id}"


class CustomerSignal(models.Model):
    """What a customer is to be told besides messages; gone as soon as it is told."""

    conversation = models.OneToOneField(
        Conversation, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    external_id = models.CharField(max_length=200)  # of the customer's newest message
    is_typing = models.BooleanField(default=False)  # else it was only read
    created_at = models.DateTimeField(default=now, editable=False)

    def __str__(self) -> str:
        return str(self.conversation_id)
