"""The shared inbox: a thread that somebody has to look after."""

from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from conversations.enums import ConversationStatus
from core.ids import uuid7
from crm.models import Contact
from messaging.models import Message, Thread
from team.models import Member


class Conversation(models.Model):
    """The work around one thread. What the list shows is kept here, so it costs one query."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    thread = models.OneToOneField(Thread, on_delete=models.PROTECT, related_name="conversation")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="conversations")
    status = models.CharField(
        _("status"), max_length=8, choices=ConversationStatus, default=ConversationStatus.OPEN
    )
    assignee = models.ForeignKey(
        Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="conversations"
    )
    unread_count = models.PositiveIntegerField(default=0)
    last_message = models.ForeignKey(
        Message, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    last_message_at = models.DateTimeField(default=now)
    waiting_since = models.DateTimeField(null=True)  # the customer's first unanswered message
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
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
        ]

    def __str__(self) -> str:
        return str(self.contact_id)
