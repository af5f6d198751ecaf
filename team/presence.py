"""Who of the team is there now, as their open pages tell it.

Each open page says every minute that it is there, and whether somebody did something since it
last said so (frontend/js/presence.js). Both are kept in Redis for a while: without Redis nothing is
known of anybody (`Presences.is_known`), and a wiped Redis knows everybody again within a minute.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

import redis as redis_py

from core import redis, scope
from team.enums import Presence
from team.models import Member

OPEN_SECONDS = 150  # browsers let hidden pages speak once a minute, a little late
AWAY_SECONDS = 300
_KEPT_SECONDS = 2 * AWAY_SECONDS


@dataclass(frozen=True, slots=True)
class Presences:
    """Who was there at one moment; whom it does not name was not.

    Attributes:
        is_known: False when nobody could say, which is not the same as nobody being there.
    """

    states: dict[UUID, Presence] = field(default_factory=dict)
    is_known: bool = True

    def of(self, member_id: UUID) -> Presence:
        return self.states.get(member_id, Presence.OFFLINE)


def note(*, company_id: UUID, member_id: UUID, is_active: bool) -> None:
    """A page of the member is open, and its reader did something lately (`is_active`).

    Best effort: without Redis nothing is kept.
    """
    now, name = time.time(), str(member_id)

    def write(server: redis_py.Redis) -> None:
        pipe = server.pipeline(transaction=False)
        for key in _keys(company_id)[: 2 if is_active else 1]:
            pipe.zadd(key, {name: now}, gt=True)
            pipe.expire(key, _KEPT_SECONDS)
        pipe.execute()

    try:
        redis.ask(write)
    except redis.Away:
        return


def now() -> Presences:
    """Everybody of the open company, in one look."""
    moment = time.time()
    is_open, active = _keys(scope.required_company_id())

    def read(server: redis_py.Redis) -> list[list[bytes]]:
        pipe = server.pipeline(transaction=False)
        pipe.zrange(is_open, moment - OPEN_SECONDS, "inf", byscore=True)
        pipe.zrange(active, moment - AWAY_SECONDS, "inf", byscore=True)
        answer: list[list[bytes]] = pipe.execute()
        return answer

    try:
        here, awake = redis.ask(read)
    except redis.Away:
        return Presences(is_known=False)
    return Presences(
        {UUID(name.decode()): Presence.ONLINE if name in awake else Presence.AWAY for name in here}
    )


def of(members: Iterable[Member]) -> dict[UUID, Presence]:
    """Each of these members of the open company, by id."""
    present = now()
    return {member.pk: present.of(member.pk) for member in members}


def _keys(company_id: UUID) -> tuple[str, str]:
    """Sorted sets of member ids by time: whose page was open, who did something."""
    return f"presence:{company_id}:open", f"presence:{company_id}:active"
