"""Live updates: ids over Redis, best effort, with a cursor to catch up by.

Each company has one stream ``live:<company uuid>`` and one channel of the same name. A push is
one Lua call that appends to the stream and publishes the frame, so both always agree:

    {"topic": "campaign:cmp_…", "event": "campaign.progressed", "id": "cmp_…", "cursor": "17…-0"}

Frames carry ids only; the page fetches its fragment, so rights stay in the views. A page that
lost its socket, or polls because it cannot have one, asks ``since(cursor)``; when the stream no
longer reaches back that far (or Redis was wiped) the answer says ``reset`` and the page reloads
its fragments.

Coalescing (``push_coalesced``): the first hint of a window goes out at once and opens the window.
A later one within it is put into ``live:late:<company uuid>``, a sorted set of frames by due time,
where equal hints fold into one; the next window begins when it goes out. Whoever comes by after
that time sends it, atomically, once: the hub, told over ``live:late`` to wake up then, or else the
next push or the next ``since`` of the company. So the last hint of a window is delayed by at most
the window and never lost.
"""

from __future__ import annotations

import json
import logging
import re
import uuid
from collections.abc import Callable, Collection
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection, transaction

from core import redis

if TYPE_CHECKING:
    import redis as redis_py

logger = logging.getLogger(__name__)

STREAM_LENGTH = 5000
STREAM_SECONDS = 86_400  # a page that slept longer starts afresh
BATCH = 500
WAKE_CHANNEL = "live:late"
_CURSOR = re.compile(r"\d{1,20}-\d{1,20}")

# Appends and publishes. `frame` ends before the cursor, which only XADD knows.
_EMIT = """
local function emit(stream, frame)
  local cursor = redis.call('XADD', stream, 'MAXLEN', '~', tonumber(ARGV[1]), '*', 'f', frame)
  redis.call('EXPIRE', stream, tonumber(ARGV[2]))
  redis.call('PUBLISH', stream, frame .. ',"cursor":"' .. cursor .. '"}')
  return cursor
end
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function flush(stream, late)
  local due = redis.call('ZRANGEBYSCORE', late, '-inf', now())
  for _, frame in ipairs(due) do
    redis.call('ZREM', late, frame)
    emit(stream, frame)
  end
  return #due
end
"""
# KEYS: stream · ARGV: length, seconds, frame
_PUSH = _EMIT + "return emit(KEYS[1], ARGV[3])"
# KEYS: stream, late, window · ARGV: length, seconds, frame, window in ms, wake channel, company
_PUSH_COALESCED = (
    _EMIT
    + """
flush(KEYS[1], KEYS[2])
if redis.call('SET', KEYS[3], 1, 'NX', 'PX', ARGV[4]) then
  redis.call('ZREM', KEYS[2], ARGV[3])
  return emit(KEYS[1], ARGV[3])
end
local wait = math.max(redis.call('PTTL', KEYS[3]), 1)
if redis.call('ZADD', KEYS[2], 'NX', now() + wait, ARGV[3]) == 1 then
  redis.call('PEXPIRE', KEYS[3], wait + tonumber(ARGV[4]))
  redis.call('EXPIRE', KEYS[2], ARGV[2])
  redis.call('PUBLISH', ARGV[5], '{"company":"' .. ARGV[6] .. '","wait":' .. wait .. '}')
end
return false
"""
)
# KEYS: stream, late · ARGV: length, seconds
FLUSH = _EMIT + "return flush(KEYS[1], KEYS[2])"
# KEYS: stream, late · ARGV: length, seconds, after, how many
# → first id, last id, entries. An empty stream gets a first entry, so that a cursor always has
# something to stand on and a wiped stream can be told from a quiet one.
_SINCE = (
    _EMIT
    + """
flush(KEYS[1], KEYS[2])
if redis.call('XLEN', KEYS[1]) == 0 then
  redis.call('XADD', KEYS[1], '*', 'f', '')
  redis.call('EXPIRE', KEYS[1], tonumber(ARGV[2]))
end
local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1][1]
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1][1]
return {first, last, redis.call('XRANGE', KEYS[1], '(' .. ARGV[3], '+', 'COUNT', ARGV[4])}
"""
)


class Event(NamedTuple):
    """Something changed: look at ``id``."""

    topic: str
    event: str
    id: str


