"""Understanding received posts: each once, each alone, and none in the way of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import agenda, statements
from core.errors import Conflict
from events.services import letters
from webhooks.services.again import handle_again
from webhooks.sources import hints, reading
from webhooks.sources.agenda import PROCESS
from webhooks.sources.enums import Outcome, ReceivedState
from webhooks.sources.logged import BOX
from webhooks.sources.models import Received, Told
from webhooks.sources.normalised import Normalised
from webhooks.sources.presets import PRESETS, preset
from webhooks.sources.services import enquiries, telling
from webhooks.sources.services.intake import WAITING
from webhooks.sources.services.people import Saying
from webhooks.sources.trace import Step, step

log = structlog.get_logger(__name__)

BATCH = 100
LEASE = timedelta(seconds=60)
# Waits after each try; the one after the last of them gives up.
BACKOFF_SECONDS = (5, 30, 300, 1_800, 7_200)
MAX_ATTEMPTS = len(BACKOFF_SECONDS) + 1
# Of those alone that are still ours: our lease may have ended and somebody else been done with it.
_FINISH = """
    UPDATE sources_received r
    SET state = v.state, outcome = v.outcome, kind = v.kind, trace = v.trace, error = '',
        processed_at = %(now)s
    FROM jsonb_to_recordset(%(rows)s::jsonb)
         AS v(id uuid, attempts int, state text, outcome text, kind text, trace jsonb)
    WHERE r.id = v.id AND r.attempts = v.attempts AND r.state IN ('received', 'retry')
"""
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
    _handle(together)
    alone = _take(1)
    _handle(alone)
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


def _handle(posts: Sequence[Received]) -> None:
    """All in one transaction; if that fails, each in one of its own."""
    if not posts:
        return
    try:
        works = [_asked(received) for received in posts]
        _apply(works)
    except Exception as error:
        if len(posts) == 1:
            log.exception("sources.post_failed", received=str(posts[0].pk))
            _put_off(posts[0], f"{type(error).__name__}: {error}")
            return
        log.exception("sources.batch_failed", count=len(posts))
        for received in posts:
            _handle([received])


@dataclass(slots=True)
class _Work:
    """A post while it is read.

    Attributes:
        details: what its vendor said, where it was asked.
        steps: what was done.
        said: what it says, in its order.
    """

    received: Received
    details: object
    steps: list[Step]
    said: list[Normalised] = field(default_factory=list)


def _asked(received: Received) -> _Work:
    """Outside of any transaction: an answer may take its time."""
    steps: list[Step] = []
    return _Work(received, enquiries.details_of(received, steps), steps)


@transaction.atomic
def _apply(works: Sequence[_Work]) -> None:
    """Tell what they say and write down what it came to, both or neither."""
    for one in works:
        one.said = _understood(one)
    told = telling.tell(
        [
            Saying(one.received, said, position, one.steps)
            for one in works
            for position, said in enumerate(one.said)
            if said.kind
        ]
    )
    have_told = {fact.received_id for fact in told}
    # Those that are read again may have told before.
    silent = [one.received.pk for one in works if one.received.pk not in have_told]
    if silent:
        before = Told.objects.filter(received__in=silent)
        have_told |= set(before.values_list("received_id", flat=True))
    for one in works:
        if one.details is not None:
            _still_ours(one.received).update(details=one.details)
    rows = [_result(one, has_told=one.received.pk in have_told) for one in works]
    statements.run(_FINISH, rows=statements.rows(rows), now=timezone.now())


def _understood(work: _Work) -> list[Normalised]:
    received, steps = work.received, work.steps
    if received.data is None:
        steps.append(step("unread"))
        return []
    source = received.source
    found = reading.understand(
        preset_slug=source.preset, described=source.mapping, data=received.data,
        details=work.details, headers=received.headers,
    )  # fmt: skip
    if found:
        is_mapped = reading.is_described(source.mapping)
        steps.append(step("mapped" if is_mapped else "recognised"))
    return found


def _result(work: _Work, *, has_told: bool) -> dict[str, Any]:
    """The columns of a post that was understood."""
    received, said = work.received, work.said
    outcome = _outcome(received, said, has_told=has_told)
    # One thing that it says after the other, and what is about none of them before.
    steps = sorted(work.steps, key=lambda one: one.get("position", -1))
    if outcome in (Outcome.UNMAPPED, Outcome.NOTHING):
        steps.append(step(outcome.value))
    return {
        "id": received.pk,
        "attempts": received.attempts,
        "state": ReceivedState.PROCESSED if has_told else ReceivedState.IGNORED,
        "outcome": outcome,
        "kind": next((one.kind for one in said if one.kind), ""),
        "trace": steps,
    }


def _outcome(received: Received, said: Sequence[Normalised], *, has_told: bool) -> Outcome:
    if has_told:
        return Outcome.TOLD
    if received.data is None:
        return Outcome.UNREAD
    if any(one.kind for one in said):
        return Outcome.REPEATED
    is_mapped = preset(received.source.preset).is_mapped
    return Outcome.UNMAPPED if said or is_mapped else Outcome.NOTHING


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


@transaction.atomic
def _give_up(received: Received, error: str) -> None:
    log.error("sources.post_dead", received=str(received.pk))
    given_up = _still_ours(received).update(
        state=ReceivedState.DEAD, error=error[:500], processed_at=timezone.now()
    )
    if given_up:
        letters.quarantined(BOX)
