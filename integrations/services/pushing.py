"""The queue to another system: one after the other, at its pace, until each is done or failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Min, Q
from django.utils import timezone

from core import agenda, pacing, stopping
from integrations.agenda import PUSH
from integrations.enums import IntegrationState, PushState
from integrations.models import Integration, Push
from integrations.providers.base import Busy, ProviderError, Refused, Revoked
from integrations.services import sending, states, tokens

log = structlog.get_logger(__name__)
Due = tuple[str, datetime]

# While it is under way; a worker that died leaves it to the next one after so long.
LEASE = timedelta(seconds=90)
BACKOFF_SECONDS = (10, 60, 300, 1800, 7200, 21_600)
MAX_ATTEMPTS = len(BACKOFF_SECONDS) + 1
# What the account itself asked for; our own pace is no reason to hold everything else.
TOLD_US = frozenset({"too_fast", "blocked"})


def run(key: str) -> None:
    """The agenda's handler: two seconds of it, then the rest at the next wake-up."""
    agenda.in_slices(PUSH, key, lambda: not stopping.is_asked() and _next(UUID(key)))
    come_back(PUSH, key, due)


def due(key: str | None) -> Iterable[Due]:
    """Connected systems that something waits for, each with its earliest time (the selector)."""
    rows = Integration.objects.filter(state=IntegrationState.CONNECTED)
    if key is not None:
        rows = rows.filter(pk=key)
    waiting = rows.annotate(
        at=Min("pushes__due_at", filter=Q(pushes__state=PushState.WAITING))
    ).exclude(at=None)
    return [
        (str(pk), max(at, blocked or at))
        for pk, at, blocked in waiting.values_list("pk", "at", "blocked_until")
    ]


def come_back(kind: str, key: str, due: Callable[[str | None], Iterable[Due]]) -> None:
    """Have what is left looked at when its time comes."""
    now = timezone.now()
    for _key, at in due(key):
        if at > now:
            with transaction.atomic():
                agenda.append(kind, key, at)


def _next(integration_id: UUID) -> bool:
    """One of the queue; False when nothing is due."""
    push = _claim(integration_id)
    if push is None:
        return False
    _bring(push)
    states.show()
    return True


@transaction.atomic
def _claim(integration_id: UUID) -> Push | None:
    """The next one that is due, with its try counted."""
    now = timezone.now()
    free = Q(integration__blocked_until=None) | Q(integration__blocked_until__lte=now)
    row = (
        Push.objects.select_related("integration", "contact")
        .select_for_update(of=("self",), skip_locked=True)
        .filter(
            free,
            integration=integration_id,
            integration__state=IntegrationState.CONNECTED,
            state=PushState.WAITING,
            due_at__lte=now,
        )
        .order_by("due_at", "id")
        .first()
    )
    if row is not None:
        row.attempts += 1
        row.due_at = now + LEASE
        row.save(update_fields=["attempts", "due_at"])
    return row


def _bring(push: Push) -> None:
    """One try, and what became of it."""
    try:
        external_id = tokens.ask(push.integration_id, lambda access: sending.send(access, push))
    except sending.Dropped as error:
        _finish(push, PushState.DROPPED, code=error.code)
    except Busy as error:
        _wait(push, error)
    except Revoked as error:
        states.stop(push.integration, code=error.code, detail=error.detail)
        _put_back(push, timezone.now(), error)
    except Refused as error:
        _finish(push, PushState.FAILED, code=error.code, error=error.detail)
    except ProviderError as error:
        _try_later(push, error)
    except Exception as error:
        log.exception("integrations.push_crashed", push=str(push.pk))
        _try_later(push, ProviderError("crashed", type(error).__name__))
    else:
        _finish(push, PushState.DONE, external_id=external_id)


def _wait(push: Push, error: Busy) -> None:
    """Too fast is no failure: the try does not count, but that there was one does."""
    until = timezone.now() + timedelta(seconds=error.seconds)
    if error.code in TOLD_US:
        pacing.shrink(tokens.rate_key(push.integration))
        states.hold(push.integration, until=until)
    push.attempts = max(1, push.attempts - 1)
    _put_back(push, until, error)


def _try_later(push: Push, error: ProviderError) -> None:
    if push.attempts >= MAX_ATTEMPTS:
        _finish(push, PushState.FAILED, code=error.code, error=error.detail)
        return
    seconds = BACKOFF_SECONDS[min(push.attempts, len(BACKOFF_SECONDS)) - 1]
    _put_back(push, timezone.now() + timedelta(seconds=seconds), error)


def _put_back(push: Push, due_at: datetime, error: ProviderError) -> None:
    Push.objects.filter(pk=push.pk, state=PushState.WAITING).update(
        attempts=push.attempts, due_at=due_at, code=error.code[:48], error=error.detail
    )


def _finish(
    push: Push, state: PushState, *, code: str = "", error: str = "", external_id: str = ""
) -> None:
    Push.objects.filter(pk=push.pk, state=PushState.WAITING).update(
        state=state,
        code=code[:48],
        error=error,
        external_id=external_id,
        finished_at=timezone.now(),
    )
