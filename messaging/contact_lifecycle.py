"""How messages and threads follow a contact that becomes part of another one.

A contact has one thread at a connection, so where both have one the messages are put into that of
the kept contact. The window belongs to an address: the thread takes address, last word and window
of whichever of the two heard from the person last. See docs/decisions/20-merge.md.
"""

from __future__ import annotations

from typing import Any

from crm import lifecycle
from crm.lifecycle import Moves, Participant, as_json, put_back, values_of
from crm.models import Contact
from messaging.models import Message, Thread, TierUse

# What goes together with the address that the person wrote from.
HEARD = ("address", "last_inbound_at", "last_inbound_external_id", "window_until")
# What a message says about a person; of its file, what finds it among those of the company.
MESSAGE = (
    "at", "direction", "kind", "connection__name", "address", "template__name", "content",
    "media__filename", "media__mime", "media__size", "media__sha256", "sent_at", "delivered_at",
    "read_at", "failed_at", "clicked_at",
)  # fmt: skip


def register() -> None:
    """Called once, from AppConfig.ready()."""
    # Both may be recipients of one run: the row of the contact that goes stays with it.
    lifecycle.register(Participant(Message, clash=["stream"], exported=MESSAGE))
    lifecycle.register(
        ThreadParticipant(
            Thread,
            clash=["connection"],
            exported=["connection__name", "address", "last_inbound_at", "created_at"],
        )
    )
    lifecycle.register(Participant(TierUse, clash=["portfolio_id"]))


class ThreadParticipant(Participant):
    """Threads move; where the kept contact has one already, their messages do."""

    def merge(self, kept: Contact, gone: Contact) -> Moves:
        moved = self.move(kept, gone)
        mine = {row.connection_id: row for row in Thread.objects.filter(contact=kept)}
        left = Thread.objects.select_for_update().filter(contact=gone).order_by("pk")
        joined = [_join(thread, into=mine[thread.connection_id]) for thread in left]
        return {"moved": moved, "joined": joined, "adopted": _adopt(kept)}

    def undo(self, kept: Contact, gone: Contact, moves: Moves) -> None:
        Message.objects.filter(pk__in=moves["adopted"]).update(thread=None)
        for move in moves["joined"]:
            messages = Message.objects.filter(pk__in=move["messages"], thread=move["into"])
            messages.update(thread=move["thread"])
            into = Thread.objects.select_for_update().get(pk=move["into"])
            if all(as_json(getattr(into, name)) == move["after"][name] for name in HEARD):
                changed = put_back(into, before=move["before"], after=move["after"])
                into.save(update_fields=changed)
        super().undo(kept, gone, moves)


def _join(thread: Thread, *, into: Thread) -> dict[str, Any]:
    """Put the messages of one thread into another; what moved and changed."""
    ids = _locked(Message.objects.filter(thread=thread))
    Message.objects.filter(pk__in=ids).update(thread=into)
    before = values_of(into, HEARD)
    if _heard_later(thread, into):
        for name in HEARD:
            setattr(into, name, getattr(thread, name))
        into.save(update_fields=HEARD)
    return {
        "thread": str(thread.pk),
        "into": str(into.pk),
        "messages": list(map(str, ids)),
        "before": before,
        "after": values_of(into, HEARD),
    }


def _heard_later(thread: Thread, other: Thread) -> bool:
    if thread.last_inbound_at is None:
        return False
    return other.last_inbound_at is None or thread.last_inbound_at > other.last_inbound_at


def _adopt(kept: Contact) -> list[str]:
    """What runs wrote where there was no thread belongs to the one that is there now."""
    adopted: list[str] = []
    for thread in Thread.objects.filter(contact=kept).order_by("pk"):
        ids = _locked(
            Message.objects.filter(contact=kept, connection=thread.connection_id, thread=None)
        )
        Message.objects.filter(pk__in=ids).update(thread=thread)
        adopted += map(str, ids)
    return adopted


def _locked(messages: Any) -> list[Any]:
    """Their ids, locked in the order in which senders and receipts lock messages."""
    rows = messages.order_by("pk").select_for_update(no_key=True)
    return list(rows.values_list("pk", flat=True))
