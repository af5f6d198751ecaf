"""Runs go on: each step in one transaction with what it does and its line in the log.

A run is claimed by moving its `wake_at` a lease ahead and counting the attempt, in a transaction
of its own; so a step that kills its worker counts too, and after five tries the run fails with its
cause while all others go on. What a step did has committed together with where the run stands, and
a message has the key of its run and step: nothing is done twice, whatever dies in between.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from core import agenda, scope, statements
from core.errors import DomainError
from core.ratelimit import Limiter
from crm.models import Contact
from events import bus
from events.services import incidents, letters
from messaging.dispatch import failpoints
from webhooks.automations import registry, related
from webhooks.automations.agenda import RUN
from webhooks.automations.compiled import Compiled, Step, compiled
from webhooks.automations.definition import BRANCH
from webhooks.automations.enums import LIVE, Outcome, RunState
from webhooks.automations.failed_runs import BOX
from webhooks.automations.happening import Happening, actor_of
from webhooks.automations.models import Run, RunStep
from webhooks.automations.notices import FAILING
from webhooks.automations.registry import Doing, Done, Wait
from webhooks.automations.scene import Scene
from webhooks.automations.services import waking

log = structlog.get_logger(__name__)

SLICE_SECONDS = 2.0
BATCH = 50
BURST_SECONDS = 10
SOONEST = 0.1
MAX_ATTEMPTS = 5
BACKOFF_SECONDS = (5, 30, 300, 1800)
RATE = Limiter("automations")
BETWEEN_STEPS = "between_steps"  # a test lets the process die here (failpoints)
_NAMESPACE = uuid.UUID("0196f0a4-7c1e-7a55-9d53-6b6f1f0e7a11")

_CLAIM = """
    UPDATE automations_run SET attempts = attempts + 1, wake_at = %(until)s
    WHERE id IN (
        SELECT id FROM automations_run
        WHERE state IN ('running', 'waiting') AND wake_at <= %(now)s
        ORDER BY wake_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
    RETURNING id
"""


def run_due(_key: str) -> None:
    """The agenda's handler: two seconds of what is due, then the rest at the next wake-up."""
    ends_at = time.monotonic() + SLICE_SECONDS
    while time.monotonic() < ends_at:
        wanted = _waiting()
        if not wanted:
            return
        granted, wait = _share(wanted)
        if not granted:
            _again(timezone.now() + timedelta(seconds=max(wait, SOONEST)))
            return
        for run_id in _claim(granted):
            advance(run_id)
    _again(None)


def due(_key: str | None) -> Iterable[tuple[str, datetime]]:
    """When the next run goes on (the agenda's selector); at most one entry."""
    at = Run.objects.filter(state__in=LIVE).aggregate(at=Min("wake_at"))["at"]
    return [("", at)] if at is not None else []


def advance(run_id: UUID) -> None:
    """Go on with a claimed run until it waits or is over."""
    try:
        while _step(run_id):
            failpoints.reach(BETWEEN_STEPS)
    except Exception as error:
        log.exception("automations.step_failed", run=str(run_id))
        _record_failure(run_id, f"{type(error).__name__}: {error}"[:500])


def _lease() -> timedelta:
    """A run whose worker died is taken again after so long, as a sender's messages are."""
    return timedelta(seconds=settings.SEND_LEASE_SECONDS)


def _waiting() -> int:
    """How many runs are due, up to a batch: only what is there uses the rate up."""
    due_now = Run.objects.filter(state__in=LIVE, wake_at__lte=timezone.now())
    return due_now.order_by()[:BATCH].count()


def _share(wanted: int) -> tuple[int, float]:
    """How many runs of this company may go on now, and when the next may: one company's storm
    keeps no worker from the others."""
    rate = settings.AUTOMATION_RUNS_PER_SECOND
    key = str(scope.required_company_id())
    return RATE.take(key, rate=rate, burst=int(rate * BURST_SECONDS), want=wanted)


def _again(at: datetime | None) -> None:
    with transaction.atomic():
        agenda.append(RUN, "", at)


@transaction.atomic
def _claim(limit: int) -> list[UUID]:
    now = timezone.now()
    rows = statements.run(_CLAIM, now=now, until=now + _lease(), limit=limit)
    return [pk for (pk,) in rows]


@transaction.atomic
def _step(run_id: UUID) -> bool:
    """One step; False when there is no next one now."""
    rows = Run.objects.select_for_update(of=("self",), skip_locked=True)
    run = rows.filter(pk=run_id, state__in=LIVE).first()
    if run is None:
        return False
    if run.attempts > MAX_ATTEMPTS:
        _fail(run, run.error or "the process died while doing it")
        return False
    now = timezone.now()
    scene = Scene(Happening.of_run(run), run.contact_id, now=now)
    if run.contact_id is not None and not _is_there(run.contact_id):
        return _end(run, RunState.STOPPED, "contact_gone")
    plan = _plan(run)
    step = plan.steps.get(run.position)
    if step is None:
        return _end(run, RunState.DONE)
    with bus.caused_by(actor_of(run.automation_id, run.depth)):
        return _do(run, plan, step, scene)


def _is_there(contact_id: UUID) -> bool:
    return Contact.objects.alive().filter(pk=contact_id).exists()


def _do(run: Run, plan: Compiled, step: Step, scene: Scene) -> bool:
    if step.kind == BRANCH:
        return _branch(run, plan, step, scene)
    wait = registry.wait_of(step.kind)
    if wait is not None:
        return _wait(run, plan, step, wait, scene)
    return _act(run, plan, step, scene)


def _act(run: Run, plan: Compiled, step: Step, scene: Scene) -> bool:
    action = registry.action_of(step.kind)
    if action is None:
        done = Done(Outcome.REFUSED, "step_unknown")
    elif action.needs_contact and run.contact_id is None:
        done = Done(Outcome.REFUSED, "no_contact")
    else:
        doing = Doing(
            run_id=run.pk,
            step=step.id,
            key=uuid.uuid5(_NAMESPACE, f"{run.pk}:{step.id}"),
            actor=actor_of(run.automation_id, run.depth),
        )
        try:
            with transaction.atomic():
                done = action.do(scene, step.params, doing)
        except DomainError as error:
            done = Done(Outcome.REFUSED, error.code[:48], {"why": _why(error)})
    _note(run, step, done)
    if action is not None and action.ends:
        return _end(run, RunState.STOPPED, "step")
    return _move(run, plan, step.next)


def _branch(run: Run, plan: Compiled, step: Step, scene: Scene) -> bool:
    assert step.test is not None  # noqa: S101 -- a branch has one
    assert step.ways is not None  # noqa: S101 -- and two ways
    answer = step.test.ask(scene)
    outcome = Outcome.HELD if answer.held else Outcome.NOT_HELD
    _note(run, step, Done(outcome, "", {"asked": answer.lines}))
    return _move(run, plan, step.ways[0 if answer.held else 1])


def _wait(run: Run, plan: Compiled, step: Step, wait: Wait, scene: Scene) -> bool:
    """Begin to wait, or end it: since what is waited for came, or since the time is over."""
    types = list(wait.types(step.params)) if wait.types else []
    if types:
        waking.hold_all(scene.happening, [run.contact_id])
        found = related.came(
            scene.happening, run.contact_id, types, since=run.heard_from, now=scene.now
        )
        if found is not None:
            said = {"came": found.type, "event": str(found.uid)}
            return _go_on(run, plan, step, said, way=0)
    if run.state != RunState.WAITING or run.wait_until is None:
        return _begin_waiting(run, wait.until(step.params, scene.now, scene), types)
    if scene.now < run.wait_until:
        return _begin_waiting(run, run.wait_until, types)  # woken for nothing
    if scene.now > run.wait_until + timedelta(hours=int(plan.limits["late_hours"])):
        return _end(run, RunState.STOPPED, "too_late")
    return _go_on(run, plan, step, {"came": ""} if types else {}, way=1)


def _begin_waiting(run: Run, until: datetime, types: list[str]) -> bool:
    run.state, run.wait_until, run.wake_at = RunState.WAITING, until, until
    run.waits_for, run.attempts = types, 0
    run.save(update_fields=["state", "wait_until", "wake_at", "waits_for", "attempts"])
    agenda.append(RUN, "", until)
    return False


def _go_on(run: Run, plan: Compiled, step: Step, said: dict[str, str], *, way: int) -> bool:
    _note(run, step, Done(Outcome.WAITED, "", said))
    run.heard_from = timezone.now()
    return _move(run, plan, step.ways[way] if step.ways else step.next)


def _move(run: Run, plan: Compiled, position: str) -> bool:
    """Stand before the next step, claimed for it already; without one it is over."""
    if position not in plan.steps:
        run.position, run.error = position, ""
        return _end(run, RunState.DONE)
    run.position, run.state = position, RunState.RUNNING
    run.attempts, run.error = 1, ""
    run.waits_for, run.wait_until = [], None
    run.wake_at = timezone.now() + _lease()
    run.save(
        update_fields=[
            "position", "state", "attempts", "error", "waits_for", "wait_until", "wake_at",
            "heard_from",
        ]
    )  # fmt: skip
    return True


def _end(run: Run, state: RunState, code: str = "") -> bool:
    run.state, run.code, run.finished_at = state, code, timezone.now()
    run.wake_at, run.waits_for, run.wait_until = None, [], None
    run.save(
        update_fields=[
            "position", "state", "code", "error", "finished_at", "wake_at", "waits_for",
            "wait_until", "heard_from",
        ]
    )  # fmt: skip
    return False


def _note(run: Run, step: Step, done: Done) -> None:
    RunStep.objects.create(
        run=run,
        step=step.id,
        kind=step.kind,
        outcome=done.outcome,
        code=done.code[:48],
        said=dict(done.said),
    )


def _why(error: DomainError) -> str:
    """What a service said, with what it said of single fields."""
    errors = getattr(error, "errors", None)
    if not errors:
        return error.text[:300]
    return " ".join(str(one.message) for found in errors.values() for one in found)[:300]


@transaction.atomic
def _record_failure(run_id: UUID, error: str) -> None:
    run = Run.objects.select_for_update(of=("self",)).filter(pk=run_id, state__in=LIVE).first()
    if run is None:
        return
    if run.attempts >= MAX_ATTEMPTS:
        _fail(run, error)
        return
    wait = BACKOFF_SECONDS[min(run.attempts, len(BACKOFF_SECONDS)) - 1]
    run.error, run.wake_at = error, timezone.now() + timedelta(seconds=wait)
    run.save(update_fields=["error", "wake_at"])
    agenda.append(RUN, "", run.wake_at)


def _fail(run: Run, error: str) -> None:
    """Given up, with its cause, where people look."""
    run.error = error[:500]
    run.save(update_fields=["error"])
    RunStep.objects.get_or_create(
        run=run,
        step=run.position,
        defaults={
            "kind": _kind(run),
            "outcome": Outcome.FAILED,
            "code": "crashed",
            "said": {"error": run.error},
        },
    )
    _end(run, RunState.FAILED, "crashed")
    letters.quarantined(BOX)
    log.error("automations.run_failed", run=str(run.pk))
    incidents.report(
        kind=FAILING,
        scope=incidents.scope_of("automation", run.automation_id),
        cause="failing",
        data={"name": run.automation.name},
    )


def _kind(run: Run) -> str:
    step = _plan(run).steps.get(run.position)
    return step.kind if step else ""


def _plan(run: Run) -> Compiled:
    """Its version as the engine reads it; read from the database once for each process."""
    plan = compiled(run.version_id, None) or compiled(run.version_id, run.version.definition)
    assert plan is not None  # noqa: S101 -- it was given
    return plan
