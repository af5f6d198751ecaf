"""What people write to us becomes a message in their thread: once, whoever they are by now."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from connections.models import Connection
from connections.providers.base import Identities, InboundMessage, PreferenceUpdate
from connections.selectors import provider_of
from core import agenda, locks, statements
from core.errors import Conflict
from core.ids import uuid7
from crm import phones
from crm.enums import IdentityKind
from crm.models import Contact
from crm.services import consents, identities, recognising
from crm.services.identities import Known
from events import bus
from messaging import progress
from messaging.agenda import FETCH_MEDIA
from messaging.enums import (
    Direction,
    DispatchState,
    MediaState,
    MessageKind,
    Origin,
)
from messaging.events import MessageReceived
from messaging.models import Media, Message, Thread
from messaging.services import preferences, threads

log = structlog.get_logger(__name__)

# The connection's "last received" is a sign of life, not a clock: one write a minute at most.
LAST_INBOUND_GRAIN = timedelta(minutes=1)
# An answer belongs to the last campaign message of so long ago, unless it quotes one.
REPLY_HORIZON = timedelta(days=7)
_KNOWN = """
    SELECT external_id FROM messaging_message
    WHERE connection_id = %(connection)s AND external_id = ANY(%(ids)s::text[])
"""
# Each of a thread of its own.
_TIE = """
    WITH given AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb)
             AS v(id uuid, thread uuid, external_id text, quoted uuid, at timestamptz,
                  horizon timestamptz)),
    early AS (
        UPDATE messaging_message m SET reply_to_id = given.id FROM given
        WHERE m.thread_id = given.thread AND m.reply_to_id IS NULL AND m.at >= given.at
              AND m.content->>'quoted' = given.external_id)
    SELECT answered.id, answered.stream_id, given.at FROM given CROSS JOIN LATERAL (
        SELECT m.id, m.stream_id FROM messaging_message m
        WHERE m.thread_id = given.thread AND m.stream_id IS NOT NULL AND m.dispatch = 'accepted'
              AND m.replied_at IS NULL AND m.at >= given.horizon
        ORDER BY m.id = given.quoted DESC NULLS LAST, m.at DESC, m.id DESC
        LIMIT 1) AS answered
"""


def receive(*, connection: Connection, inbound: InboundMessage) -> Message | None:
    """`receive_all` of one; None when it was stored before."""
    return next(iter(receive_all(connection=connection, inbounds=[inbound])), None)


def receive_all(*, connection: Connection, inbounds: Sequence[InboundMessage]) -> list[Message]:
    """Store what people wrote; what was stored before is left out.

    Contacts, threads, windows, media rows and the facts `message.received` (with their inline
    subscribers) are written in one transaction, one message of a person at a time, so an album
    makes one conversation. In a transaction of the caller's, what fails here fails all of it.
    """
    messages: list[Message] = []
    with transaction.atomic(savepoint=False):
        locks.hold_all([_person(connection, one.identities) for one in inbounds])
        fresh = _fresh(connection, inbounds)
        contacts = _contacts(connection, fresh)
        for turn in _turns(zip(contacts, fresh, strict=True)):
            messages += _receive_turn(connection, turn)
        if fresh:
            _note_life(connection)
    return messages


def _turns(
    arrived: Iterable[tuple[UUID, InboundMessage]],
) -> list[dict[UUID, InboundMessage]]:
    """By contact, the first message of each in the first turn, the second in the second, …"""
    turns: list[dict[UUID, InboundMessage]] = []
    seen: Counter[UUID] = Counter()
    for contact_id, inbound in arrived:
        if seen[contact_id] == len(turns):
            turns.append({})
        turns[seen[contact_id]][contact_id] = inbound
        seen[contact_id] += 1
    return turns


def _receive_turn(connection: Connection, turn: Mapping[UUID, InboundMessage]) -> list[Message]:
    """One message of each of some people."""
    messages = _stored(connection, turn)
    _tie(messages)
    for message in messages:
        if message.kind == MessageKind.SYSTEM:
            _learn_new_number(message, turn[message.contact_id])
    facts = [
        MessageReceived(
            message_id=message.pk,
            thread_id=cast(UUID, message.thread_id),
            contact_id=message.contact_id,
            connection_id=connection.pk,
            kind=message.kind,
            at=message.at,
        )
        for message in messages
    ]
    bus.publish_all(facts, about=messages)
    for message in messages:
        if not turn[message.contact_id].wish_told:
            preferences.heed(connection=connection, message=message)
    return messages


def apply_preference(*, connection: Connection, update: PreferenceUpdate) -> None:
    """The person stopped (or resumed) marketing in the provider's own app."""
    with transaction.atomic():
        locks.hold(_person(connection, update.identities))
        contact, _ = identities.resolve(known=known_of(connection, update.identities))
        consents.apply_preference(
            contact=contact,
            channel=provider_of(connection).channel,
            wants=update.marketing,
            source="provider",
            at=_not_in_future(update.at),
            by_provider=True,
        )


