"""An import that is taken back."""

from django.db import models
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7
from crm.enums import UndoState
from team.models import Member


class ImportUndo(models.Model):
    """How far the undo of an import is: its rows are counted first, and taken back when somebody
    says so.

    `cursor` is the last row whose chunk has committed, in the pass that `state` names.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    batch = models.OneToOneField("crm.Import", on_delete=models.CASCADE, related_name="undone")
    state = models.CharField(max_length=8, choices=UndoState, default=UndoState.CHECKING)
    cursor = models.PositiveIntegerField(default=0)
    # Rows by outcome: taken_out, given_back, unchanged, kept (crm.imports.taking_back.Outcome).
    counts = models.JSONField(default=dict)
    # False: what it went through so far was and will be as it is.
    has_effect = models.BooleanField(default=True)
    requested_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    requested_at = models.DateTimeField(default=now, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("undo of an import")
        verbose_name_plural = _("undone imports")

    def __str__(self) -> str:
        return f"{self.batch_id} {self.state}"
