"""Understanding received posts: each once, each alone, and none in the way of the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import agenda
from core.errors import Conflict
from webhooks.services.again import handle_again
from webhooks.sources import hints, reading
from webhooks.sources.agenda import PROCESS
from webhooks.sources.enums import Outcome, ReceivedState
from webhooks.sources.models import Received
from webhooks.sources.normalised import Normalised
from webhooks.sources.presets import PRESETS, preset
from webhooks.sources.services import enquiries, telling
from webhooks.sources.services.intake import WAITING
from webhooks.sources.trace import Step, step

log = structlog.get_logger(__name__)

BATCH = 50
LEASE = timedelta(seconds=60)
# Waits after each try; the one after the last of them gives up.
BACKOFF_SECONDS = (5, 30, 300, 1_800, 7_200)
MAX_ATTEMPTS = len(BACKOFF_SECONDS) + 1
# Presets whose vendor may be asked, which takes as long as the vendor likes.
ASKING = tuple(slug for slug, one in PRESETS.items() if one.enquire is not None)


def process(_key: str) -> None:
    """The agenda's handler for `sources.process`: a slice of waiting posts, oldest first."""
    agenda.in_slices(PROCESS, "", _step)


@transaction.atomic
def process_again(*, received: Received) -> None:
    """Have a post understood once more; what it told before is not told twice.

    Raises:
        core.errors.Conflict: "sample" if nobody posted it, "deleted" if its source is gone.
    """
    if received.outcome == Outcome.SAMPLE:
        raise Conflict("sample", _("Nobody posted this: it is a sample to map by."))
    if received.source.deleted_at is not None:
        raise Conflict("deleted", _("The source was deleted: its posts are kept, nothing more."))
    handle_again(Received.objects.filter(pk=received.pk))
    agenda.append(PROCESS)


def _step() -> bool:
    """Some posts that were not tried yet together, then one that was or whose vendor is asked,
    alone: one that kills its worker takes nobody along, and no lease ends before its turn."""
    together = _take(BATCH, is_together=True)
    for received in together:
        _handle(received)
    alone = _take(1)
    for received in alone:
        _handle(received)
    if together or alone:
        hints.changed()
    return bool(together or alone)


@transaction.atomic
def _take(limit: int, *, is_together: bool = False) -> list[Received]:
    """Count the attempt first and put the next one off, so that a crash is an attempt too."""
    now = timezone.now()
    waiting = Received.objects.filter(state__in=WAITING, due_at__lte=now)
    if is_together:
        waiting = waiting.filter(attempts=0).exclude(source__preset__in=ASKING)
    rows = waiting.select_related("source").defer("raw", "source__credentials")
    taken = list(
        rows.order_by("due_at", "pk").select_for_update(skip_locked=True, of=("self",))[:limit]
    )
    worn_out = [one for one in taken if one.attempts >= MAX_ATTEMPTS]
    for one in worn_out:
        _give_up(one, one.error or "its worker died while handling it")
    taken = [one for one in taken if one.attempts < MAX_ATTEMPTS]
    Received.objects.filter(pk__in=[one.pk for one in taken]).update(
        attempts=F("attempts") + 1, due_at=now + LEASE
    )
    for one in taken:
        one.attempts += 1
    if taken:
        agenda.append(PROCESS, "", now + LEASE)  # if we die, somebody looks again
    return taken


def _handle(received: Received) -> None:
    try:
        steps: list[Step] = []
        details = enquiries.details_of(received, steps)  # outside of any transaction: it waits
        with transaction.atomic():
            _apply(received, details, steps)
    except Exception as error:
        log.exception("sources.post_failed", received=str(received.pk))
        _put_off(received, f"{type(error).__name__}: {error}")


def _apply(received: Received, details: object, steps: list[Step]) -> None:
    """Tell what it says and write down what it came to, both or neither."""
    found = _understood(received, details, steps)
    told = [
        fact
        for position, one in enumerate(found)
        if one.kind and (fact := telling.tell(received, one, position, steps)) is not None
    ]
    outcome = _outcome(received, found, is_told=bool(told))
    if outcome in (Outcome.UNMAPPED, Outcome.NOTHING):
        steps.append(step(outcome.value))
    was_told = outcome == Outcome.TOLD
    first = next((one.kind for one in found if one.kind), "")
    _still_ours(received).update(
        state=ReceivedState.PROCESSED if was_told else ReceivedState.IGNORED,
        outcome=outcome, kind=first, details=details, trace=steps, error="",
        processed_at=timezone.now(),
    )  # fmt: skip


def _understood(received: Received, details: object, steps: list[Step]) -> list[Normalised]:
    if received.data is None:
        steps.append(step("unread"))
        return []
    source = received.source
    found = reading.understand(
        preset_slug=source.preset, described=source.mapping, data=received.data, details=details,
        headers=received.headers,
    )  # fmt: skip
    if found:
        is_mapped = reading.is_described(source.mapping)
        steps.append(step("mapped" if is_mapped else "recognised"))
    return found


def _outcome(received: Received, found: Sequence[Normalised], *, is_told: bool) -> Outcome:
    if is_told or received.told.exists():  # read again: it has told already
        return Outcome.TOLD
    if received.data is None:
        return Outcome.UNREAD
    if any(one.kind for one in found):
        return Outcome.REPEATED
    is_mapped = preset(received.source.preset).is_mapped
    return Outcome.UNMAPPED if found or is_mapped else Outcome.NOTHING


def _put_off(received: Received, error: str) -> None:
    if received.attempts >= MAX_ATTEMPTS:
        _give_up(received, error)
        return
    wait = timedelta(seconds=BACKOFF_SECONDS[received.attempts - 1])
    due_at = timezone.now() + wait
    with transaction.atomic():
        _still_ours(received).update(state=ReceivedState.RETRY, due_at=due_at, error=error[:500])
        agenda.append(PROCESS, "", due_at)


def _still_ours(received: Received) -> QuerySet[Received]:
    """The post, unless our lease ended and somebody else took it or was done with it."""
    return Received.objects.filter(pk=received.pk, attempts=received.attempts, state__in=WAITING)


def _give_up(received: Received, error: str) -> None:
    log.error("sources.post_dead", received=str(received.pk))
    _still_ours(received).update(
        state=ReceivedState.DEAD, error=error[:500], processed_at=timezone.now()
    )
