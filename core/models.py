"""The agenda: the one table that says when some company has something to do."""

from django.db import models
from django.db.models.functions import Now


class AgendaRow(models.Model):
    """A wake-up: at `due_at`, look at `key` of `kind` in `schema`. Appended, never updated.

    Rows repeat freely: an upsert would take a lock that an open import holds for seconds. The
    scanner deletes and folds them (`core.agenda`).
    """

    id = models.BigAutoField(primary_key=True)
    schema = models.CharField(max_length=63)
    kind = models.CharField(max_length=48)
    key = models.CharField(max_length=64)
    due_at = models.DateTimeField(db_default=Now())
    # Written by the scanner when it hints: have the rows been seen to? See agenda.fire().
    is_follow_up = models.BooleanField(db_default=False)

    class Meta:
        db_table = "agenda"
        verbose_name = "agenda row"
        indexes = [models.Index(fields=["due_at"], name="agenda_due")]

    def __str__(self) -> str:
        return f"{self.schema} {self.kind} {self.key}"
