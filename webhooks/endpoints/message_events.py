"""What the outside hears of messages: one event for each, though we tell them in batches."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID, uuid5

from campaigns.models import Campaign
from conversations.models import Conversation
from core import ids
from events.models import Event
from messaging.enums import Direction, MessageKind, PublicState
from messaging.models import Message
from messaging.plain import gist_of
from messaging.selectors import public_state
from webhooks.endpoints.contact_snapshots import CONTACT_SAMPLE, CONTACT_SCHEMA, Snapshots
from webhooks.endpoints.outgoing import Outgoing
from webhooks.endpoints.samples import MOMENT, sample_id
from webhooks.endpoints.shapes import an_object, id_schema, nullable

VERSION = 1
TOLD = {PublicState.SENT, PublicState.DELIVERED, PublicState.READ, PublicState.FAILED}

SCHEMA = an_object(
    {
        "message": an_object(
            {
                "id": id_schema("msg"),
                "direction": {"enum": [Direction.IN.value, Direction.OUT.value]},
                "kind": {"enum": list(MessageKind.values)},
                "text": {
                    "type": "string",
                    "description": "The text, the caption or the body of the template.",
                },
                "state": {"enum": list(PublicState.values)},
                "code": {"type": "string", "description": "Why it failed, for programs."},
                "at": {"type": "string", "format": "date-time"},
            }
        ),
        "contact": CONTACT_SCHEMA,
        "conversation": nullable(id_schema("cnv")),
        "connection": id_schema("cnx"),
        "campaign": nullable(id_schema("cmp")),
    }
)


def sample(type_: str) -> dict[str, Any]:
    """What an event of this type could say."""
    state = type_.removeprefix("message.")
    is_received = state == PublicState.RECEIVED
    return {
        "message": {
            "id": sample_id("msg"),
            "direction": Direction.IN.value if is_received else Direction.OUT.value,
            "kind": MessageKind.TEXT.value if is_received else MessageKind.TEMPLATE.value,
            "text": "Oi! Vocês entregam em Recife?" if is_received else "Seu pedido saiu.",
            "state": state,
            "code": "131026" if state == PublicState.FAILED else "",
            "at": MOMENT,
        },
        "contact": CONTACT_SAMPLE,
        "conversation": sample_id("cnv"),
        "connection": sample_id("cnx"),
        "campaign": None if is_received else sample_id("cmp"),
    }


def received(event: Event, wanted: Callable[[str], bool]) -> list[Outgoing]:
    """`message.received`, with what the message says."""
    if not wanted(event.type):
        return []
    found = _Messages([UUID(event.data["message_id"])])
    return found.told(event.uid, event.type, UUID(event.data["message_id"]), PublicState.RECEIVED)


def progressed(event: Event, wanted: Callable[[str], bool]) -> list[Outgoing]:
    """A batch as one event for each message, with an id that is the same however often we ask."""
    items = [
        (UUID(item["message"]), PublicState(item["state"]))
        for item in event.data["items"]
        if item["state"] in TOLD and wanted(f"message.{item['state']}")
    ]
    found = _Messages([key for key, _state in items])
    return [
        outgoing
        for key, state in items
        for outgoing in found.told(
            uuid5(event.uid, f"{key}:{state.value}"), f"message.{state.value}", key, state
        )
    ]


class _Messages:
    """Messages of a batch with all that is said of them, in five statements however many."""

    def __init__(self, keys: Collection[UUID]) -> None:
        rows = Message.objects.filter(pk__in=keys).only(
            "thread", "stream", "contact", "connection", "direction", "kind", "content", "code",
            "at", "dispatch", "rank", "failed_at",
        )  # fmt: skip
        self._rows = {row.pk: row for row in rows} if keys else {}
        found = self._rows.values()
        self._contacts = Snapshots({row.contact_id for row in found})
        threads = {row.thread_id for row in found if row.thread_id}
        streams = {row.stream_id for row in found if row.stream_id}
        talks = Conversation.objects.filter(thread__in=threads)
        self._talks = dict(talks.values_list("thread", "pk")) if threads else {}
        runs = Campaign.objects.filter(stream__in=streams)
        self._runs = dict(runs.values_list("stream", "pk")) if streams else {}

    def told(self, uid: UUID, type_: str, key: UUID, state: PublicState) -> list[Outgoing]:
        """What is said of one of them in this state; nothing of one that is not there."""
        row = self._rows.get(key)
        if row is None:
            return []
        talk = self._talks.get(row.thread_id) if row.thread_id else None
        run = self._runs.get(row.stream_id) if row.stream_id else None
        data = {
            "message": {
                "id": ids.encode("msg", key),
                "direction": row.direction,
                "kind": row.kind,
                "text": gist_of(row.content),
                "state": state.value,
                "code": row.code if public_state(row) == PublicState.FAILED else "",
                "at": row.at.isoformat(),
            },
            "contact": self._contacts.of(row.contact_id),
            "conversation": ids.encode("cnv", talk) if talk else None,
            "connection": ids.encode("cnx", row.connection_id),
            "campaign": ids.encode("cmp", run) if run else None,
        }
        return [Outgoing(uid, type_, VERSION, data, row.contact_id)]
