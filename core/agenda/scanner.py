"""The resident scanner: takes due rows off the agenda and sees to them."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.db import OperationalError, close_old_connections, connection
from django.utils import timezone

from core import heartbeat
from core.agenda import chores
from core.agenda.hints import hint, place, run_here
from core.agenda.kinds import registered
from core.agenda.rows import FOLLOW_UP
from core.models import AgendaRow
from core.scope import UnknownCompany

log = structlog.get_logger(__name__)

BATCH = 500
IDLE_SECONDS = 0.25

# Taken rows are folded and each key gets a follow-up in the same statement, also the one whose
# follow-up this is: a scanner that dies (or loses the database) right after has lost nothing.
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
    SELECT schema, kind, key, now() + make_interval(secs => %s), true FROM folded
    RETURNING id, schema, kind, key)
SELECT safety.id, schema, kind, key, is_follow_up FROM folded JOIN safety USING (schema, kind, key)
"""


def scan_once() -> int:
    """Take one batch of due rows and see to each; returns how many keys it saw to."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [BATCH, FOLLOW_UP.total_seconds()])
        rows = cursor.fetchall()
    for row in rows:
        _see_to(_Taken(*row))
    return len(rows)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A key that was due, and the row that brings it back should we not get to its end."""

    follow_up: int
    schema: str
    kind: str
    key: str
    is_follow_up: bool


def _see_to(taken: _Taken) -> None:
    """One key's failure is logged and left to its follow-up; it never stops the others."""
    kind = registered.get(taken.kind)
    if kind is None:
        log.error("agenda.unknown_kind", kind=taken.kind)
        _forget(taken)
        return
    try:
        if taken.is_follow_up and not _still_due(taken):
            return
        if not hint(taken.schema, taken.kind, taken.key, queue=kind.queue):
            run_here(taken.schema, taken.kind, taken.key)
    except UnknownCompany:
        log.info("agenda.company_gone", schema=taken.schema, kind=taken.kind)
        _forget(taken)
    except OperationalError:
        raise
    except Exception:
        log.exception("agenda.failed", schema=taken.schema, kind=taken.kind)


def _still_due(taken: _Taken) -> bool:
    """Ask the rows; what is due later is looked at then, what is done is forgotten."""
    with place(taken.schema):
        times = [due_at for _, due_at in registered[taken.kind].due(taken.key)]
    if not times:
        _forget(taken)
        return False
    if min(times) <= timezone.now():
        return True
    AgendaRow.objects.filter(pk=taken.follow_up).update(due_at=min(times), is_follow_up=False)
    return False


def _forget(taken: _Taken) -> None:
    AgendaRow.objects.filter(pk=taken.follow_up).delete()


def scan_forever(should_stop: Callable[[], bool]) -> None:
    """Scan until told to stop; a database that is away is waited for, not died of."""
    while not should_stop():
        try:
            seen = scan_once()
            heartbeat.beat("scan")
            chores.do_due()
        except OperationalError as error:
            log.warning("agenda.database_away", error=type(error).__name__)
            close_old_connections()
            connection.close()
            seen = 0
            time.sleep(1)
        if seen < BATCH:
            time.sleep(IDLE_SECONDS)
