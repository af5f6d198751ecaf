"""What a customer is told besides messages: that theirs was read, and that somebody is typing.

A row stands for what is to be told. It is gone before the provider hears of it, so each thing is
told at most once: a tick that never turned blue does no harm, and the next message brings one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from connections.providers.base import ProviderError
from connections.selectors import credentials_of, provider_of
from conversations.agenda import SIGNAL
from conversations.models import CustomerSignal
from conversations.services import inbox_settings
from core import agenda
from messaging.models import Thread

log = structlog.get_logger(__name__)

READ_LIFE = timedelta(hours=1)  # told later it would be a riddle
TYPING_LIFE = timedelta(seconds=15)


@transaction.atomic
def note(*, conversation_id: UUID, is_typing: bool = False) -> None:
    """The customer's newest message was read, or is being answered; they are told soon.

    Nothing where the channel has no such ticks, or the company does not want it.
    """
    thread = (
        Thread.objects.select_related("connection").filter(conversation=conversation_id).first()
    )
    if thread is None or not thread.last_inbound_external_id:
        return
    if not provider_of(thread.connection).capabilities.read_marks:
        return
    if not inbox_settings.current().tells_reading:
        return
    news = {"external_id": thread.last_inbound_external_id, "created_at": timezone.now()}
    if is_typing:
        news["is_typing"] = True  # what was only read does not take it back
    CustomerSignal.objects.update_or_create(conversation_id=conversation_id, defaults=news)
    agenda.append(SIGNAL, str(conversation_id))


def tell(*, conversation_id: UUID) -> bool:
    """Tell the customer what is waiting; True when the provider took it.

    Called outside of a transaction: the provider is asked after the row is gone for good.
    """
    signal = _taken(conversation_id)
    if signal is None:
        return False
    age = timezone.now() - signal.created_at
    if age > READ_LIFE:
        return False
    connection = signal.conversation.thread.connection
    try:
        provider_of(connection).mark_read(
            credentials_of(connection),
            signal.external_id,
            typing=signal.is_typing and age < TYPING_LIFE,
        )
    except ProviderError as error:
        log.info("signal.not_told", conversation=str(conversation_id), code=error.code)
        return False
    return True


def tell_due(key: str) -> None:
    """The agenda's handler for `conversations.signal`."""
    tell(conversation_id=UUID(key))


def due(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Conversations whose customers are to be told something (the agenda's selector)."""
    rows = CustomerSignal.objects.all()
    if key is not None:
        rows = rows.filter(pk=UUID(key))
    return [(str(pk), at) for pk, at in rows.values_list("pk", "created_at")]


@transaction.atomic
def _taken(conversation_id: UUID) -> CustomerSignal | None:
    signal = (
        CustomerSignal.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("conversation__thread__connection")
        .filter(pk=conversation_id)
        .first()
    )
    if signal is not None:
        CustomerSignal.objects.filter(pk=conversation_id).delete()
    return signal
