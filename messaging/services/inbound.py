"""What people write to us becomes a message in their thread: once, whoever they are by now."""

from datetime import datetime, timedelta

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
from crm.services import consents, identities
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
    SELECT 1 FROM messaging_message WHERE connection_id = %(connection)s AND external_id = %(id)s
"""
_TIE = """
    WITH early AS (
        UPDATE messaging_message SET reply_to_id = %(id)s
        WHERE thread_id = %(thread)s AND reply_to_id IS NULL AND at >= %(at)s
              AND content->>'quoted' = %(external_id)s)
    SELECT id, stream_id FROM messaging_message
    WHERE thread_id = %(thread)s AND stream_id IS NOT NULL AND dispatch = 'accepted'
          AND replied_at IS NULL AND at >= %(horizon)s
    ORDER BY id = %(quoted)s DESC NULLS LAST, at DESC, id DESC
    LIMIT 1
"""


def receive(*, connection: Connection, inbound: InboundMessage) -> Message | None:
    """Store what a person wrote; None when it was stored before.

    Contact, thread, window, media row and the fact `message.received` (with its inline
    subscribers) are written in one transaction, one message of a person at a time, so an album
    makes one conversation. In a transaction of the caller's, what fails here fails all of it.
    """
    with transaction.atomic(savepoint=False):
        _one_at_a_time(connection, inbound.identities)
        if _is_known(connection, inbound.external_id):
            return None
        contact = _contact(connection, inbound)
        thread = _thread(connection, contact, inbound)
        message = _store(connection, contact, thread, inbound)
        _tie(message)
        _note_life(connection)
        if inbound.kind == MessageKind.SYSTEM:
            _learn_new_number(connection, contact, inbound)
        bus.publish(
            MessageReceived(
                message_id=message.pk,
                thread_id=thread.pk,
                contact_id=contact.pk,
                connection_id=connection.pk,
                kind=message.kind,
                at=message.at,
            ),
            about=message,
        )
        if not inbound.wish_told:
            preferences.heed(connection=connection, message=message)
    return message


def apply_preference(*, connection: Connection, update: PreferenceUpdate) -> None:
    """The person stopped (or resumed) marketing in the provider's own app."""
    with transaction.atomic():
        _one_at_a_time(connection, update.identities)
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


def _one_at_a_time(connection: Connection, person: Identities) -> None:
    locks.hold(f"{connection.pk}:{address_of(person)}")


def _is_known(connection: Connection, external_id: str) -> bool:
    return bool(statements.run(_KNOWN, connection=connection.pk, id=external_id))


def _contact(connection: Connection, inbound: InboundMessage) -> Contact:
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


def _thread(connection: Connection, contact: Contact, inbound: InboundMessage) -> Thread:
    hours = provider_of(connection).capabilities.window_hours
    return threads.note_inbound(
        threads.Place(contact.pk, connection.pk, address_of(inbound.identities)),
        at=_not_in_future(inbound.at),
        external_id=inbound.external_id,
        window=None if hours is None else timedelta(hours=hours),
    )


def _store(
    connection: Connection, contact: Contact, thread: Thread, inbound: InboundMessage
) -> Message:
    about = inbound.content.get("target") or inbound.reply_to
    quoted = _quoted(thread, about) if about else None
    return Message.objects.create(
        id=uuid7(),
        thread=thread,
        contact=contact,
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


def _tie(message: Message) -> None:
    """To what came before it was known: quotes and reactions about it (callbacks keep no order),
    and the campaign message that it answers: the one it quotes, else the last one."""
    found = statements.run(
        _TIE,
        id=message.pk,
        thread=message.thread_id,
        external_id=message.external_id,
        quoted=message.reply_to_id,
        at=message.at,
        horizon=message.at - REPLY_HORIZON,
    )
    for answered, stream in found:
        Message.objects.filter(pk=answered).update(replied_at=message.at)
        progress.recount_soon([stream])


def _note_life(connection: Connection) -> None:
    now = timezone.now()
    known = connection.last_inbound_at
    if known is not None and known >= now - LAST_INBOUND_GRAIN:
        return
    Connection.objects.filter(
        Q(last_inbound_at=None) | Q(last_inbound_at__lt=now - LAST_INBOUND_GRAIN),
        pk=connection.pk,
    ).update(last_inbound_at=now)


def _learn_new_number(connection: Connection, contact: Contact, inbound: InboundMessage) -> None:
    """A changed number belongs to the same person, unless somebody else has it already."""
    wa_id = inbound.content.get("wa_id")
    if not wa_id:
        return
    try:
        identities.attach(
            contact=contact,
            known=[Known(IdentityKind.WA_ID, str(wa_id))],
            evidence={"source": "number changed", "message": inbound.external_id},
        )
    except Conflict:
        log.info("inbound.new_number_taken", contact=str(contact.pk))


def _is_phone(value: str) -> bool:
    try:
        phones.parse_wa_id(value.lstrip("+"))
    except phones.BadPhone:
        return False
    return True


def _not_in_future(at: datetime) -> datetime:
    """A provider's clock that runs ahead must not push its messages below ours for ever."""
    return min(at, timezone.now())
