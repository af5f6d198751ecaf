"""Threads: everything between one contact and one connection, and the window it has open."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from core import statements
from core.ids import uuid7
from messaging.models import Thread

# Free-form messages may be sent so long after the person's last one (by the provider's clock).
# Where a provider has another window its capabilities say so.
WINDOW = timedelta(hours=24)

# In one order, so that two senders never wait for each other in a circle.
_READDRESS = """
    INSERT INTO messaging_thread AS t
           (id, contact_id, connection_id, address, last_inbound_external_id, created_at)
    SELECT id, contact_id, connection_id, address, '', %(now)s
    FROM jsonb_to_recordset(%(rows)s::jsonb)
         AS v(id uuid, contact_id uuid, connection_id uuid, address text)
    ORDER BY contact_id, connection_id
    ON CONFLICT (contact_id, connection_id) DO UPDATE SET address = excluded.address
    WHERE t.address <> excluded.address
    RETURNING id, xmax = 0
"""
# Messages come in any order; the newest one's id is kept.
_HEAR = f"""
    INSERT INTO messaging_thread AS t
           (id, contact_id, connection_id, address, last_inbound_at, last_inbound_external_id,
            window_until, created_at)
    SELECT id, contact_id, connection_id, address, at, external_id, window_until, %(now)s
    FROM jsonb_to_recordset(%(rows)s::jsonb)
         AS v(id uuid, contact_id uuid, connection_id uuid, address text, at timestamptz,
              external_id text, window_until timestamptz)
    ORDER BY contact_id, connection_id
    ON CONFLICT (contact_id, connection_id) DO UPDATE SET
        address = coalesce(nullif(excluded.address, ''), t.address),
        last_inbound_at = greatest(t.last_inbound_at, excluded.last_inbound_at),
        last_inbound_external_id = CASE WHEN t.last_inbound_at >= excluded.last_inbound_at
            THEN t.last_inbound_external_id ELSE excluded.last_inbound_external_id END,
        window_until = greatest(t.window_until, excluded.window_until)
    RETURNING {statements.columns(Thread, "t")}, xmax = 0
"""  # noqa: S608 -- names of ours
# In the order in which senders and receipts lock messages.
_ADOPT = """
    WITH orphans AS MATERIALIZED (
        SELECT m.id, t.id AS thread_id
        FROM messaging_thread t
        JOIN messaging_message m ON m.contact_id = t.contact_id
             AND m.connection_id = t.connection_id
        WHERE t.id = ANY(%(threads)s) AND m.thread_id IS NULL
        ORDER BY m.id FOR NO KEY UPDATE OF m)
    UPDATE messaging_message m SET thread_id = orphans.thread_id
    FROM orphans WHERE m.id = orphans.id
"""


@dataclass(frozen=True, slots=True)
class Place:
    """A contact at a connection and the address it is written to there."""

    contact_id: UUID
    connection_id: UUID
    address: str


def get_or_create(*, contact_id: UUID, connection_id: UUID, address: str) -> Thread:
    """The thread of a contact at a connection; a newer address replaces the old one.

    What a run wrote there before anybody answered is the beginning of a new one.
    """
    thread, is_new = Thread.objects.get_or_create(
        contact_id=contact_id, connection_id=connection_id, defaults={"address": address}
    )
    if is_new:
        _adopt([thread.pk])
    elif address and thread.address != address:
        thread.address = address
        thread.save(update_fields=["address"])
    return thread


def readdress(places: Collection[Place]) -> None:
    """What a provider calls these people there is what they are written to from now on; who has no
    thread yet gets one, which keeps it."""
    if not places:
        return
    rows = statements.rows({"id": uuid7(), **asdict(place)} for place in places)
    written = statements.run(_READDRESS, now=timezone.now(), rows=rows)
    if made := [pk for pk, is_new in written if is_new]:
        _adopt(made)


def _adopt(thread_ids: Collection[UUID]) -> None:
    """Runs write to people without making them a thread; once there is one, it has it all."""
    statements.run(_ADOPT, threads=list(thread_ids))


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of a person: where they wrote, and when (the provider's time)."""

    place: Place
    at: datetime
    external_id: str


def note_inbound(
    heard: Collection[Heard], *, window: timedelta | None = WINDOW
) -> dict[UUID, Thread]:
    """People wrote, each once: the threads by contact, whose windows open or grow, and never
    shrink.

    Args:
        heard: of contacts that are all different.
        window: how long free-form messages are allowed after it; None: for ever, nothing is kept.
    """
    rows = [
        {
            **asdict(one.place), "id": uuid7(), "at": one.at, "external_id": one.external_id,
            "window_until": None if window is None else one.at + window,
        }
        for one in heard
    ]  # fmt: skip
    written = statements.run(_HEAR, rows=statements.rows(rows), now=timezone.now())
    found = [(statements.instance(Thread, row), row[-1]) for row in written]
    if made := [thread.pk for thread, is_new in found if is_new]:
        _adopt(made)
    return {thread.contact_id: thread for thread, _is_new in found}


def window_is_open(thread: Thread | None, now: datetime) -> bool:
    """Whether free-form messages may go to this thread at `now`."""
    return thread is not None and thread.window_until is not None and thread.window_until > now
