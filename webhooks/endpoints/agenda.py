"""The kinds of due work of endpoints, by name and by what is outstanding."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from core import statements
from webhooks.endpoints import schedule
from webhooks.endpoints.models import Redrive

SEND = "endpoints.send"  # no key: all endpoints of a company share a sender
REDRIVE = "endpoints.redrive"  # key: a Redrive under way

# An endpoint whose places are taken, or that is slow to answer, is looked at when a place has to be
# free again (whoever sends looks again as soon as it has an answer). Tests are sent whether it is
# on or off.
_NEXT_TIMES = """
    SELECT e.id, greatest(e.rests_until, CASE
        WHEN busy.count >= %(at_once)s OR busy.until <= %(slow)s
        THEN busy.until ELSE least(busy.until, waiting.at) END)
    FROM endpoints_endpoint e
    CROSS JOIN LATERAL (
        SELECT count(*), min(d.due_at) AS until FROM endpoints_dispatch d
        WHERE d.endpoint_id = e.id AND d.state = 'sending') busy
    LEFT JOIN LATERAL (
        SELECT d.due_at AS at FROM endpoints_dispatch d
        JOIN endpoints_webhookevent w ON w.id = d.event_id
        WHERE d.endpoint_id = e.id AND d.state IN ('pending', 'waiting')
          AND (e.state = 'active' OR w.is_test)
        ORDER BY d.due_at LIMIT 1) waiting ON true
    WHERE e.deleted_at IS NULL AND coalesce(busy.until, waiting.at) IS NOT NULL
"""


def next_times() -> dict[UUID, datetime]:
    """When each endpoint that has something outstanding is to be looked at."""
    slow = schedule.slow_lease(timezone.now())
    rows = statements.run(_NEXT_TIMES, at_once=schedule.AT_ONCE, slow=slow)
    return {row[0]: row[1] for row in rows}


def unsent(_key: str | None) -> Iterable[tuple[str, datetime]]:
    """When the company's sender is to look, if there is anything to send."""
    times = next_times().values()
    return [("", min(times))] if times else []


def under_way(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Redrives that are not finished."""
    rows = Redrive.objects.filter(finished_at=None)
    if key is not None:
        rows = rows.filter(pk=key)
    return [(str(pk), at) for pk, at in rows.values_list("pk", "created_at")]
