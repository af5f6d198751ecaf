"""Has the portfolio people left that it may reach in these 24 hours? (domain-rules 3)

Meta counts, for each business portfolio, the different people to whom a template went outside a
customer service window in the last 24 hours. `TierUse` is our ledger of them, shared by all
numbers of the portfolio and all runs; at the wire a use is written in the wave's transaction.
"""

import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.db import connection as database

from connections.models import Connection
from core import locks
from crm.enums import Channel
from messaging.gate import Candidate, Moment, Verdict, Verdicts, delay
from messaging.models import TierUse

PERIOD = timedelta(hours=24)
_NUMBER = re.compile(r"(\d+)(K?)$")
# While so much of the limit is left, one exact count serves a slice: nobody uses that up in it.
_PLENTY = 10

_RESERVE = """
    WITH wanted AS (
        SELECT * FROM unnest(%(contacts)s::uuid[], %(messages)s::uuid[])
        WITH ORDINALITY AS v(contact_id, message_id, place)),
    counted AS (
        SELECT contact_id FROM messaging_tieruse
        WHERE portfolio_id = %(portfolio)s AND at > %(since)s AND contact_id = ANY(%(contacts)s)),
    fresh AS (
        SELECT * FROM wanted w
        WHERE NOT EXISTS (SELECT FROM counted c WHERE c.contact_id = w.contact_id)
        ORDER BY place LIMIT %(room)s),
    taken AS (
        INSERT INTO messaging_tieruse (portfolio_id, contact_id, message_id, at)
        SELECT %(portfolio)s, contact_id, message_id, %(now)s FROM fresh ORDER BY contact_id
        ON CONFLICT (portfolio_id, contact_id) DO UPDATE
        SET at = excluded.at, message_id = excluded.message_id
        WHERE messaging_tieruse.at <= %(since)s
        RETURNING contact_id)
    SELECT contact_id, false FROM counted UNION ALL SELECT contact_id, true FROM taken
"""
_RELEASE = """
    DELETE FROM messaging_tieruse t USING messaging_message m
    WHERE m.id = ANY(%s) AND t.contact_id = m.contact_id AND t.message_id = m.id
"""


@lru_cache(maxsize=64)
def limit_of(tier: str) -> int | None:
    """The people that a tier allows in 24 hours ("TIER_250", "TIER_10K"); None: no limit known."""
    match = _NUMBER.search(tier)
    return int(match[1]) * (1_000 if match[2] else 1) if match else None


def portfolio_of(connection: Connection) -> str:
    """Whose limit its messages use: the portfolio's, where it is known, else the account's."""
    return connection.portfolio_id or connection.account_id


def used(portfolio: str, now: datetime) -> int:
    """How many different people were reached in the last 24 hours."""
    return TierUse.objects.filter(portfolio_id=portfolio, at__gt=now - PERIOD).count()


def release(message_ids: Collection[UUID]) -> None:
    """Give back the uses that these messages began: the provider refused them."""
    if message_ids:
        with database.cursor() as cursor:
            cursor.execute(_RELEASE, [list(message_ids)])


def tier(batch: Sequence[Candidate], moment: Moment) -> Verdicts:
    """Delays those for whom no room is left until the oldest use ends."""
    limits = _limits(batch, moment)
    groups: dict[tuple[str, int], list[Candidate]] = {}
    for item in counted(batch, moment):
        groups.setdefault(limits[item.connection_id], []).append(item)
    verdicts: dict[UUID, Verdict] = {}
    for (portfolio, limit), items in groups.items():
        verdicts |= _judge(portfolio, limit, items, moment)
    return verdicts


def counted(batch: Sequence[Candidate], moment: Moment) -> list[Candidate]:
    """Those of a batch that may use the limit up: templates outside an open window, at numbers
    whose tier is known."""
    limits = _limits(batch, moment)
    items = [item for item in batch if not item.is_free_form and item.connection_id in limits]
    if not items:
        return []
    open_places = moment.open_places(items)
    return [item for item in items if (item.contact_id, item.connection_id) not in open_places]


def _limits(batch: Sequence[Candidate], moment: Moment) -> dict[UUID, tuple[str, int]]:
    """Connection → portfolio and limit, of those that have one."""
    channels = moment.channels(batch)
    return {
        pk: (portfolio_of(row), limit)
        for pk, row in moment.connections(batch).items()
        if channels[pk] == Channel.WHATSAPP and (limit := limit_of(row.tier)) is not None
    }


def _judge(
    portfolio: str, limit: int, items: Sequence[Candidate], moment: Moment
) -> dict[UUID, Verdict]:
    may_go = (_reserve if moment.is_at_wire else _imagine)(portfolio, limit, items, moment)
    away = [item for item in items if item.contact_id not in may_go]
    if not away:
        return {}
    until = _frees_at(portfolio, moment)
    return {item.id: delay("tier_limit", until, limit=limit) for item in away}


def _reserve(portfolio: str, limit: int, items: Sequence[Candidate], moment: Moment) -> set[UUID]:
    """Take what is left for them, in this transaction; exact between all who take."""
    room = moment.memory.room.get(portfolio, 0)
    if room <= max(limit // _PLENTY, len(items)):
        locks.hold(f"portfolio:{portfolio}")  # another wave of it counts after this one
        room = max(limit - used(portfolio, moment.now), 0)
    messages = {item.contact_id: item.id for item in reversed(items)}
    with database.cursor() as cursor:
        cursor.execute(
            _RESERVE,
            {
                "portfolio": portfolio,
                "contacts": list(reversed(messages)),
                "messages": list(reversed(messages.values())),
                "since": moment.now - PERIOD,
                "now": moment.now,
                "room": room,
            },
        )
        rows = cursor.fetchall()
    moment.memory.room[portfolio] = room - sum(is_new for _, is_new in rows)
    return {contact_id for contact_id, _ in rows}


def _imagine(portfolio: str, limit: int, items: Sequence[Candidate], moment: Moment) -> set[UUID]:
    """Who would find room, after those that earlier batches of this memory imagined."""
    since = moment.now - PERIOD
    uses = TierUse.objects.filter(portfolio_id=portfolio, at__gt=since)
    wanted = {item.contact_id for item in items}
    known = set(uses.filter(contact__any_of=wanted).values_list("contact_id", flat=True))
    reached = moment.memory.reached.setdefault(portfolio, set())
    if portfolio not in moment.memory.room:
        moment.memory.room[portfolio] = max(limit - used(portfolio, moment.now), 0)
    for item in items:
        is_new = item.contact_id not in known and item.contact_id not in reached
        if is_new and moment.memory.room[portfolio] > 0:
            moment.memory.room[portfolio] -= 1
            reached.add(item.contact_id)
    return known | reached


def _frees_at(portfolio: str, moment: Moment) -> datetime:
    """When the oldest use ends."""
    oldest = (
        TierUse.objects.filter(portfolio_id=portfolio, at__gt=moment.now - PERIOD)
        .order_by("at")
        .values_list("at", flat=True)
        .first()
    )
    return (oldest or moment.now) + PERIOD
