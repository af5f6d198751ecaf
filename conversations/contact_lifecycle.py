"""How conversations follow a contact that becomes part of another one, and go with an erased one.

A conversation goes with its thread. Where the messages of a thread went into another one, its
conversation becomes that thread's, if it has none; else the two are summed up in the kept one and
the empty one is resolved, so that nobody waits for it. See docs/decisions/20-merge.md.
"""

from __future__ import annotations

from collections.abc import Collection
from operator import attrgetter
from typing import Any
from uuid import UUID

from conversations import hints
from conversations.enums import ConversationStatus
from conversations.models import Conversation, Rating, SavedView
from conversations.services import texts
from conversations.services.reply_clock import CLOCK
from crm import lifecycle, traces
from crm.lifecycle import Erased, Moves, Participant, put_back, values_of
from crm.models import Contact
from crm.traces import Scan, deleted
from messaging.models import Thread
from team.models import Notification

STATE = (
    "status", "snoozed_until", "unread_count", "waiting_since", "last_message_id",
    "last_message_at", "assignee_id", "counts_from", "reply_due_at", "sla_breached_at",
)  # fmt: skip
REST = ("status", "snoozed_until")


def register() -> None:
    """Called once, from AppConfig.ready()."""
    exported = ["thread__connection__name", "status", "last_message_at", "created_at"]
    lifecycle.register(
        ConversationParticipant(Conversation, exported=exported, erased=Erased.DELETED)
    )
    said = ["score", "comment", "asked_at", "answered_at"]
    lifecycle.register(Participant(Rating, exported=said, erased=Erased.DELETED))
    traces.add_place(Scan(SavedView, ["query"], deleted))


class ConversationParticipant(Participant):
    """Conversations go where their threads went."""

    def merge(self, kept: Contact, gone: Contact) -> Moves:
        followed = self._follow(kept, gone)
        changed: list[dict[str, Any]] = []
        seated: list[dict[str, str]] = []
        for row in _locked(contact=gone):
            thread = Thread.objects.get(contact=kept, connection=row.thread.connection_id)
            mine = _locked(thread=thread).first()
            if mine is None:
                seated.append({"row": str(row.pk), "from": str(row.thread_id)})
                row.thread, row.contact = thread, kept
                row.save(update_fields=["thread", "contact"])
            else:
                changed += [_changed(mine, _summed(mine, row)), _changed(row, _silent())]
        return {"moved": followed, "seated": seated, "changed": changed}

    def undo(self, kept: Contact, gone: Contact, moves: Moves) -> None:
        for change in reversed(moves["changed"]):
            _restore(_locked(pk=change["row"]).get(), change["before"], change["after"])
        for seat in moves["seated"]:
            Conversation.objects.filter(pk=seat["row"]).update(thread=seat["from"], contact=gone)
        super().undo(kept, gone, moves)

    def erase(self, contacts: Collection[UUID]) -> int:
        """The conversations go, with what was to leave later, what search knows of them, and what
        members were told about them."""
        for contact_id in contacts:
            texts.forget_contact(contact_id=contact_id)
        for pk in self._of(contacts).values_list("pk", flat=True):
            Notification.objects.filter(url__contains=str(pk)).delete()
            hints.conversation_changed(pk)
        return super().erase(contacts)

    def _follow(self, kept: Contact, gone: Contact) -> list[str]:
        """Those whose thread is the kept contact's by now."""
        rows = Conversation.objects.filter(contact=gone, thread__contact=kept)
        ids: list[UUID] = list(rows.order_by("pk").values_list("pk", flat=True))
        Conversation.objects.filter(pk__in=ids).update(contact=kept)
        return list(map(str, ids))


def _locked(**which: Any) -> Any:
    rows = Conversation.objects.select_for_update(of=("self",)).select_related("thread")
    return rows.filter(**which).order_by("pk")


def _changed(row: Conversation, values: dict[str, Any]) -> dict[str, Any]:
    """Write the values; what they were, and are."""
    before = values_of(row, STATE)
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=[name.removesuffix("_id") for name in values])
    return {"row": str(row.pk), "before": before, "after": values_of(row, STATE)}


def _restore(row: Conversation, before: Moves, after: Moves) -> None:
    """The values of before, but for what somebody changed since; a rest and its end are one."""
    rest = values_of(row, REST)
    if rest != {name: after[name] for name in REST}:
        before = {name: value for name, value in before.items() if name not in REST}
    changed = put_back(row, before=before, after=after)
    row.save(update_fields=[name.removesuffix("_id") for name in changed])


def _summed(mine: Conversation, other: Conversation) -> dict[str, Any]:
    """The work of both: unread by either is unread, waiting since the earlier, open if one is."""
    later = max(mine, other, key=lambda row: (row.last_message_at, row.pk))
    livelier = min(mine, other, key=_liveliness)
    waiting = [row.waiting_since for row in (mine, other) if row.waiting_since]
    dues = [row for row in (mine, other) if row.reply_due_at]
    nearest = min(dues, key=attrgetter("reply_due_at"), default=mine)
    return {
        "status": livelier.status,
        "snoozed_until": livelier.snoozed_until,
        "unread_count": mine.unread_count + other.unread_count,
        "waiting_since": min(waiting, default=None),
        "last_message_id": later.last_message_id,
        "last_message_at": later.last_message_at,
        "assignee_id": mine.assignee_id or other.assignee_id,
        **{name: getattr(nearest, name) for name in CLOCK},
    }


def _liveliness(row: Conversation) -> int:
    return _ORDER.index(ConversationStatus(row.status))


_ORDER = (
    ConversationStatus.OPEN,
    ConversationStatus.PENDING,
    ConversationStatus.SNOOZED,
    ConversationStatus.RESOLVED,
)


def _silent() -> dict[str, Any]:
    return {
        "status": ConversationStatus.RESOLVED,
        "snoozed_until": None,
        "unread_count": 0,
        "waiting_since": None,
        **dict.fromkeys(CLOCK),
    }
