"""Kinds that run one at a time for each key: one hint under way, one run, and one more when
somebody asked meanwhile.

A mark in Redis says that a hint is under way. Who commits work after it was set need not hint
again: the run takes the mark away before it looks at the rows. A hint that finds a run going on
leaves the mark, and the run that ends sees it. So a busy key costs one message a run instead of
one for each row, and never crowds out the others. A mark whose hint got lost expires before the
follow-up row of the agenda comes.
"""

from collections.abc import Callable

from core import redis, turns
from core.agenda.kinds import Rest

MARK_SECONDS = 5
# A run lasts a slice, some two seconds; a dead worker's turn ends before the second follow-up.
TURN_SECONDS = 12


def mark(name: str) -> bool:
    """Say that a hint is under way; False when one is already. True without Redis."""
    try:
        return bool(redis.ask(lambda server: server.set(_key(name), 1, nx=True, ex=MARK_SECONDS)))
    except redis.Away:
        return True


def unmark(name: str) -> bool:
    """Take the mark away; whether there was one."""
    try:
        return bool(redis.ask(lambda server: server.delete(_key(name))))
    except redis.Away:
        return False


def run(name: str, work: Callable[[], Rest | None], again: Callable[[], object]) -> Rest | None:
    """Run the work unless somebody does already, and call `again` when it was asked for meanwhile,
    also when the work raises. Returns what the work leaves to be done out of turn."""
    is_ours = False
    try:
        with turns.turn(name, seconds=TURN_SECONDS) as turn:
            if turn is None:
                return None
            is_ours = True
            unmark(name)
            return work()
    finally:
        if is_ours and unmark(name):
            again()


def _key(name: str) -> str:
    return f"hint:{name}"
