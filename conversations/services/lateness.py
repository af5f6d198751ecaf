"""Answers that do not come in time: found every half minute, told once, and counted anew when what
is promised changes.

Receiving a message writes no due work for it: a company that promises anything is looked at
regularly instead, so a missed promise is noticed half a minute later at most.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from conversations import hints, notices
from conversations.agenda import RECOUNT_REPLIES, WATCH_REPLIES
from conversations.enums import ConversationStatus
from conversations.events import ConversationSlaBreached
from conversations.models import Conversation, InboxSettings
from conversations.services import reply_clock
from core import agenda
from core.cache import forget
from events import bus
from team.models import Member
from team.selectors import active_members
from tenants.permissions import PERMISSIONS

EVERY = timedelta(seconds=30)
BATCH = 100
RECOUNTED_AT_ONCE = 500
# Fields of the settings and of teams that promise something.
PROMISED = {"first_reply_minutes", "next_reply_minutes"}
_FROM_THE_FIRST = UUID(int=0)


@transaction.atomic
def promises_changed() -> None:
    """Count what is open anew, and watch from now on; call it in the transaction of the change."""
    transaction.on_commit(partial(forget, reply_clock.promises_key()))
    is_due = Conversation.objects.filter(reply_due_at__isnull=False)
    if not reply_clock.stored_promises() and not is_due.exists():
        return
    InboxSettings.objects.update_or_create(pk=1, defaults={"recount_after": _FROM_THE_FIRST})
    agenda.append(RECOUNT_REPLIES)
    agenda.append(WATCH_REPLIES)


def watch(_key: str) -> None:
    """The handler of due work: once every half minute where anything is promised."""
    while mark_late() == BATCH:
        pass


def watch_due(_key: str | None) -> list[tuple[str, datetime]]:
    """The next full half minute, where anything is promised (the agenda's selector)."""
    # As it is in the database: after a "no" nobody would ask again.
    if not reply_clock.stored_promises():
        return []
    seconds = EVERY.total_seconds()
    moment = (timezone.now().timestamp() // seconds + 1) * seconds
    return [("", datetime.fromtimestamp(moment, UTC))]


@transaction.atomic
def mark_late() -> int:
    """Mark and tell of open conversations whose answer is due and did not come, each once for each
    time that the customer waits; how many they are, `BATCH` at most."""
    now = timezone.now()
    rows = Conversation.objects.filter(
        status=ConversationStatus.OPEN, reply_due_at__lte=now, sla_breached_at=None
    )
    late = list(
        rows.select_for_update(of=("self",), skip_locked=True)
        .select_related("contact", "thread", "assignee")
        .order_by("reply_due_at", "pk")[:BATCH]
    )
    Conversation.objects.filter(pk__in=[row.pk for row in late]).update(sla_breached_at=now)
    for conversation in late:
        _tell(conversation)
    return len(late)


def recount(key: str) -> None:
    """The handler of due work: two seconds of giving all who wait the clocks of what is promised
    now, then the rest at the next wake-up."""
    agenda.in_slices(RECOUNT_REPLIES, key, _recount_some)


def recount_due(_key: str | None) -> list[tuple[str, datetime]]:
    """Whether conversations are still to be counted anew (the agenda's selector)."""
    is_under_way = InboxSettings.objects.filter(recount_after__isnull=False).exists()
    return [("", timezone.now())] if is_under_way else []


@transaction.atomic
def _recount_some() -> bool:
    """Some hundred of them; False when none is left. Where it got to is kept with the settings, so
    it goes on after a kill, and begins again when they change meanwhile."""
    settings = InboxSettings.objects.select_for_update().get(pk=1)
    if settings.recount_after is None:
        return False
    rows = list(
        Conversation.objects.filter(
            pk__gt=settings.recount_after,
            status=ConversationStatus.OPEN,
            waiting_since__isnull=False,
            sla_breached_at=None,
        )
        .select_for_update(of=("self",))
        .order_by("pk")[:RECOUNTED_AT_ONCE]
    )
    reply_clock.count_anew(rows)
    settings.recount_after = rows[-1].pk if len(rows) == RECOUNTED_AT_ONCE else None
    settings.save(update_fields=["recount_after"])
    return settings.recount_after is not None


def _tell(conversation: Conversation) -> None:
    due = conversation.reply_due_at
    if due is None:
        return
    fact = ConversationSlaBreached(
        conversation_id=conversation.pk,
        contact_id=conversation.contact_id,
        reply=conversation.awaited_reply,
        due_at=due,
        member_id=conversation.assignee_id,
        team_id=conversation.team_id,
    )
    bus.publish(fact)
    notices.tell(
        notices.LATE,
        conversation,
        _those_who_answer(conversation),
        minutes=reply_clock.promised_minutes(conversation),
    )
    hints.conversation_changed(conversation.pk)


def _those_who_answer(conversation: Conversation) -> Iterable[Member]:
    """Who looks after it, else its team, else those who look after the inbox."""
    if conversation.assignee is not None:
        return [conversation.assignee]
    members = active_members()
    if conversation.team_id is not None:
        return members.filter(teams=conversation.team_id)
    return members.filter(role__in=PERMISSIONS["inbox.manage"])
