"""Reads of messages shaped for pages, endpoints and the apps above."""

from datetime import datetime
from uuid import UUID

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet

from connections.models import Connection
from connections.selectors import provider_of
from core.keyset import beyond
from crm.models import Contact
from crm.selectors import address_for
from messaging.enums import Direction, DispatchState, PublicState, Rank
from messaging.models import Message

Cursor = tuple[datetime, UUID]

_D = DispatchState
_STATES = {
    _D.PLANNED: PublicState.QUEUED,
    _D.QUEUED: PublicState.QUEUED,
    _D.CLAIMED: PublicState.QUEUED,
    _D.RETRY_WAIT: PublicState.QUEUED,
    _D.SENDING: PublicState.SENDING,
    _D.REJECTED: PublicState.FAILED,
    _D.SKIPPED: PublicState.SKIPPED,
    _D.CANCELLED: PublicState.CANCELLED,
    _D.EXPIRED: PublicState.CANCELLED,
    _D.UNKNOWN: PublicState.UNKNOWN,
    _D.UNCONFIRMED: PublicState.UNKNOWN,
}
_FAILED_LATER = Q(failed_at__isnull=False, rank__lt=Rank.DELIVERED)
_SENT_STATES = (PublicState.SENT, PublicState.DELIVERED, PublicState.READ)
COUNTED = (
    *("total", "queued", "sending", "sent", "delivered", "read", "replied"),
    *("failed", "skipped", "cancelled", "unknown"),
)


def address_at(contact: Contact, connection: Connection) -> str:
    """Where a contact is written to from this number; empty when nowhere."""
    return address_for(contact, connection.pk, channel=provider_of(connection).channel)


def public_state(message: Message) -> PublicState | None:
    """What pages and the API call a message's state; None for notes and system lines.

    The same rules as `messaging.querysets.STATE_RULES`, for a row at hand.
    """
    if message.direction == Direction.IN:
        return PublicState.RECEIVED
    if message.direction == Direction.INTERNAL or not message.dispatch:
        return None
    return state_of(message.dispatch, message.rank, message.failed_at)


def state_of(dispatch: str, rank: int, failed_at: datetime | None) -> PublicState:
    """The public state of an outgoing message by its three columns."""
    return _public_state(dispatch, rank, has_failed=failed_at is not None)


def _public_state(dispatch: str, rank: int, *, has_failed: bool) -> PublicState:
    if dispatch != _D.ACCEPTED:
        return _STATES[DispatchState(dispatch)]
    if rank >= Rank.READ:
        return PublicState.READ
    if rank >= Rank.DELIVERED:
        return PublicState.DELIVERED
    return PublicState.FAILED if has_failed else PublicState.SENT


def counts(stream_id: UUID) -> dict[str, int]:
    """A run's recipients counted exactly, in one pass: a partition and its parts.

    total = queued + sending + sent + failed + skipped + cancelled + unknown; delivered, read and
    replied are parts of sent. Grouped by PostgreSQL and summed here, which costs half of asking
    it eleven questions of each row.
    """
    groups = (
        Message.objects.filter(stream_id=stream_id)
        .order_by()
        .values_list("dispatch", "rank", _is_set("failed_at"), _is_set("replied_at"))
        .annotate(number=Count("pk"))
    )
    found = dict.fromkeys(COUNTED, 0)
    for dispatch, rank, has_failed, has_replied, number in groups:
        state = _public_state(dispatch, rank, has_failed=has_failed)
        is_sent = state in _SENT_STATES
        for name, is_counted in (
            ("total", True),
            ("sent" if is_sent else state.value, True),
            ("delivered", is_sent and rank >= Rank.DELIVERED),
            ("read", is_sent and rank >= Rank.READ),
            ("replied", is_sent and has_replied),
        ):
            found[name] += number if is_counted else 0
    return found


def _is_set(column: str) -> ExpressionWrapper:
    return ExpressionWrapper(Q(**{f"{column}__isnull": False}), output_field=BooleanField())


def reason_counts(stream_id: UUID) -> dict[str, int]:
    """Why rows of a run were skipped or failed: code → how many, the most frequent first."""
    rows = (
        Message.objects.filter(stream_id=stream_id)
        .filter(
            Q(dispatch__in=[_D.SKIPPED, _D.REJECTED]) | (Q(dispatch=_D.ACCEPTED) & _FAILED_LATER)
        )
        .values_list("code")
        .annotate(number=Count("pk"))
        .order_by("-number", "code")
    )
    return dict(rows)


def timeline(
    thread_id: UUID, *, before: Cursor | None = None, after: Cursor | None = None, limit: int = 50
) -> list[Message]:
    """A page of a thread, oldest first: messages, notes and system lines by one cursor.

    Args:
        before: the (at, id) of the oldest message shown; the page that precedes it.
        after: the (at, id) of the newest shown; what came since.
    """
    rows = Message.objects.filter(thread_id=thread_id).select_related(
        "template", "media", "author", "reply_to"
    )
    if after is not None:
        return list(rows.filter(beyond("at", *after, ascending=True)).order_by("at", "id")[:limit])
    if before is not None:
        rows = rows.filter(beyond("at", *before, ascending=False))
    return list(rows.order_by("-at", "-id")[:limit])[::-1]


def messages_to_explain() -> QuerySet[Message]:
    """Outgoing messages with what `messaging.why` looks at."""
    return (
        Message.objects.filter(direction=Direction.OUT)
        .select_related("connection", "stream", "template", "contact")
        .defer("connection__credentials")
    )
