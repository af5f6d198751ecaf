"""Reading another system from where the last reading ended, page by page.

Each page commits with the place behind it, so whatever dies, the next wake-up goes on there; what
was read twice changes nothing. The times are rows: a time that was missed is made up for once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import agenda, pacing, stopping
from core.errors import Conflict
from events.bus import publish
from integrations.agenda import SYNC
from integrations.enums import IntegrationState, SyncState, SyncTrigger
from integrations.events import SyncFinished
from integrations.models import Integration, SyncRun
from integrations.providers.base import Busy, Page, ProviderError, Refused, Revoked
from integrations.registry import provider
from integrations.services import applying, states, tokens
from integrations.services.pushing import TOLD_US, come_back

log = structlog.get_logger(__name__)

BACKOFF_SECONDS = (10, 60, 300, 900, 1800)
MAX_ATTEMPTS = len(BACKOFF_SECONDS) + 1
KEPT_RUNS = 200


def start(*, integration: Integration, trigger: str = SyncTrigger.MANUAL) -> SyncRun:
    """Begin now, behind what the last finished run had seen.

    Raises:
        core.errors.Conflict: `not_connected`; `sync_running`, one is under way.
    """
    speaker = provider(integration.provider)
    if integration.state != IntegrationState.CONNECTED or not speaker.capabilities.syncs:
        raise Conflict("not_connected", _("Connect this system first."))
    try:
        with transaction.atomic():
            run_ = SyncRun.objects.create(
                integration=integration, trigger=trigger, checkpoint=integration.watermark
            )
            agenda.append(SYNC, str(integration.pk))
    except IntegrityError:
        raise Conflict("sync_running", _("A sync is under way already.")) from None
    states.show()
    return run_


@transaction.atomic
def stop(*, integration: Integration) -> bool:
    """End the run that is under way; what it took over stays. False if there is none."""
    row = _running(integration.pk)
    if row is None:
        return False
    _finish(row, SyncState.STOPPED)
    return True


def run(key: str) -> None:
    """The agenda's handler: begins what is due, then reads for two seconds."""
    integration_id = UUID(key)
    _begin_if_due(integration_id)
    agenda.in_slices(SYNC, key, lambda: not stopping.is_asked() and _page(integration_id))
    come_back(SYNC, key, due)


def due(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Connected systems with the time of their running or their next reading (the selector)."""
    rows = Integration.objects.filter(state=IntegrationState.CONNECTED)
    if key is not None:
        rows = rows.filter(pk=key)
    running = SyncRun.objects.filter(state=SyncState.RUNNING, integration__in=rows)
    times = {
        pk: max(at, blocked or at)
        for pk, at, blocked in running.values_list(
            "integration_id", "due_at", "integration__blocked_until"
        )
    }
    found = []
    for pk, following in rows.values_list("pk", "next_sync_at"):
        known = [at for at in (times.get(pk), following) if at is not None]
        if known:
            found.append((str(pk), min(known)))
    return found


@transaction.atomic
def _begin_if_due(integration_id: UUID) -> None:
    """A time that has come moves on by whole intervals from now: what was missed is done once."""
    now = timezone.now()
    row = (
        Integration.objects.select_for_update()
        .filter(pk=integration_id, state=IntegrationState.CONNECTED, next_sync_at__lte=now)
        .first()
    )
    if row is None:
        return
    row.next_sync_at = now + timedelta(minutes=row.interval_minutes)
    row.save(update_fields=["next_sync_at"])
    if _running(row.pk) is None:
        SyncRun.objects.create(
            integration=row, trigger=SyncTrigger.SCHEDULE, checkpoint=row.watermark
        )


def _page(integration_id: UUID) -> bool:
    """Read one page and take it over; False when there is nothing to read now."""
    running = SyncRun.objects.filter(state=SyncState.RUNNING, due_at__lte=timezone.now())
    free = Q(integration__blocked_until=None) | Q(integration__blocked_until__lte=timezone.now())
    row = running.filter(free, integration=integration_id).select_related("integration").first()
    if row is None:
        return False
    speaker = provider(row.integration.provider)
    try:
        page = tokens.ask(integration_id, lambda access: speaker.page(access, row.checkpoint))
        _take(row, page)
    except ProviderError as error:
        _cope(row, error)
        return False
    except Exception as error:
        log.exception("integrations.sync_crashed", run=str(row.pk))
        _cope(row, ProviderError("crashed", type(error).__name__))
        return False
    return True


@transaction.atomic
def _take(row: SyncRun, page: Page) -> None:
    """The page's contacts and the place behind it, together. Whoever was overtaken (the run was
    stopped, or read on by somebody who took over) takes nothing."""
    current = _locked(row)
    if current.state != SyncState.RUNNING or current.checkpoint != row.checkpoint:
        return
    counts: Counter[str] = applying.apply(row.integration, page.contacts)
    current.pages += 1
    current.read += len(page.contacts)
    for name, count in counts.items():
        setattr(current, name, getattr(current, name) + count)
    current.attempts, current.error = 0, ""
    if page.after is None:
        Integration.objects.filter(pk=row.integration_id).update(watermark=dict(page.watermark))
        _finish(current, SyncState.DONE)
        return
    current.checkpoint = dict(page.after)
    current.save()
    states.show()


@transaction.atomic
def _cope(row: SyncRun, error: ProviderError) -> None:
    """Wait, try again, or give up and say why; the next run begins behind the last good one."""
    current = _locked(row)
    if current.state != SyncState.RUNNING:
        return
    current.error = str(error)[:500]
    if isinstance(error, Busy):
        until = timezone.now() + timedelta(seconds=error.seconds)
        if error.code in TOLD_US:
            pacing.shrink(tokens.rate_key(row.integration))
            states.hold(row.integration, until=until)
        current.due_at = until
        current.save()
        return
    current.attempts += 1
    if isinstance(error, Revoked):
        states.stop(row.integration, code=error.code, detail=error.detail)
    if isinstance(error, Revoked | Refused) or current.attempts >= MAX_ATTEMPTS:
        _finish(current, SyncState.FAILED)
        return
    current.due_at = timezone.now() + timedelta(seconds=BACKOFF_SECONDS[current.attempts - 1])
    current.save()
    states.show()


def _locked(row: SyncRun) -> SyncRun:
    """The run as it stands, behind whoever connects another account or lets go: they lock the
    integration first, and then the run, as we do."""
    Integration.objects.select_for_update(no_key=True).get(pk=row.integration_id)
    return SyncRun.objects.select_for_update().get(pk=row.pk)


def _running(integration_id: UUID) -> SyncRun | None:
    return (
        SyncRun.objects.select_for_update()
        .filter(integration=integration_id, state=SyncState.RUNNING)
        .first()
    )


def _finish(row: SyncRun, state: SyncState) -> None:
    row.state, row.finished_at = state, timezone.now()
    row.save()
    publish(
        SyncFinished(
            integration_id=row.integration_id,
            run=row.pk,
            state=state,
            read=row.read,
            created=row.created,
            updated=row.updated,
        )
    )
    _forget_old(row.integration_id)
    states.show()


def _forget_old(integration_id: UUID) -> None:
    """The last two hundred are history enough."""
    rows = SyncRun.objects.filter(integration=integration_id).order_by("-started_at", "-id")
    old = rows.values_list("pk", flat=True)[KEPT_RUNS : KEPT_RUNS + KEPT_RUNS]
    SyncRun.objects.filter(pk__in=list(old)).delete()