def address_of(person: Identities) -> str:
    """Where the person is written to: the provider's own id first, never a guess."""
    return person.wa_id or person.phone or person.bsuid


def known_of(connection: Connection, person: Identities) -> list[Known]:
    """Every name that came along, the most authoritative first; none of them is required."""
    known = []
    if person.wa_id:
        known.append(Known(IdentityKind.WA_ID, person.wa_id))
    if person.bsuid:
        known.append(Known(IdentityKind.BSUID, person.bsuid, str(connection.pk)))
    if person.phone and _is_phone(person.phone):
        known.append(Known(IdentityKind.PHONE, f"+{person.phone.lstrip('+')}"))
    return known


def _person(connection: Connection, person: Identities) -> str:
    """What to lock, so that one message of a person is handled at a time."""
    return f"{connection.pk}:{address_of(person)}"


def _fresh(connection: Connection, inbounds: Iterable[InboundMessage]) -> list[InboundMessage]:
    """Those that were not stored before, each once."""
    asked = {one.external_id: one for one in reversed(list(inbounds))}
    known = statements.run(_KNOWN, connection=connection.pk, ids=list(asked))
    for (external_id,) in known:
        del asked[external_id]
    return list(reversed(asked.values()))


def _contacts(connection: Connection, inbounds: Sequence[InboundMessage]) -> list[UUID]:
    """Whose each is: mostly people we know, with nothing new about them."""
    known = [known_of(connection, one.identities) for one in inbounds]
    found = recognising.recognise(known)
    return [
        who.contact_id
        if who is not None and who.is_whole and (who.name or not one.profile_name.strip())
        else _resolved(connection, one).pk
        for one, who in zip(inbounds, found, strict=True)
    ]


def _resolved(connection: Connection, inbound: InboundMessage) -> Contact:
    contact, _ = identities.resolve(
        known=known_of(connection, inbound.identities),
        name=inbound.profile_name,
        evidence={
            "source": "inbound",
            "connection": str(connection.pk),
            "message": inbound.external_id,
        },
    )
    return contact


def _stored(connection: Connection, turn: Mapping[UUID, InboundMessage]) -> list[Message]:
    hours = provider_of(connection).capabilities.window_hours
    heard = [
        threads.Heard(
            threads.Place(contact_id, connection.pk, address_of(one.identities)),
            at=_not_in_future(one.at),
            external_id=one.external_id,
        )
        for contact_id, one in turn.items()
    ]
    window = None if hours is None else timedelta(hours=hours)
    found = threads.note_inbound(heard, window=window)
    return Message.objects.bulk_create(
        _message(connection, found[contact_id], one) for contact_id, one in turn.items()
    )


