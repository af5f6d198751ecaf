"""Messages that leave later: a row waits, and when it is due it becomes an ordinary answer.

The gate judges it at that moment, not before: the customer may have opened the window meanwhile,
or asked us to stop. What cannot leave then stays visible with its reason, and its author is told.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from conversations import hints
from conversations.agenda import SEND_SCHEDULED
from conversations.enums import ScheduledState
from conversations.models import Conversation, ScheduledMessage
from conversations.notices import NOT_SENT, tell
from conversations.services import replies
from core import agenda
from core.errors import DomainError, Invalid, NotFound
from messaging import bodies
from team.models import Member

SOONEST = timedelta(minutes=1)
LATEST = timedelta(days=180)
SHOWN = (ScheduledState.WAITING, ScheduledState.FAILED)


@transaction.atomic
def schedule(
    *, conversation: Conversation, text: str, due_at: datetime, author: Member | None
) -> ScheduledMessage:
    """Have a text leave at a moment.

    Raises:
        core.errors.Invalid: there is no text, or the moment is past or too far away.
    """
    body = bodies.text(text)
    now = timezone.now()
    if due_at < now + SOONEST:
        raise Invalid({"due_at": _("Choose a moment that is at least a minute away.")})
    if due_at > now + LATEST:
        raise Invalid({"due_at": _("Choose a moment within the next 180 days.")})
    row = ScheduledMessage.objects.create(
        conversation=conversation, text=body.content["text"], due_at=due_at, author=author
    )
    agenda.append(SEND_SCHEDULED, "", due_at)
    hints.conversation_changed(conversation.pk)
    return row


@transaction.atomic
def take_back(*, conversation: Conversation, scheduled_id: UUID) -> None:
    """Cancel what has not left, or put away what could not leave.

    Raises:
        core.errors.NotFound: nothing of that id stands here (any more).
    """
    rows = ScheduledMessage.objects.filter(conversation=conversation, pk=scheduled_id)
    row = rows.filter(state__in=SHOWN).select_for_update(of=("self",)).first()
    if row is None:
        raise NotFound(gettext("This message has left already, or was cancelled."))
    row.state = ScheduledState.CANCELLED
    row.save(update_fields=["state"])
    hints.conversation_changed(conversation.pk)


def send_due(_key: str) -> None:
    """The agenda's handler: whatever is due leaves, each in a transaction of its own."""
    while _send_next():
        continue


def due(_key: str | None) -> Iterable[tuple[str, datetime]]:
    """When the next one leaves (the agenda's selector); at most one entry."""
    at = _waiting().order_by("due_at", "id").values_list("due_at", flat=True).first()
    return [("", at)] if at is not None else []


def waiting_in(conversation: Conversation) -> list[ScheduledMessage]:
    """What waits in a conversation, and what could not leave, the earliest first."""
    rows = ScheduledMessage.objects.filter(conversation=conversation, state__in=SHOWN)
    return list(rows.select_related("author").order_by("due_at", "id"))


@transaction.atomic
def _send_next() -> bool:
    """False when nothing is due. The row stays locked until its message is stored with it, so two
    workers never send it twice."""
    due_now = _waiting().filter(due_at__lte=timezone.now()).order_by("due_at", "id")
    row = (
        due_now.select_related(
            "conversation__thread__connection", "conversation__contact", "author"
        )
        .select_for_update(of=("self",), skip_locked=True)
        .first()
    )
    if row is None:
        return False
    try:
        with transaction.atomic():
            row.message = replies.reply(
                conversation=row.conversation, body=bodies.text(row.text), author=row.author
            )
        row.state = ScheduledState.SENT
    except DomainError as error:
        row.state, row.code = ScheduledState.FAILED, error.code[:48]
        tell(NOT_SENT, row.conversation, [row.author])
    row.save(update_fields=["state", "code", "message"])
    hints.conversation_changed(row.conversation_id)
    return True


def _waiting() -> QuerySet[ScheduledMessage]:
    return ScheduledMessage.objects.filter(state=ScheduledState.WAITING)
