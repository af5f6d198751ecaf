"""Contacts of one person: those that became one, and those that look like it."""

from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7
from crm.enums import Likeness, SuggestionState
from crm.querysets import SuggestionQuerySet
from team.models import Member


class ContactMerge(models.Model):
    """Two contacts that became one: who did it, and all that is needed to undo it.

    `gone` is deleted from that moment on (`deleted_at` is `at`); its rows that moved are listed.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kept = models.ForeignKey("crm.Contact", on_delete=models.CASCADE, related_name="merges")
    gone = models.ForeignKey("crm.Contact", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=now, editable=False)
    by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    moves = models.JSONField(default=dict)  # by participant: crm.lifecycle
    # {"kept": columns before, "result": the same columns after, "gone": columns}
    values = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, editable=False)
    undone_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        constraints = [
            models.UniqueConstraint(
                fields=["gone"], condition=models.Q(undone_at=None), name="merge_of_contact_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.gone_id} → {self.kept_id}"


class MergeSuggestion(models.Model):
    """Two contacts that may be one person. What the team decided is never asked again.

    `first` is the older one. `evidence` holds codes (crm.duplicates.evidence), no value.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    first = models.ForeignKey("crm.Contact", on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey("crm.Contact", on_delete=models.CASCADE, related_name="+")
    evidence = models.JSONField(default=list)
    likeness = models.PositiveSmallIntegerField(choices=Likeness)
    state = models.CharField(max_length=9, choices=SuggestionState, default=SuggestionState.OPEN)
    found_at = models.DateTimeField(default=now, editable=False)
    decided_at = models.DateTimeField(null=True, editable=False)
    decided_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("suggested merge")
        verbose_name_plural = _("suggested merges")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="suggestion_once"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="suggestion_in_order"
            ),
        ]
        indexes = [
            models.Index(
                fields=["-found_at", "-id"],
                condition=models.Q(state="open"),
                name="suggestion_open",
            ),
            models.Index(
                fields=["likeness", "-found_at", "-id"],
                condition=models.Q(state="open"),
                name="suggestion_open_likeness",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}"


class DuplicateSearch(models.Model):
    """How far the search for contacts of one person is; one row, none before the first search."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    cursor = models.UUIDField(null=True)  # the newest contact that was compared
    # When everybody is compared again, for what changed meanwhile.
    restart_at = models.DateTimeField()
    # For who arrived without anybody asking for a look: by writing to us.
    next_look_at = models.DateTimeField(default=now)

    def __str__(self) -> str:
        return "search for duplicates"
