"""How messages and threads follow a contact that becomes part of another one, or is erased.

A contact has one thread at a connection, so where both have one the messages are put into that of
the kept contact. The window belongs to an address: the thread takes address, last word and window
of whichever of the two heard from the person last. See docs/decisions/20-merge.md.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, ProtectedError
from django.utils.translation import gettext_lazy as _

from core import files
from crm import lifecycle, traces
from crm.lifecycle import (
    ERASED_AT_ONCE,
    Erased,
    Moves,
    Participant,
    as_json,
    put_back,
    values_of,
)
from crm.models import Contact
from crm.traces import Later, Scan, deleted
from messaging import progress
from messaging.enums import CLAIMABLE, DispatchState, PublicState
from messaging.models import (
    Media,
    Message,
    OrphanReceipt,
    Receipt,
    SmsGuard,
    Thread,
    TierUse,
)
from messaging.progress import Progress

# What goes together with the address that the person wrote from.
HEARD = ("address", "last_inbound_at", "last_inbound_external_id", "window_until")
# What a message says about a person; of its file, what finds it among those of the company.
MESSAGE = (
    "at", "direction", "kind", "connection__name", "address", "template__name", "content",
    "media__filename", "media__mime", "media__size", "media__sha256", "sent_at", "delivered_at",
    "read_at", "failed_at", "clicked_at",
)  # fmt: skip

# What is left of a message of somebody who is erased. Ids of WhatsApp hold the number (base64).
SILENT: dict[str, Any] = {
    "content": {}, "variables": {}, "media": None, "address": "", "external_id": None,
    "detail": "", "trace": None,
}  # fmt: skip
IN_HAND = (DispatchState.CLAIMED, DispatchState.SENDING)
ERASED_CODE = "contact_erased"


def register() -> None:
    """Called once, from AppConfig.ready()."""
    # Both may be recipients of one run: the row of the contact that goes stays with it.
    lifecycle.register(
        MessageParticipant(
            Message, clash=["stream"], exported=MESSAGE, erased=SILENT, addresses="address"
        )
    )
    lifecycle.register(
        ThreadParticipant(
            Thread,
            clash=["connection"],
            exported=["connection__name", "address", "last_inbound_at", "created_at"],
            erased={"address": "", "last_inbound_external_id": "", "window_until": None},
            addresses="address",
            label=_("Threads"),
        )
    )
    # Whom a portfolio reached counts until a day later, erased or not.
    lifecycle.register(Participant(TierUse, clash=["portfolio_id"], erased=Erased.KEPT))
    traces.add_place(Scan(OrphanReceipt, ["external_id", "detail"], deleted, label=_("Receipts")))


class MessageParticipant(Participant):
    """Messages stay without what they said, to whom, and their files: runs count them, and money
    was spent on them."""

    def erase(self, contacts: Collection[UUID]) -> int:
        """What waits never leaves; what is on the wire is waited for.

        Raises:
            crm.traces.Later: a sender has one of them in its hands.
        """
        rows = self._to_erase(contacts).exclude(dispatch__in=IN_HAND)
        columns = ("pk", "thread_id", "stream_id", "media_id", "dispatch")
        found = list(rows.values_list(*columns)[:ERASED_AT_ONCE])
        if not found and self._of(contacts).filter(dispatch__in=IN_HAND).exists():
            raise Later
        ids = [pk for pk, *_rest in found]
        messages = Message.objects.filter(pk__in=ids)
        messages.filter(dispatch__in=CLAIMABLE).update(
            dispatch=DispatchState.SKIPPED, code=ERASED_CODE, claim_token=None, lease_until=None
        )
        messages.update(**SILENT)
        Receipt.objects.filter(message__in=ids).exclude(detail="").update(detail="")
        SmsGuard.objects.filter(message__in=ids).delete()
        _put_away({media for *_rest, media, _dispatch in found if media})
        progress.tell(
            Progress(pk, thread, stream, PublicState.SKIPPED)
            for pk, thread, stream, _media, dispatch in found
            if dispatch in CLAIMABLE
        )
        return len(found)


def _put_away(media_ids: Collection[UUID]) -> None:
    """Delete files that no other message has and no campaign sends. The file goes first: a row
    without a file is found again, a file without a row never."""
    used = Message.objects.filter(media=OuterRef("pk"))
    for media in Media.objects.filter(~Exists(used), pk__in=media_ids):
        try:
            with transaction.atomic():
                media.delete()
        except ProtectedError:
            continue
        if media.key:
            files.delete(media.key)


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
