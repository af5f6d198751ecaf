"""Received items and posts of sources that are to be handled once more."""

from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone


def handle_again(rows: QuerySet[Any]) -> int:
    """Put rows back to where they came in, whatever became of them: the first attempt is due now,
    and `replayed` counts one more. The caller appends the agenda's row in the same transaction.

    Args:
        rows: of a model with the columns of work that is received: state, attempts, error, due_at,
            replayed.

    Returns:
        How many.
    """
    return rows.update(
        state="received", attempts=0, error="", due_at=timezone.now(), replayed=F("replayed") + 1
    )
