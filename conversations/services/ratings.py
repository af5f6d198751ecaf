"""Asking customers how they were served, and hearing their answer.

A `Rating` begins as the wish to ask, when a conversation is resolved; due work sends the question,
and later the thanks, as ordinary messages through the gate. `Conversation.rating_until` says how
long an answer is expected, so receiving asks for nothing where none is.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from conversations import rating_words
from conversations.agenda import RATING
from conversations.enums import ConversationStatus
from conversations.events import ConversationRated
from conversations.models import Conversation, Rating
from conversations.selectors import window_of
from conversations.services import inbox_settings, replies, reply_clock, story
from core import agenda
from core.errors import Conflict
from events import bus
from messaging.bodies import Body
from messaging.enums import MessageKind, Origin
from messaging.models import Message

log = structlog.get_logger(__name__)

ANSWER_WITHIN = timedelta(hours=24)
COMMENT_WITHIN = timedelta(hours=1)  # what comes later is about something else
ASK_WITHIN = timedelta(hours=1)  # later nobody remembers what is asked about


def want(conversation: Conversation, *, actor: str) -> None:
    """The conversation was just resolved: its customer is to be asked, unless the company does not
    ask, nothing may be written now, they never wrote, or they were asked not long ago."""
    settings = inbox_settings.current()
    if not settings.asks_rating or conversation.thread.last_inbound_at is None:
        return
    if not window_of(conversation).is_open:
        return
    lately = timezone.now() - timedelta(days=settings.rating_every_days)
    contact_id = conversation.contact_id
    if Rating.objects.filter(contact_id=contact_id, created_at__gte=lately).exists():
        return
    rating = Rating.objects.create(
        conversation=conversation,
        contact_id=contact_id,
        member=conversation.assignee or story.member_behind(actor),
        team_id=conversation.team_id,
    )
    agenda.append(RATING, str(rating.pk))


def hear(conversation: Conversation, message: Message) -> bool:
    """Whether what a customer wrote is their rating, or the comment to it, and no wish to be
    answered; then it is kept. Called in the transaction of the message, with the conversation as it
    was before."""
    until = conversation.rating_until
    if until is None or message.at > until or conversation.status != ConversationStatus.RESOLVED:
        return False
    asked = Rating.objects.filter(conversation=conversation, asked_at__isnull=False)
    rating = asked.order_by("-asked_at").first()
    if rating is None:
        return False
    score = rating_words.score_of(message.kind, message.content, rating.pk)
    if score is not None and (rating.score is None or message.kind == MessageKind.INTERACTIVE):
        _score(rating, conversation, score, message.at)
        return True
    return _comment(rating, message)


@transaction.atomic
def say(*, rating_id: UUID) -> None:
    """Ask, or thank, whatever of it is due; each at most once.

    The conversation is locked before its rating, as whoever hears the answer does.
    """
    conversation = (
        Conversation.objects.select_for_update(of=("self",))
        .select_related("contact", "thread__connection")
        .filter(ratings=rating_id)
        .first()
    )
    rating = (
        Rating.objects.select_for_update(skip_locked=True)
        .filter(_to_say(), conversation=conversation, pk=rating_id)
        .first()
    )
    if conversation is None or rating is None:
        return
    if rating.asked_at is None:
        _ask(rating, conversation)
    else:
        _thank(rating, conversation)


def say_due(key: str) -> None:
    """The agenda's handler for `conversations.rating`."""
    say(rating_id=UUID(key))


def due(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Ratings of which something is still to be said (the agenda's selector)."""
    rows = Rating.objects.filter(_to_say())
    if key is not None:
        rows = rows.filter(pk=key)
    return [(str(pk), at) for pk, at in rows.values_list("pk", "created_at")]


def _to_say() -> Q:
    return Q(asked_at=None) | Q(score__isnull=False, thanked_at=None)


def _ask(rating: Rating, conversation: Conversation) -> None:
    """A question that may not leave, or comes too late, is not asked at all."""
    now = timezone.now()
    is_timely = rating.created_at > now - ASK_WITHIN
    words = rating_words.question(
        conversation.thread.connection, rating.pk, inbox_settings.current().rating_question
    )
    if (
        conversation.status != ConversationStatus.RESOLVED
        or not is_timely
        or not _sent(conversation, words)
    ):
        rating.delete()
        return
    rating.asked_at = now
    rating.save(update_fields=["asked_at"])
    Conversation.objects.filter(pk=conversation.pk).update(rating_until=now + ANSWER_WITHIN)


def _thank(rating: Rating, conversation: Conversation) -> None:
    """Who wrote something else meanwhile waits for a person all the same."""
    if _sent(conversation, rating_words.thanks(asks_comment=_asks_comment())):
        clock = reply_clock.clock_of(conversation)
        Conversation.objects.filter(pk=conversation.pk).update(**clock)
    rating.thanked_at = timezone.now()
    rating.save(update_fields=["thanked_at"])


def _sent(conversation: Conversation, body: Body) -> bool:
    try:
        with transaction.atomic():
            replies.reply(conversation=conversation, body=body, author=None, origin=Origin.SYSTEM)
    except Conflict as refused:
        log.info("conversations.rating_not_sent", code=refused.code)
        return False
    return True


def _score(rating: Rating, conversation: Conversation, score: int, at: datetime) -> None:
    """The newest choice from the list counts; a second one is not thanked again."""
    if rating.score == score:
        return
    rating.score, rating.answered_at = score, at
    rating.save(update_fields=["score", "answered_at"])
    story.tell(conversation, "rated", actor="system", score=score)
    bus.publish(
        ConversationRated(
            conversation_id=conversation.pk,
            contact_id=rating.contact_id,
            rating_id=rating.pk,
            score=score,
            member_id=rating.member_id,
            team_id=rating.team_id,
        )
    )
    if rating.thanked_at is None:
        agenda.append(RATING, str(rating.pk))


def _comment(rating: Rating, message: Message) -> bool:
    """One text soon after the thanks that asked for it."""
    thanked = rating.thanked_at
    text = str(message.content.get("text") or "").strip()
    if thanked is None or rating.comment or message.kind != MessageKind.TEXT or not text:
        return False
    if message.at > thanked + COMMENT_WITHIN or not _asks_comment():
        return False
    rating.comment = text
    rating.save(update_fields=["comment"])
    return True


def _asks_comment() -> bool:
    return inbox_settings.current().asks_rating_comment
