"""The resident scanner: takes due rows off the agenda and sees to them."""

import time
from collections.abc import Callable

import structlog
from django.db import OperationalError, close_old_connections, connection
from django.utils import timezone

from core import heartbeat
from core.agenda.hints import hint, place, run_here
from core.agenda.kinds import registered
from core.agenda.rows import FOLLOW_UP
from core.models import AgendaRow
from core.scope import UnknownCompany

log = structlog.get_logger(__name__)

BATCH = 500
IDLE_SECONDS = 0.25

# Taken rows are folded and each key gets its follow-up in the same statement, so a scanner that
# dies right after the commit has lost nothing.
_TAKE = """
WITH taken AS (
    DELETE FROM public.agenda WHERE id IN (
        SELECT id FROM public.agenda WHERE due_at <= now()
        ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED)
    RETURNING schema, kind, key, is_follow_up),
folded AS (
    SELECT schema, kind, key, bool_and(is_follow_up) AS is_follow_up
    FROM taken GROUP BY schema, kind, key),
safety AS (
    INSERT INTO public.agenda (schema, kind, key, due_at, is_follow_up)
    SELECT schema, kind, key, now() + make_interval(secs => %s), true
    FROM folded WHERE NOT is_follow_up)
SELECT schema, kind, key, is_follow_up FROM folded
"""


def scan_once() -> int:
    """Take one batch of due rows and see to each; returns how many keys it saw to."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [BATCH, FOLLOW_UP.total_seconds()])
        rows = cursor.fetchall()
    for schema, kind, key, is_follow_up in rows:
        _see_to(schema, kind, key, is_follow_up=is_follow_up)
    return len(rows)


def _see_to(schema: str, kind: str, key: str, *, is_follow_up: bool) -> None:
    """One key's failure is logged and left to its next row; it never stops the others."""
    if kind not in registered:
        log.error("agenda.unknown_kind", kind=kind)
        return
    try:
        if is_follow_up and not _still_due(schema, kind, key):
            return
        if not hint(schema, kind, key, queue=registered[kind].queue):
            run_here(schema, kind, key)
    except UnknownCompany:
        log.info("agenda.company_gone", schema=schema, kind=kind)
    except OperationalError:
        raise
    except Exception:
        log.exception("agenda.failed", schema=schema, kind=kind)


def _still_due(schema: str, kind: str, key: str) -> bool:
    """Ask the rows; when work is left, write its next wake-up (a follow-up when it is due now)."""
    with place(schema):
        times = [due_at for _, due_at in registered[kind].due(key)]
    if not times:
        return False
    now, due_at = timezone.now(), min(times)
    is_due = due_at <= now
    AgendaRow.objects.create(
        schema=schema,
        kind=kind,
        key=key,
        due_at=now + FOLLOW_UP if is_due else due_at,
        is_follow_up=is_due,
    )
    return is_due


def scan_forever(should_stop: Callable[[], bool]) -> None:
    """Scan until told to stop; a database that is away is waited for, not died of."""
    while not should_stop():
        try:
            seen = scan_once()
            heartbeat.beat("scan")
        except OperationalError as error:
            log.warning("agenda.database_away", error=type(error).__name__)
            close_old_connections()
            connection.close()
            seen = 0
            time.sleep(1)
        if seen < BATCH:
            time.sleep(IDLE_SECONDS)
