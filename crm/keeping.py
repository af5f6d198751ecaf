"""What is kept about the list of contacts: each member's columns, named views, changes of many.

Models in a file of their own; `crm.models` has them too.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7
from crm.enums import BulkAction, BulkState
from team.models import Member


class ContactColumns(models.Model):
    """The columns that a member chose for the list of contacts; without a row the usual ones."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="+")
    keys = models.JSONField(default=list)  # crm.listing.columns, in their order

    def __str__(self) -> str:
        return str(self.member_id)


class ContactView(models.Model):
    """A name for filters, order and columns of the list of contacts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+")  # who keeps it
    is_shared = models.BooleanField(_("everybody sees it"), default=False)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(max_length=1000)  # of the list's address: crm.listing.looks
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        verbose_name = _("view of contacts")
        verbose_name_plural = _("views of contacts")
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["member", "name"], name="contact_view_once")]
        indexes = [
            models.Index(fields=["name"], condition=Q(is_shared=True), name="contact_view_shared")
        ]

    def __str__(self) -> str:
        return self.name


class ContactBulk(models.Model):
    """One change of many contacts: of some that were chosen, at once; of all that a filtered list
    shows, in small pieces (`crm.services.bulk`). `cursor` is the last contact whose piece has
    committed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    action = models.CharField(max_length=8, choices=BulkAction)
    params = models.JSONField(default=dict)  # {"tags": [names]}, {"list": id}
    query = models.TextField(blank=True)  # the list's filters, while it runs
    # The deletion that this one takes back.
    undo_of = models.OneToOneField(
        "self", on_delete=models.CASCADE, null=True, related_name="undone_by"
    )
    state = models.CharField(max_length=7, choices=BulkState, default=BulkState.RUNNING)
    total = models.PositiveIntegerField(default=0)  # as counted when it was asked for
    done = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    cursor = models.UUIDField(null=True)
    requested_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("change of many contacts")
        verbose_name_plural = _("changes of many contacts")
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.action} {self.state}"
