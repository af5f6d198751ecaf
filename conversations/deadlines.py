"""How much time is left for an answer that is promised, as lists and threads show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from conversations.enums import AwaitedReply
from conversations.filters import Due
from conversations.models import Conversation

# So near that somebody should look at it next.
SOON = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when an answer is promised.

    Attributes:
        state: `running`, `soon` or `late`.
        reply: which answer it is, in words.
    """

    due_at: datetime
    state: str
    reply: str | Promise
    time: str

    @property
    def text(self) -> str:
        """`12 min left`, or `Late by 5 min`."""
        pattern = _("Late by %(time)s") if self.state == "late" else _("%(time)s left")
        return pattern % {"time": self.time}


def deadline_of(conversation: Conversation) -> Deadline | None:
    """The deadline of an answer that is waited for; None where nothing is promised."""
    due = conversation.reply_due_at
    if due is None:
        return None
    left = due - timezone.now()
    return Deadline(
        due_at=due,
        state="late" if left <= timedelta() else "soon" if left <= SOON else "running",
        reply=AwaitedReply(conversation.awaited_reply).label,
        time=_short(abs(left)),
    )


def is_due(due: str) -> Q:
    """Conversations whose answer is late, or due soon, as a condition.

    Args:
        due: of conversations.filters.Due.
    """
    now = timezone.now()
    if due == Due.LATE:
        return Q(reply_due_at__lte=now)
    return Q(reply_due_at__gt=now, reply_due_at__lte=now + SOON)


def _short(time: timedelta) -> str:
    """Full minutes, one at least; as the page counts on (frontend/js/inbox/deadlines.js)."""
    minutes = max(1, time // MINUTE)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 24 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes // (24 * 60)} d {minutes // 60 % 24} h"
