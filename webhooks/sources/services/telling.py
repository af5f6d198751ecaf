"""From what posts say to facts of the company: each told once, many at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from core import locks
from events import bus
from webhooks.sources.events import SourceFact, SourceSaid
from webhooks.sources.models import Received, Told
from webhooks.sources.normalised import KINDS
from webhooks.sources.services import people
from webhooks.sources.services.people import Saying

KEY_LENGTH = 300
# Where nothing says which event it is, the same bytes are the same event for so long.
SAME_BYTES = timedelta(hours=24)


def tell(sayings: Sequence[Saying]) -> list[Told]:
    """Publish what happened, with whom it happened to, in the caller's transaction and in their
    order. What was done goes into the steps of each.

    Returns:
        What was told; what was told before is left out.
    """
    if not sayings:
        return []
    keyed = [_keyed(saying) for saying in sayings]
    locks.hold_all([f"sources.told:{one.source_id}:{one.key}" for one in keyed])
    fresh = _fresh(keyed)
    contacts = people.find([one.saying for one in fresh])
    facts = [_fact(one, whom) for one, whom in zip(fresh, contacts, strict=True)]
    events = bus.publish_all(facts, actor="source")
    for one in fresh:
        one.saying.note("told", value=one.saying.said.kind)
    return Told.objects.bulk_create(
        Told(
            source_id=one.source_id, received_id=one.saying.received.pk,
            position=one.saying.position, key=one.digests[0], kind=one.saying.said.kind,
            contact_id=contact_id, event_uid=event.uid,
        )
        for one, contact_id, event in zip(fresh, contacts, events, strict=True)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Keyed:
    """A saying with what makes it the same one.

    Attributes:
        digests: of the key; what has no key of its own is the same for a day, so there is one with
            the day of the post, then one with the day before.
    """

    saying: Saying
    key: str
    digests: tuple[str, ...]

    @property
    def source_id(self) -> UUID:
        return self.saying.received.source_id


def _keyed(saying: Saying) -> _Keyed:
    received, own = saying.received, saying.said.key[:KEY_LENGTH]
    key = own or f"sha256:{received.sha256}:{saying.position}"
    days = [None] if own else _days(received)
    return _Keyed(saying, key, tuple(_digest(key, day) for day in days))


def _days(received: Received) -> list[date]:
    """The day of the post, and the one before."""
    today = received.received_at.date()
    return [today, today - timedelta(days=1)]


def _digest(key: str, day: date | None) -> str:
    """Keys may name somebody (an e-mail as an id), and they outlive the person."""
    return hashlib.sha256(f"{key}:{day or ''}".encode()).hexdigest()


def _fresh(keyed: Sequence[_Keyed]) -> list[_Keyed]:
    """Those that were not told before, by others or among these."""
    told = _told(keyed)
    fresh = []
    for one in keyed:
        if _is_told(one, told):
            one.saying.note("repeated")
        else:
            told[one.source_id, one.digests[0]] = one.saying.received.received_at
            fresh.append(one)
    return fresh


def _told(keyed: Sequence[_Keyed]) -> dict[tuple[UUID, str], datetime]:
    """What was told before under these keys, with when it came."""
    rows = Told.objects.filter(
        source__in={one.source_id for one in keyed},
        key__in={digest for one in keyed for digest in one.digests},
    )
    told = rows.values_list("source_id", "key", "received__received_at")
    return {(source_id, key): came for source_id, key, came in told}


def _is_told(one: _Keyed, told: dict[tuple[UUID, str], datetime]) -> bool:
    today, *before = one.digests
    if (one.source_id, today) in told:
        return True
    recently = one.saying.received.received_at - SAME_BYTES
    came = [told.get((one.source_id, digest)) for digest in before]
    return any(at is not None and at > recently for at in came)


def _fact(one: _Keyed, contact_id: UUID | None) -> SourceFact:
    said, received = one.saying.said, one.saying.received
    values = said.values()
    values["phone"] = people.number(said.phone) or values["phone"]
    fact_type = KINDS[said.kind]
    if fact_type is SourceSaid:
        values["kind"] = said.own_kind[:100]
    elif said.own_kind:
        values["fields"] = {"event": said.own_kind[:100], **values["fields"]}
    return fact_type(
        source_id=received.source_id, received_id=received.pk, key=one.key, contact_id=contact_id,
        **values,
    )  # fmt: skip
