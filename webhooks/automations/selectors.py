"""Reads of automations shaped for pages and endpoints."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from core.errors import NotFound
from webhooks.automations.enums import LIVE, Outcome, RunState
from webhooks.automations.models import Automation, DryRun, DryRunItem, Miss, Run, RunStep, Version

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Activity:
    """What an automation did lately, counted from its runs.

    Attributes:
        today: runs that began in the last 24 hours.
        waiting: runs that are under way now.
        failing: runs of the last seven days that failed.
    """

    today: int = 0
    week: int = 0
    waiting: int = 0
    failing: int = 0
    last_at: datetime | None = None


def automation_list(*, q: str = "", state: str = "") -> QuerySet[Automation]:
    """Automations that are there, the newest first."""
    rows = Automation.objects.filter(deleted_at=None).select_related("current", "created_by")
    if q.strip():
        rows = rows.filter(name__icontains=q.strip()[:120])
    if state:
        rows = rows.filter(state=state)
    return rows.order_by("-created_at", "-id")


def automation(pk: UUID) -> Automation:
    """One that is there.

    Raises:
        core.errors.NotFound: there is none.
    """
    found = automation_list().filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def activity(automation_ids: Collection[UUID]) -> dict[UUID, Activity]:
    """What each did lately, in one query."""
    now = timezone.now()
    lately = Q(started_at__gte=now - WEEK) | Q(state__in=LIVE)
    rows = (
        Run.objects.filter(lately, automation__in=automation_ids)
        .exclude(state=RunState.SKIPPED)
        .order_by()
        .values_list("automation")
        .annotate(
            today=Count("pk", filter=Q(started_at__gte=now - timedelta(days=1))),
            week=Count("pk", filter=Q(started_at__gte=now - WEEK)),
            waiting=Count("pk", filter=Q(state__in=LIVE)),
            failing=Count("pk", filter=Q(state=RunState.FAILED)),
            last=Max("started_at"),
        )
    )
    found = {pk: Activity(*counts) for pk, *counts in rows}
    return {pk: found.get(pk, Activity()) for pk in automation_ids}


def run_list(
    *,
    automation_id: UUID | None = None,
    contact_id: UUID | None = None,
    event_uid: UUID | None = None,
    state: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> QuerySet[Run]:
    """Runs, the newest first, with their automation, version number and contact."""
    rows = Run.objects.select_related("automation", "version", "contact")
    wanted = {
        "automation": automation_id,
        "contact": contact_id,
        "event_uid": event_uid,
        "started_at__gte": since,
        "started_at__lt": until,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    if state:
        rows = rows.filter(state=state)
    return rows.defer("contact__search").order_by("-started_at", "-id")


def run(pk: UUID) -> Run:
    """One with its steps (`run.steps.all()`).

    Raises:
        core.errors.NotFound: there is none.
    """
    found = run_list().prefetch_related("steps").filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def refused_among(runs: Collection[UUID]) -> set[UUID]:
    """Those of the runs that a rule kept from doing a step."""
    rows = RunStep.objects.filter(run__in=runs, outcome=Outcome.REFUSED)
    return set(rows.values_list("run", flat=True))


def misses(automation_id: UUID) -> list[Miss]:
    """The last events that started nothing, the latest first; fifty at most."""
    rows = Miss.objects.filter(automation=automation_id).select_related("contact")
    return list(rows.defer("contact__search").order_by("-id")[:50])


def versions(automation_id: UUID) -> QuerySet[Version]:
    """All versions, the newest first."""
    rows = Version.objects.filter(automation=automation_id).select_related("author")
    return rows.order_by("-number")


def dry_runs(automation_id: UUID) -> QuerySet[DryRun]:
    """The dry runs of an automation, the newest first."""
    rows = DryRun.objects.filter(automation=automation_id).select_related("requested_by", "against")
    return rows.order_by("-created_at", "-id")


def dry_run(pk: UUID) -> DryRun:
    """One of an automation that is there.

    Raises:
        core.errors.NotFound: there is none.
    """
    rows = DryRun.objects.select_related("automation", "against")
    found = rows.filter(pk=pk, automation__deleted_at=None).first()
    if found is None:
        raise NotFound
    return found


def dry_run_items(
    dry_run_id: UUID, *, starts: bool | None = None, differs: bool | None = None
) -> QuerySet[DryRunItem]:
    """Its events one by one, in their order."""
    rows = DryRunItem.objects.filter(dry_run=dry_run_id).select_related("contact")
    if starts is not None:
        rows = rows.filter(starts=starts)
    if differs is not None:
        rows = rows.filter(differs=differs)
    return rows.defer("contact__search").order_by("id")
