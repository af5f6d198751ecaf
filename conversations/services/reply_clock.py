"""The clock of the answer that a customer waits for: it runs while the conversation is open.

It begins with the customer's first unanswered message and anew when a conversation that was put
away is back; it ends with our answer. What it adds to receiving and answering are columns of the
statements that are there anyway, and one row for each answer that was waited for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from conversations.enums import AwaitedReply, ConversationStatus
from conversations.hours import current, opening_of
from conversations.models import Conversation, ReplyTime
from conversations.promises import Promise, Promises
from conversations.services import inbox_settings
from core.cache import BELIEVED, MEDIUM, CacheKey, company_key, remember
from messaging.enums import Origin
from messaging.models import Message
from team.models import Team

CLOCK = ("counts_from", "reply_due_at", "sla_breached_at")
_STOPPED: dict[str, Any] = dict.fromkeys(CLOCK)


def promises() -> Promises:
    """What the company promises, remembered: each message that begins a wait asks."""
    return remember(promises_key(), MEDIUM, stored_promises, believed=BELIEVED)


def stored_promises() -> Promises:
    """The same, as it is in the database."""
    settings = inbox_settings.stored()
    own = Team.objects.filter(
        Q(first_reply_minutes__isnull=False) | Q(next_reply_minutes__isnull=False)
    ).values_list("pk", "first_reply_minutes", "next_reply_minutes")
    return Promises(
        company=Promise(settings.first_reply_minutes, settings.next_reply_minutes),
        opening=opening_of(current()),
        teams={pk: Promise(first, following) for pk, first, following in own},
    )


def promises_key() -> CacheKey:
    """Where they are remembered; whoever changes them forgets it after the commit."""
    return company_key("reply-promises")


def begun(conversation: Conversation, at: datetime) -> dict[str, Any]:
    """What changes because the customer wrote, on a conversation as it was before; nothing where
    its clock runs already, or the answer is late already."""
    is_new = conversation.status == ConversationStatus.RESOLVED
    if not is_new and (conversation.counts_from or conversation.sla_breached_at):
        return {}
    reply = AwaitedReply.FIRST if is_new else conversation.awaited_reply
    changes = {**_STOPPED, **_running(conversation, promises(), since=at, reply=reply)}
    return changes | {"first_replied_at": None} if is_new else changes


def ended(conversation: Conversation, message: Message) -> dict[str, Any]:
    """What changes because we wrote, on a conversation as it was before: nobody waits any more.

    An answer that somebody waited for is kept as a ReplyTime, unless the system wrote by itself.
    """
    changes = {"waiting_since": None, **_STOPPED}
    if conversation.waiting_since is None or message.origin in (Origin.SYSTEM, Origin.RULE):
        return changes
    _keep(conversation, message)
    return changes | {"first_replied_at": conversation.first_replied_at or message.at}


def clock_of(conversation: Conversation) -> dict[str, Any]:
    """Its clock, to put back after something that is no answer: columns with their values."""
    return {name: getattr(conversation, name) for name in ("waiting_since", *CLOCK)}


def follow_status(conversation: Conversation) -> None:
    """Stop or start its clock with its new status; the row is not saved.

    What is put away is not due, and counts anew when it is back. What is late stays late until it
    is answered or resolved.
    """
    if conversation.waiting_since is None:
        _set(conversation, _STOPPED)
    elif conversation.sla_breached_at is None:
        is_open = conversation.status == ConversationStatus.OPEN
        now = timezone.now()
        _set(conversation, _running(conversation, promises(), since=now) if is_open else _STOPPED)


def follow_team(conversation: Conversation) -> None:
    """Its new team may promise something else; the row is not saved."""
    if conversation.counts_from and not conversation.sla_breached_at:
        _set(conversation, _running(conversation, promises(), since=conversation.counts_from))


def count_anew(waiting: Sequence[Conversation]) -> None:
    """Give conversations that wait and are open the clock of what is promised now. What is late by
    it already is shown so and told to nobody: it was not promised then."""
    promised, now = stored_promises(), timezone.now()
    for conversation in waiting:
        since = conversation.counts_from or conversation.waiting_since
        if since is not None:
            _set(conversation, _running(conversation, promised, since=since))
            due = conversation.reply_due_at
            conversation.sla_breached_at = now if due is not None and due <= now else None
    Conversation.objects.bulk_update(waiting, ["counts_from", "reply_due_at", "sla_breached_at"])


def promised_minutes(conversation: Conversation) -> int | None:
    """What was promised to whoever waits there."""
    return promises().minutes(conversation.awaited_reply, conversation.team_id)


def _running(
    conversation: Conversation,
    promised: Promises,
    *,
    since: datetime,
    reply: AwaitedReply | None = None,
) -> dict[str, Any]:
    due = promised.due(
        since=since, reply=reply or conversation.awaited_reply, team_id=conversation.team_id
    )
    return {"counts_from": since, "reply_due_at": due}


def _keep(conversation: Conversation, message: Message) -> None:
    asked, due = conversation.waiting_since, conversation.reply_due_at
    if asked is None:
        return
    waited = promises().opening.open_time(asked, message.at)
    ReplyTime.objects.create(
        conversation=conversation,
        kind=conversation.awaited_reply,
        asked_at=asked,
        answered_at=message.at,
        seconds=round(waited.total_seconds()),
        is_late=conversation.sla_breached_at is not None or bool(due and message.at > due),
        member_id=message.author_id,
        team_id=conversation.team_id,
    )


def _set(conversation: Conversation, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(conversation, name, value)