def _message(connection: Connection, thread: Thread, inbound: InboundMessage) -> Message:
    about = inbound.content.get("target") or inbound.reply_to
    quoted = _quoted(thread, about) if about else None
    return Message(
        id=uuid7(),
        thread=thread,
        contact_id=thread.contact_id,
        connection=connection,
        direction=Direction.IN,
        kind=_kind(inbound.kind),
        origin=Origin.CUSTOMER,
        content=_content(inbound) | ({"quoted": about} if about and not quoted else {}),
        media=_media(connection, inbound),
        reply_to=quoted,
        address=thread.address,
        at=_not_in_future(inbound.at),
        dispatch=DispatchState.NONE,
        external_id=inbound.external_id,
    )


def _kind(kind: str) -> MessageKind:
    return MessageKind(kind) if kind in MessageKind.values else MessageKind.UNKNOWN


def _content(inbound: InboundMessage) -> dict:
    content = dict(inbound.content)
    if _kind(inbound.kind) == MessageKind.UNKNOWN:
        content.setdefault("raw", dict(inbound.raw))
    if inbound.forwarded:
        content["forwarded"] = True
    if inbound.media is not None and inbound.media.voice:
        content["voice"] = True
    return content


def _media(connection: Connection, inbound: InboundMessage) -> Media | None:
    """The file's row, to be fetched by a worker soon: the provider keeps it for days only."""
    told = inbound.media
    if told is None:
        return None
    row = Media.objects.create(
        id=uuid7(),
        kind=_kind(inbound.kind),
        state=MediaState.PENDING,
        mime=told.mime[:100],
        sha256=told.sha256[:64],
        filename=told.filename[:240],
        external_id=told.external_id[:200],
        connection=connection,
    )
    agenda.append(FETCH_MEDIA, str(row.pk))
    return row


def _quoted(thread: Thread, external_id: str) -> Message | None:
    return Message.objects.filter(thread=thread, external_id=external_id).first()


def _tie(messages: Collection[Message]) -> None:
    """To what came before they were known: quotes and reactions about them (callbacks keep no
    order), and the campaign message that each answers: the one it quotes, else the last one."""
    rows = [
        {
            "id": message.pk, "thread": message.thread_id, "external_id": message.external_id,
            "quoted": message.reply_to_id, "at": message.at, "horizon": message.at - REPLY_HORIZON,
        }
        for message in messages
    ]  # fmt: skip
    answered = {
        pk: (stream, at) for pk, stream, at in statements.run(_TIE, rows=statements.rows(rows))
    }
    for pk in sorted(answered):  # as senders and receipts lock them
        Message.objects.filter(pk=pk).update(replied_at=answered[pk][1])
    if answered:
        progress.recount_soon({stream for stream, _at in answered.values()})


def _note_life(connection: Connection) -> None:
    now = timezone.now()
    known = connection.last_inbound_at
    if known is not None and known >= now - LAST_INBOUND_GRAIN:
        return
    Connection.objects.filter(
        Q(last_inbound_at=None) | Q(last_inbound_at__lt=now - LAST_INBOUND_GRAIN),
        pk=connection.pk,
    ).update(last_inbound_at=now)


def _learn_new_number(message: Message, inbound: InboundMessage) -> None:
    """A changed number belongs to the same person, unless somebody else has it already."""
    wa_id = inbound.content.get("wa_id")
    if not wa_id:
        return
    try:
        identities.attach(
            contact=message.contact,
            known=[Known(IdentityKind.WA_ID, str(wa_id))],
            evidence={"source": "number changed", "message": inbound.external_id},
        )
    except Conflict:
        log.info("inbound.new_number_taken", contact=str(message.contact_id))


def _is_phone(value: str) -> bool:
    try:
        phones.parse_wa_id(value.lstrip("+"))
    except phones.BadPhone:
        return False
    return True


def _not_in_future(at: datetime) -> datetime:
    """A provider's clock that runs ahead must not push its messages below ours for ever."""
    return min(at, timezone.now())
