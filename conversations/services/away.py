"""Business hours, and what customers are told outside them."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.agenda import AWAY
from conversations.enums import ConversationStatus
from conversations.events import BusinessHoursChanged
from conversations.hours import current, opening_of
from conversations.models import AwayNotice, BusinessHours, Conversation
from conversations.opening import read_slots
from conversations.services import replies, reply_clock
from core import agenda
from core.cache import BELIEVED, MEDIUM, CacheKey, company_key, forget, remember
from core.errors import Conflict, Invalid
from events import bus
from messaging import bodies
from messaging.enums import Origin

log = structlog.get_logger(__name__)

WEEKDAYS = range(7)
MAX_TEXT = 1024
MAX_CLOSED_DAYS = 100
HOW_HOURS_ARE_WRITTEN = _(
    "Write hours such as 08:00-12:00, 13:00-18:00; leave it empty when you are closed."
)
RECENT = timedelta(hours=1)  # later nobody expects an away message any more


@transaction.atomic
def change(
    *,
    is_on: bool,
    slots: Mapping[int, str],
    country: str,
    closed_days: Collection[str],
    away_text: str,
    actor: str,
) -> BusinessHours:
    """Set the hours and what is said outside them.

    Args:
        slots: by weekday (0 is Monday) as people write them, `08:00-12:00, 13:00-18:00`.
        country: ISO 3166, whose national holidays are closed; empty: none.
        closed_days: days of the company's own, as ISO dates.

    Raises:
        core.errors.Invalid: `day_<weekday>`, `closed_days` or `away_text` does not fit.
    """
    errors: dict[str, Any] = {}
    text = away_text.strip()
    week, days = _read_week(slots, errors), _read_days(closed_days, errors)
    if is_on and not text:
        errors["away_text"] = _("Write what customers are told outside the hours.")
    if len(text) > MAX_TEXT:
        errors["away_text"] = _("An away message has at most 1,024 characters.")
    if errors:
        raise Invalid(errors)
    values = {"slots": week, "country": country, "closed_days": days, "away_text": text}
    hours, _is_new = BusinessHours.objects.update_or_create(
        pk=1, defaults={"is_on": is_on, **values}
    )
    bus.publish(BusinessHoursChanged(is_on=is_on), actor=actor)
    key = _key()
    transaction.on_commit(lambda: forget(key))
    return hours


def consider(*, thread_id: UUID) -> None:
    """A customer wrote into a thread: see to an away message, if nobody is there now."""
    hours = remember(_key(), MEDIUM, current, believed=BELIEVED)
    if not hours.is_on or opening_of(hours).is_open(timezone.now()):
        return
    for pk in Conversation.objects.filter(thread_id=thread_id).values_list("pk", flat=True):
        agenda.append(AWAY, str(pk))


@transaction.atomic
def answer(*, conversation_id: UUID) -> bool:
    """Say once a day that nobody is there, to whoever waits; True when it was said now.

    What may not be sent (the window is closed, the person opted out) is not tried again that day.
    The customer waits for a person all the same.
    """
    hours, now = current(), timezone.now()
    opening = opening_of(hours)
    if not hours.is_on or opening.is_open(now):
        return False
    conversation = (
        _waiting(now)
        .select_for_update(of=("self",))
        .select_related("contact", "thread__connection")
        .filter(pk=conversation_id)
        .first()
    )
    if conversation is None:
        return False
    _notice, is_first = AwayNotice.objects.get_or_create(
        conversation=conversation, day=opening.day_of(now)
    )
    if not is_first:
        return False
    try:
        with transaction.atomic():
            replies.reply(
                conversation=conversation,
                body=bodies.text(hours.away_text),
                author=None,
                origin=Origin.SYSTEM,
            )
    except Conflict as refused:
        log.info("conversations.away_not_sent", code=refused.code)
        return False
    Conversation.objects.filter(pk=conversation.pk).update(**reply_clock.clock_of(conversation))
    return True


def answer_due(key: str) -> None:
    """The handler of due work: `answer` for one conversation."""
    answer(conversation_id=UUID(key))


def due(key: str | None) -> list[tuple[str, datetime]]:
    """Conversations whose customers wrote just now and were not told yet (agenda's selector)."""
    hours, now = current(), timezone.now()
    opening = opening_of(hours)
    if not hours.is_on or opening.is_open(now):
        return []
    rows = _waiting(now).exclude(away_notices__day=opening.day_of(now))
    if key is not None:
        rows = rows.filter(pk=key)
    return [(str(pk), now) for pk in rows.values_list("pk", flat=True)]


def _waiting(now: datetime) -> QuerySet[Conversation]:
    return Conversation.objects.filter(
        status=ConversationStatus.OPEN,
        waiting_since__isnull=False,
        thread__last_inbound_at__gte=now - RECENT,
    )


def _key() -> CacheKey:
    return company_key("business-hours")


def _read_week(slots: Mapping[int, str], errors: dict[str, Any]) -> dict[str, Any]:
    week: dict[str, Any] = {}
    for day in WEEKDAYS:
        try:
            found = read_slots(slots.get(day, ""))
        except ValueError:
            errors[f"day_{day}"] = HOW_HOURS_ARE_WRITTEN
            continue
        if found:
            week[str(day)] = found
    return week


def _read_days(days: Collection[str], errors: dict[str, Any]) -> list[str]:
    try:
        found = sorted({date.fromisoformat(day.strip()).isoformat() for day in days})
    except ValueError:
        errors["closed_days"] = _("Write one date a line, such as 2026-12-24.")
        return []
    if len(found) > MAX_CLOSED_DAYS:
        errors["closed_days"] = _("Write at most 100 dates; take out those that are over.")
    return found
