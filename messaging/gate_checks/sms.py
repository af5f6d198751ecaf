"""Rules of SMS alone. Did the same text go to this phone already? (delivery.md 2.9)

`SmsGuard` holds a row for each phone and text until the company's hours are over, across runs and
single sends. At the wire it is written in the wave's transaction, and the unique constraint
decides between two who come at once. A conversation may repeat itself: free answers to somebody
who wrote within a day are not asked about.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from connections.selectors import provider_of
from core import statements
from crm import phones
from messaging.gate import Candidate, Moment, Verdict, Verdicts, deny
from messaging.models import Message, SmsGuard, Thread
from messaging.plain import digest, text_of

CONVERSATION = timedelta(hours=24)

Key = tuple[str, str]  # canonical phone, digest of the text

# The same message keeps its row when it comes a second time (a retry, a delay after all).
_RESERVE = """
    INSERT INTO messaging_smsguard (address, body_sha256, message_id, expires_at)
    SELECT address, body_sha256, message_id, %(until)s::timestamptz
    FROM unnest(%(addresses)s::text[], %(digests)s::text[], %(messages)s::uuid[])
         AS v(address, body_sha256, message_id)
    ORDER BY address, body_sha256
    ON CONFLICT (address, body_sha256) DO UPDATE
    SET message_id = excluded.message_id, expires_at = excluded.expires_at
    WHERE messaging_smsguard.expires_at <= %(now)s
       OR messaging_smsguard.message_id = excluded.message_id
    RETURNING message_id
"""


def length(batch: Sequence[Candidate], moment: Moment) -> Verdicts:
    """Denies a text that is longer than its provider carries."""
    rows = moment.connections(batch)
    verdicts = {}
    for item in batch:
        limit = provider_of(rows[item.connection_id]).capabilities.text_limit
        if len(item.text) > limit:
            verdicts[item.id] = deny("text_too_long", limit=limit, length=len(item.text))
    return verdicts


def mobile(batch: Sequence[Candidate], moment: Moment) -> Verdicts:
    """Denies SMS to what is a landline by its number."""
    return {item.id: deny("not_a_mobile") for item in batch if _is_landline(item.address)}


def repeats(batch: Sequence[Candidate], moment: Moment) -> Verdicts:
    """Denies what says the same to the same phone again."""
    first, keys = _asked(batch, moment)
    free = set(first.values()) - _blocked(first, moment.now)
    return {pk: _denied(moment) for pk in keys if pk not in free}


def guard(batch: Sequence[Candidate], moment: Moment) -> Verdicts:
    """At the wire: notes what goes now, and denies who comes a moment too late."""
    if not moment.is_at_wire:
        return {}
    first, keys = _asked(batch, moment)
    noted = _reserve(first, moment) if first else set()
    return {pk: _denied(moment) for pk in keys if pk not in noted}


def release(message_ids: Collection[UUID]) -> None:
    """What never reached the phone may be said again."""
    if message_ids:
        SmsGuard.objects.filter(message_id__in=message_ids).delete()


def _is_landline(address: str) -> bool:
    try:
        return phones.parse_wa_id(address.lstrip("+")).kind == "landline"
    except phones.BadPhone:
        return False


def _denied(moment: Moment) -> Verdict:
    return deny("sms_duplicate", hours=moment.policy.sms_guard_hours)


def _asked(batch: Sequence[Candidate], moment: Moment) -> tuple[dict[Key, UUID], dict[UUID, Key]]:
    """(the first message of each phone and text, all messages with theirs)."""
    if not moment.policy.sms_guard_hours:
        return {}, {}
    keys = _keys(_outside_conversations(batch, moment))
    first: dict[Key, UUID] = {}
    for pk, key in keys.items():
        first.setdefault(key, pk)
    return first, keys


def _outside_conversations(items: Sequence[Candidate], moment: Moment) -> list[Candidate]:
    answers = [item for item in items if item.is_answer]
    if not answers:
        return list(items)
    talking = set(
        Thread.objects.filter(
            contact_id__in={item.contact_id for item in answers},
            connection_id__in={item.connection_id for item in answers},
            last_inbound_at__gt=moment.now - CONVERSATION,
        ).values_list("contact_id", "connection_id")
    )
    return [
        item
        for item in items
        if not (item.is_answer and (item.contact_id, item.connection_id) in talking)
    ]


def _keys(items: Sequence[Candidate]) -> dict[UUID, Key]:
    """Message → phone and text. The rows of stored messages are read, in one statement."""
    texts = {item.id: item.text for item in items if item.text}
    stored = [item.id for item in items if item.id not in texts]
    if stored:
        rows = Message.objects.filter(pk__in=stored).values_list("pk", "content")
        texts |= {pk: text_of(content) for pk, content in rows}
    return {
        item.id: (phones.canonical(item.address), digest(texts[item.id]))
        for item in items
        if texts.get(item.id)
    }


def _reserve(first: dict[Key, UUID], moment: Moment) -> set[UUID]:
    """Who has the row now, in this transaction."""
    rows = statements.run(
        _RESERVE,
        addresses=[address for address, _ in first],
        digests=[text for _, text in first],
        messages=list(first.values()),
        now=moment.now,
        until=moment.now + timedelta(hours=moment.policy.sms_guard_hours),
    )
    return {row[0] for row in rows}


def _blocked(first: dict[Key, UUID], now: datetime) -> set[UUID]:
    """Those whose phone and text another message has."""
    rows = SmsGuard.objects.filter(
        address__in={address for address, _ in first}, expires_at__gt=now
    ).values_list("address", "body_sha256", "message_id")
    held = {(address, text): message for address, text, message in rows}
    return {pk for key, pk in first.items() if held.get(key, pk) != pk}