class Since(NamedTuple):
    """What happened after a cursor. ``reset``: too much or unknown, fetch everything anew."""

    events: list[Event]
    cursor: str
    reset: bool


def stream_key(company_id: uuid.UUID | str) -> str:
    """Stream and channel of a company."""
    return f"live:{company_id}"


def late_key(company_id: uuid.UUID | str) -> str:
    """Coalesced hints of a company that wait for their window to end."""
    return f"live:late:{company_id}"


def control_channel(company_id: uuid.UUID | str) -> str:
    """Where the sockets of a company are told to check their rights again."""
    return f"live:control:{company_id}"


def push(company_id: uuid.UUID | str, topic: str, event: str, id: str) -> None:  # noqa: A002
    """Tell the pages that listen to ``topic``, once the transaction has committed.

    Best effort: without Redis it is logged and forgotten; pages that poll see the rows anyway.
    """
    frame = _frame(topic, event, id)
    _after_commit(
        lambda server: server.eval(
            _PUSH, 1, stream_key(company_id), STREAM_LENGTH, STREAM_SECONDS, frame
        )
    )


def push_coalesced(
    company_id: uuid.UUID | str,
    topic: str,
    event: str,
    id: str = "",  # noqa: A002
    *,
    every: float = 0.5,
) -> None:
    """Like ``push``, at most once per ``every`` seconds for the same topic, event and id; for
    hints about lists and counters. The last hint of a burst always arrives (see above)."""
    frame = _frame(topic, event, id)
    keys = (
        stream_key(company_id),
        late_key(company_id),
        f"live:window:{company_id}:{topic}:{event}:{id}",
    )
    window = max(1, round(every * 1000))
    _after_commit(
        lambda server: server.eval(
            _PUSH_COALESCED, 3, *keys, STREAM_LENGTH, STREAM_SECONDS, frame, window,
            WAKE_CHANNEL, str(company_id),
        )
    )  # fmt: skip


def rights_changed(company_id: uuid.UUID | str, member_id: uuid.UUID | str | None = None) -> None:
    """Have the sockets of a member (or of everybody) check again who they are and what they may.

    To be called whenever a membership, role or team changes.
    """
    message = json.dumps({"member": str(member_id) if member_id else None})
    _after_commit(lambda server: server.publish(control_channel(company_id), message))


def since(company_id: uuid.UUID | str, cursor: str | None, topics: Collection[str]) -> Since:
    """What was pushed to ``topics`` after ``cursor``; without one, just the cursor of now.

    The caller has checked the rights to the topics. Equal events are folded into one. Without
    Redis the answer is a reset with the same cursor, so a polling page still sees its rows.
    """
    known = cursor if cursor and _CURSOR.fullmatch(cursor) else None
    keys = (stream_key(company_id), late_key(company_id))
    try:
        first, last, entries = redis.ask(
            lambda server: server.eval(
                _SINCE, 2, *keys, STREAM_LENGTH, STREAM_SECONDS, known or "0-0", BATCH
            )
        )
    except redis.Away:
        return Since([], cursor or "", reset=True)
    newest = last.decode()
    if not cursor:
        return Since([], newest, reset=False)
    if known is None or not _order(first.decode()) <= _order(known) <= _order(newest):
        return Since([], newest, reset=True)
    events = dict.fromkeys(_event(fields[1]) for _, fields in entries if fields[1])
    reached = entries[-1][0].decode() if entries else known
    return Since([event for event in events if event.topic in topics], reached, reset=False)


def _order(cursor: str) -> tuple[int, int]:
    time, _, sequence = cursor.partition("-")
    return int(time), int(sequence)


def _frame(topic: str, event: str, object_id: str) -> str:
    """The frame without its end, which Lua adds with the cursor."""
    fields = {"topic": topic, "event": event, "id": str(object_id)}
    return json.dumps(fields, separators=(",", ":"))[:-1]


def _event(frame: bytes) -> Event:
    return Event(**json.loads(frame + b"}"))


def _after_commit(send: Callable[[redis_py.Redis], Any]) -> None:
    if connection.in_atomic_block:
        transaction.on_commit(partial(_best_effort, send), robust=True)
    else:
        _best_effort(send)


def _best_effort(send: Callable[[redis_py.Redis], Any]) -> None:
    try:
        redis.ask(send)
    except redis.Away:
        logger.warning("live update lost: Redis is away")
