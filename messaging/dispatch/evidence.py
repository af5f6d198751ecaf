"""What became of a send whose answer was lost: how long evidence may take, and asking for it.

Most evidence comes by itself, as a receipt that carries our key. A provider that can be asked is
asked before we give up, outside any transaction and a few at a time.
"""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from connections import registry
from connections.models import Connection
from connections.providers.base import Credentials, Provider, ProviderError, SendResult
from connections.selectors import credentials_of, provider_of
from messaging import progress
from messaging.enums import DispatchState, PublicState
from messaging.models import Message
from messaging.plain import text_of
from messaging.services import receipts

log = structlog.get_logger(__name__)

AT_ONCE = 20
SECONDS = 10.0
ASK_AGAIN = timedelta(minutes=1)
# A provider that cannot be asked for so long is not waited for any more.
PATIENCE = timedelta(hours=1)
# Its clock and ours.
SKEW = timedelta(minutes=2)


def wait_seconds(provider: Provider) -> int:
    """How long to wait for evidence of an unclear send (T_rec of delivery.md 2.3)."""
    return settings.UNKNOWN_WAIT_SECONDS or provider.capabilities.evidence_wait_seconds


def waits() -> dict[str, int]:
    """The same for every provider, by slug."""
    return {slug: wait_seconds(registry.provider(slug)) for slug in registry.slugs()}


def askable() -> list[str]:
    """The providers that can be asked what became of a send."""
    return [slug for slug in registry.slugs() if registry.provider(slug).capabilities.can_look_up]


def ask_due() -> list[UUID]:
    """Ask about unclear sends whose wait is over; returns those of which nobody knows anything.

    The others were accepted, or are asked about again in a minute.
    """
    ends_at = time.monotonic() + SECONDS
    unheard: list[UUID] = []
    accounts: dict[UUID, tuple[Provider, Credentials]] = {}
    for message in _due():
        if time.monotonic() >= ends_at:
            break
        if message.connection_id not in accounts:
            accounts[message.connection_id] = _account(message.connection)
        if _is_unheard_of(message, *accounts[message.connection_id]):
            unheard.append(message.pk)
    return unheard


def _is_unheard_of(message: Message, provider: Provider, credentials: Credentials) -> bool:
    """Whether the provider knows nothing of the message; what it knows is written down."""
    since = message.left_at - SKEW
    try:
        found = provider.look_up(
            credentials,
            to=message.address,
            text=text_of(message.content),
            since=since,
            known=_known(message, since),
        )
    except ProviderError as error:
        log.info("dispatch.look_up_failed", code=error.code)
        return not _ask_later(message)
    return found is None or not _accept(message, found)


def _known(message: Message, since: datetime) -> set[str]:
    """What other messages to the same person are called there: the same text was theirs."""
    others = Message.objects.filter(
        contact_id=message.contact_id,
        connection_id=message.connection_id,
        external_id__isnull=False,
        accepted_at__gte=since,
    )
    return {found for found in others.values_list("external_id", flat=True) if found}


def _due() -> Iterable[Message]:
    slugs = askable()
    if not slugs:
        return []
    return (
        Message.objects.filter(
            dispatch=DispatchState.UNKNOWN,
            due_at__lte=timezone.now(),
            connection__provider__in=slugs,
        )
        .select_related("connection")
        .order_by("due_at")[:AT_ONCE]
    )


def _account(connection: Connection) -> tuple[Provider, Credentials]:
    return provider_of(connection), credentials_of(connection)


def _ask_later(message: Message) -> bool:
    """Put the question off; False when it was put off long enough."""
    now = timezone.now()
    if now - message.left_at > PATIENCE:
        return False
    waiting = Message.objects.filter(pk=message.pk, dispatch=DispatchState.UNKNOWN)
    waiting.update(due_at=now + ASK_AGAIN)
    return True


@transaction.atomic
def _accept(message: Message, found: SendResult) -> bool:
    """The message is there; False when that one is another message of ours with the same text."""
    same = Message.objects.filter(
        connection_id=message.connection_id, external_id=found.external_id
    )
    if same.exclude(pk=message.pk).exists():
        return False
    settled = Message.objects.filter(pk=message.pk, dispatch=DispatchState.UNKNOWN).update(
        dispatch=DispatchState.ACCEPTED,
        external_id=found.external_id,
        accepted_at=timezone.now(),
        code="",
        detail="",
        claim_token=None,
    )
    if settled:
        progress.tell(
            [progress.Progress(message.pk, message.thread_id, message.stream_id, PublicState.SENT)]
        )
        receipts.take_up_orphans(
            connection_id=message.connection_id, accepted={found.external_id: message.pk}
        )
    return True
