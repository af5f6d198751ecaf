"""When an event is sent again (docs/decisions/27-outgoing-webhooks.md): ten attempts in some three
days, each wait give or take a fifth, so that what failed together does not come back together.
"""

import random
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from uuid import UUID

# Between an attempt and the next one; the first leaves at once.
DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
ATTEMPTS = len(DELAYS) + 1
# Requests of one endpoint on the wire, whoever sends them.
AT_ONCE = 2
LEASE = timedelta(seconds=30)  # twice what a request may last
# Who has not answered for so long gets nothing more until he has: the sender whose slice is over
# waits for him, and the next slice must not come to wait for the same one.
SLOW = timedelta(seconds=2)
JITTER = 0.2
# Who does not keep up is left alone for so long at least.
OVERLOAD = timedelta(seconds=60)
# Nothing but failures for so long: the endpoint is disabled.
DISABLE_AFTER = timedelta(hours=120)
# Twice the longest wait; who was not asked for longer begins a new spell of failures.
SPELL_GAP = timedelta(hours=72)


def slow_lease(now: datetime) -> datetime:
    """The lease of an attempt that is unanswered for `SLOW` ends by then."""
    return now + LEASE - SLOW


def next_wait(
    dispatch_id: UUID, attempts: int, *, is_overload: bool = False, retry_after: timedelta | None
) -> timedelta | None:
    """How long to wait after so many attempts; None when there are no more.

    The same dispatch and attempt always wait equally long, so a repeated handling changes nothing.

    Args:
        is_overload: the receiver did not keep up (429, no answer in time).
        retry_after: what the receiver asked for; heeded up to twice our own wait.
    """
    if attempts >= ATTEMPTS:
        return None
    spread = random.Random(f"{dispatch_id}:{attempts}").uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
    wait = DELAYS[attempts - 1] * spread
    if is_overload:
        wait = max(wait, OVERLOAD)
    if retry_after is None:
        return wait
    return min(max(retry_after, wait), 2 * wait)


def retry_after(text: str, now: datetime) -> timedelta | None:
    """What a Retry-After header asks for, in seconds or as a date; None if it is neither."""
    if text.strip().isascii() and text.strip().isdigit():
        return timedelta(seconds=min(int(text.strip()[:9]), 10**6))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return max(moment.replace(tzinfo=moment.tzinfo or UTC) - now, timedelta())
