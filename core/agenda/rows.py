"""Writing the agenda: append, never update (an upsert would wait for somebody's open import)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from core import scope, statements
from core.agenda.hints import hint
from core.agenda.kinds import PUBLIC, registered

# A hint that did its work leaves nothing due behind it; a lost one is found after so long.
FOLLOW_UP = timedelta(seconds=8)

# Past the ORM: a sender appends with every claim.
_APPEND = """
    INSERT INTO public.agenda (schema, kind, key, due_at, is_follow_up)
    VALUES (%(schema)s, %(kind)s, %(key)s, %(due_at)s, %(is_follow_up)s)
"""


def append(kind: str, key: str = "", due_at: datetime | None = None) -> None:
    """Say that `key` of `kind` has something to do at `due_at` (default now) in this company.

    Call it in the transaction that creates the work. Work that is due now is hinted to a worker
    after the commit, and its row waits as the follow-up in case the hint is lost.

    Raises:
        KeyError: nobody registered the kind.
    """
    queue = registered[kind].queue
    company = scope.current()
    schema = company.schema_name if company else PUBLIC
    now = timezone.now()
    if due_at is not None and due_at > now:
        _write(schema, kind, key, due_at)
        return
    _write(schema, kind, key, now + FOLLOW_UP, is_follow_up=True)
    # Robust: the work is committed; a hint that fails must not fail the request that made it.
    transaction.on_commit(lambda: _hint_or_leave_to_scanner(schema, kind, key, queue), robust=True)


def follow_up(kind: str, source: str) -> str:
    """The row of shared work (of no company and no key) as SQL, for a statement that writes the
    work at once: where each round trip counts. `wake` belongs behind it.

    Args:
        source: a relation of that statement; the row is written if it has one.
    """
    return f"""
        INSERT INTO public.agenda (schema, kind, key, due_at, is_follow_up)
        SELECT '{PUBLIC}', '{kind}', '', now() + interval '{FOLLOW_UP.seconds} s', true
        FROM {source} LIMIT 1
    """  # noqa: S608 -- names of ours


def wake(kind: str) -> None:
    """Hint a worker of shared work whose row was written by `follow_up`, after the commit."""
    queue = registered[kind].queue
    transaction.on_commit(lambda: _hint_or_leave_to_scanner(PUBLIC, kind, "", queue), robust=True)


def _hint_or_leave_to_scanner(schema: str, kind: str, key: str, queue: str) -> None:
    if not hint(schema, kind, key, queue=queue):
        _write(schema, kind, key, timezone.now())


def _write(
    schema: str, kind: str, key: str, due_at: datetime, *, is_follow_up: bool = False
) -> None:
    statements.run(
        _APPEND, schema=schema, kind=kind, key=key, due_at=due_at, is_follow_up=is_follow_up
    )


def rebuild() -> int:
    """Write the agenda of the current schema anew from its rows; returns how many it appended."""
    count = 0
    for kind in registered.values():
        for key, due_at in kind.due(None):
            append(kind.name, key, due_at)
            count += 1
    return count
