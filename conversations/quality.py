"""How well customers are served: how fast they are answered, and what they say of it."""

from django.db import models
from django.db.models import F, Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from conversations.enums import AwaitedReply
from core.ids import uuid7
from crm.models import Contact
from team.models import Member, Team


class ReplyTime(models.Model):
    """How long a customer waited for an answer that came."""

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="reply_times"
    )
    kind = models.CharField(max_length=5, choices=AwaitedReply)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField()
    seconds = models.PositiveIntegerField()  # within business hours
    is_late = models.BooleanField(default=False)  # later than was promised
    member = models.ForeignKey(  # null: a program answered
        Member, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    team = models.ForeignKey(
        Team, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        indexes = [models.Index(fields=["answered_at"], name="reply_time_period")]

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.kind} {self.seconds} s"


class Rating(models.Model):
    """How a customer was served, by their own word: from the wish to ask to their comment."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="ratings"
    )
    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="ratings", db_index=False
    )
    member = models.ForeignKey(  # who looked after it
        Member, on_delete=models.SET_NULL, null=True, related_name="ratings"
    )
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, related_name="ratings")
    score = models.PositiveSmallIntegerField(_("score"), null=True)  # 1 to 5
    comment = models.TextField(_("comment"), blank=True)
    created_at = models.DateTimeField(default=now, editable=False)  # when it was resolved
    asked_at = models.DateTimeField(null=True)  # the question left
    answered_at = models.DateTimeField(null=True)
    thanked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        constraints = [
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__gte=1, score__lte=5), name="rating_score"
            )
        ]
        indexes = [
            models.Index(fields=["contact", "created_at"], name="rating_of_contact"),
            models.Index(
                F("answered_at").desc(),
                F("id").desc(),
                condition=Q(score__isnull=False),
                name="rating_answered",
            ),
            models.Index(fields=["asked_at"], name="rating_asked"),
            # What is still to be said to the customer.
            models.Index(
                fields=["created_at"],
                condition=Q(asked_at=None) | Q(score__isnull=False, thanked_at=None),
                name="rating_to_say",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} {self.score}"
