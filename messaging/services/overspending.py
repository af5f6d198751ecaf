"""Runs whose money is used up pause; somebody raises the budget and lets them go on."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from messaging import gate
from messaging.enums import CLAIMABLE, StreamState
from messaging.gate_checks.budgets import CODE
from messaging.models import Message, Stream
from messaging.services import breakers


@transaction.atomic
def pause_spent(*, stream_id: UUID) -> bool:
    """Pause a running run whose next message finds the budget empty; True when it was paused.

    Asked again here, for the budget may have been raised since the sender saw it empty.
    """
    waiting = Message.objects.filter(stream_id=stream_id, dispatch__in=CLAIMABLE, code=CODE)
    batch = [gate.Candidate.of(message) for message in waiting.order_by("due_at")[:1]]
    verdicts = gate.judge(batch, now=timezone.now(), effects=False)
    if [verdict.code for verdict in verdicts] != [CODE]:
        return False
    return breakers.halt_run(stream_id=stream_id, code=CODE)


def due(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Running runs with messages that wait for money (the agenda's selector)."""
    waiting = Message.objects.filter(
        stream=OuterRef("pk"), dispatch__in=CLAIMABLE, code=CODE, due_at__gt=timezone.now()
    )
    rows = Stream.objects.filter(Exists(waiting), state=StreamState.RUNNING)
    if key is not None:
        rows = rows.filter(pk=key)
    now = timezone.now()
    return [(str(pk), now) for pk in rows.values_list("pk", flat=True)]
