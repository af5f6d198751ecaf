"""What comes too late never leaves: messages past their time become `expired`, in batches.

A run's messages end with `Stream.expires_at`, those of no run with their own `expires_at`. The
claim and the wire leave them out from that moment on; this writes it down, while runs and numbers
are paused as well.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, Min, OuterRef
from django.utils import timezone

from messaging import progress
from messaging.enums import CLAIMABLE, PublicState, StreamState, TemplateCategory
from messaging.models import Message, Stream, Template, Thread

BATCH = 1_000
CODE = "expired"
# A code to sign in is worthless by then (domain-rules.md 6: ten minutes).
AUTHENTICATION_TTL = timedelta(minutes=10)
SINGLE_TTL = timedelta(hours=24)
# Runs that may still have something to send; a closed one cancels its rows.
_OPEN = (StreamState.RUNNING, StreamState.PAUSED)

_EXPIRE = """
    WITH of_runs AS (
        SELECT m.id FROM messaging_stream s JOIN messaging_message m ON m.stream_id = s.id
        WHERE s.expires_at <= %(now)s AND s.state IN ('running', 'paused')
          AND m.dispatch IN ('planned', 'queued', 'retry_wait')
        LIMIT %(batch)s FOR UPDATE OF m SKIP LOCKED),
    alone AS (
        SELECT m.id FROM messaging_message m
        WHERE m.stream_id IS NULL AND m.dispatch IN ('planned', 'queued', 'retry_wait')
          AND m.expires_at <= %(now)s
        LIMIT %(batch)s FOR UPDATE SKIP LOCKED)
    UPDATE messaging_message m
    SET dispatch = 'expired', code = %(code)s, claim_token = NULL, lease_until = NULL
    FROM (SELECT id FROM of_runs UNION ALL SELECT id FROM alone) late WHERE m.id = late.id
    RETURNING m.id, m.thread_id, m.stream_id
"""


def run_end(now: datetime) -> datetime:
    """Until when a run that begins now may send, unless it says itself."""
    return now + timedelta(hours=settings.RUN_TTL_HOURS)


def single_end(*, now: datetime, template: Template | None, thread: Thread) -> datetime:
    """Until when a message of no run may leave: a day, a sign-in code ten minutes, and an answer
    no longer than the window that is open for it."""
    if template is not None:
        is_code = template.category == TemplateCategory.AUTHENTICATION
        return now + (AUTHENTICATION_TTL if is_code else SINGLE_TTL)
    end = now + SINGLE_TTL
    has_window = thread.window_until is not None and thread.window_until > now
    return min(end, thread.window_until) if has_window and thread.window_until else end


def expire_due() -> int:
    """Expire what is too late, batch by batch; returns how many those were."""
    count = 0
    while True:
        rows = _expire_batch()
        count += len(rows)
        if len(rows) < BATCH:
            return count


def due(key: str | None) -> Iterable[tuple[str, datetime]]:
    """When runs and messages of no run come too late (the agenda's selector): a stream's id, or
    no key for the messages of no run."""
    found: list[tuple[str, datetime]] = []
    if key != "":
        waiting = Message.objects.filter(stream=OuterRef("pk"), dispatch__in=CLAIMABLE)
        runs = Stream.objects.filter(Exists(waiting), state__in=_OPEN, expires_at__isnull=False)
        if key is not None:
            runs = runs.filter(pk=UUID(key))
        found += [(str(pk), at) for pk, at in runs.values_list("pk", "expires_at") if at]
    if not key:
        first = Message.objects.filter(
            stream__isnull=True, dispatch__in=CLAIMABLE, expires_at__isnull=False
        ).aggregate(at=Min("expires_at"))["at"]
        found += [("", first)] if first else []
    return found


@transaction.atomic
def _expire_batch() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_EXPIRE, {"now": timezone.now(), "batch": BATCH, "code": CODE})
        rows = cursor.fetchall()
    progress.tell(
        progress.Progress(message, thread, stream, PublicState.CANCELLED)
        for message, thread, stream in rows
    )
    return rows
