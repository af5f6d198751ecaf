"""What answers mean: delivered, tried again, given up; and when an endpoint is not asked again.

Whatever came in together is written down together: the log of the attempts, the deliveries and
the health of their endpoints are a statement each. Whatever is written about a dispatch is fenced
by its state and count of attempts: who comes late, after its lease ended and somebody else took
over, changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from core import realtime, scope, statements
from events import bus
from events.services import letters
from webhooks.endpoints import addresses, notices, requests, schedule
from webhooks.endpoints.enums import (
    CLAIMABLE,
    Cause,
    DispatchState,
    EndpointOrigin,
    EndpointState,
    Failure,
)
from webhooks.endpoints.events import EndpointChanged
from webhooks.endpoints.models import Attempt, Dispatch, Endpoint
from webhooks.endpoints.services import queueing
from webhooks.endpoints.undelivered import BOX
from webhooks.endpoints.wire import Answer

TOPIC = "endpoints"
GONE = 410
TOO_MANY = 429
TOLD_AT = 3  # failures in a row, until administrators are told
KEPT_BODY = 4 * 1024
KEPT_HEADERS = 30
KEPT_VALUE = 200

_WRITE = """
    UPDATE endpoints_dispatch d
    SET state = v.state, due_at = v.due_at, last_status = v.last_status, failure = v.failure,
        finished_at = v.finished_at
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS v(
        id uuid, state text, due_at timestamptz, last_status smallint, failure text,
        finished_at timestamptz)
    WHERE d.id = v.id
"""
_WRITE_HEALTH = """
    UPDATE endpoints_endpoint e
    SET failing_since = v.failing_since, failures = v.failures, rests_until = v.rests_until,
        last_attempt_at = v.last_attempt_at, last_status = v.last_status
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS v(
        id uuid, failing_since timestamptz, failures int, rests_until timestamptz,
        last_attempt_at timestamptz, last_status smallint)
    WHERE e.id = v.id
"""


@dataclass(slots=True)
class _Batch:
    """What is to be written about some answers; the endpoints are locked.

    Attributes:
        steps: what follows for endpoints, in the order of the answers, when all is written.
    """

    now: datetime
    attempts: list[Attempt] = field(default_factory=list)
    dispatches: list[Dispatch] = field(default_factory=list)
    judged: dict[UUID, Endpoint] = field(default_factory=dict)
    steps: list[Callable[[], None]] = field(default_factory=list)

    def write(self) -> None:
        Attempt.objects.bulk_create(self.attempts)
        _write(_WRITE, self.dispatches, _COLUMNS)
        _write(_WRITE_HEALTH, self.judged.values(), _HEALTH)
        for step in self.steps:
            step()
        dead = [one for one in self.dispatches if one.state == DispatchState.DEAD]
        if given_up := sum(not one.event.is_test for one in dead):
            letters.quarantined(BOX, count=given_up)


_COLUMNS = ("id", "state", "due_at", "last_status", "failure", "finished_at")
_HEALTH = ("id", "failing_since", "failures", "rests_until", "last_attempt_at", "last_status")


@transaction.atomic
def record(answers: Sequence[Answer]) -> None:
    """Write down what came back, in one transaction."""
    if not answers:
        return
    endpoints = _locked(answers)
    under_way = _under_way(answers)
    batch = _Batch(timezone.now())
    for answer in answers:
        dispatch = under_way.get((answer.request.id, answer.request.number))
        if dispatch is not None:
            dispatch.endpoint = endpoints[dispatch.endpoint_id]
            _judge(answer, dispatch, batch)
    batch.write()
    company = scope.required_company_id()
    for endpoint in {one.endpoint_id for one in batch.dispatches}:
        realtime.push_coalesced(company, TOPIC, "dispatched", str(endpoint))


def give_up(endpoints: Collection[Endpoint]) -> None:
    """Attempts whose sender died: nobody knows what the receiver saw, so they are tried again when
    their next time comes. In the transaction of whoever holds the endpoints."""
    held, batch = {one.pk: one for one in endpoints}, _Batch(timezone.now())
    lost = Dispatch.objects.select_related("event").filter(
        endpoint__in=held, state=DispatchState.SENDING, due_at__lte=batch.now
    )
    for dispatch in lost:
        dispatch.endpoint, dispatch.failure = held[dispatch.endpoint_id], Failure.INTERRUPTED
        batch.attempts.append(
            Attempt(
                dispatch=dispatch,
                number=dispatch.attempts,
                at=batch.now,
                failure=Failure.INTERRUPTED,
            )
        )
        wait = schedule.next_wait(dispatch.pk, dispatch.attempts, retry_after=None)
        _put_back(dispatch, wait, batch)
    batch.write()


def _locked(answers: Iterable[Answer]) -> dict[UUID, Endpoint]:
    rows = Endpoint.objects.filter(pk__in={one.request.endpoint_id for one in answers})
    return {one.pk: one for one in rows.order_by("pk").select_for_update(no_key=True)}


def _under_way(answers: Iterable[Answer]) -> dict[tuple[UUID, int], Dispatch]:
    """Those that nobody gave up meanwhile, by id and attempt."""
    rows = Dispatch.objects.select_related("event").filter(
        pk__in=[one.request.id for one in answers], state=DispatchState.SENDING
    )
    return {(one.pk, one.attempts): one for one in rows}


def _judge(answer: Answer, dispatch: Dispatch, batch: _Batch) -> None:
    endpoint = dispatch.endpoint
    batch.attempts.append(_kept(answer, dispatch))
    dispatch.last_status, dispatch.failure = answer.status, answer.failure
    if dispatch.event.is_test:  # it says nothing of the endpoint's health
        _finish(dispatch, DispatchState.DEAD if answer.failure else DispatchState.DELIVERED, batch)
        return
    batch.judged[endpoint.pk] = endpoint
    endpoint.last_attempt_at, before = batch.now, endpoint.last_attempt_at
    endpoint.last_status = answer.status
    if answer.failure:
        _failed(answer, dispatch, batch, before)
    else:
        _succeeded(dispatch, batch)


def _succeeded(dispatch: Dispatch, batch: _Batch) -> None:
    """Any success ends the spell of failures."""
    endpoint = dispatch.endpoint
    _finish(dispatch, DispatchState.DELIVERED, batch)
    if endpoint.failing_since is not None:
        batch.steps.append(partial(notices.mended, endpoint))
    endpoint.failing_since, endpoint.failures, endpoint.rests_until = None, 0, None


def _failed(answer: Answer, dispatch: Dispatch, batch: _Batch, before: datetime | None) -> None:
    endpoint, now = dispatch.endpoint, batch.now
    is_overload = answer.status == TOO_MANY or answer.failure == Failure.TIMEOUT
    wait = schedule.next_wait(
        dispatch.pk,
        dispatch.attempts,
        is_overload=is_overload,
        retry_after=schedule.retry_after(answer.headers.get("retry-after", ""), now),
    )
    _put_back(dispatch, wait, batch)
    if endpoint.failing_since is None or (before and now - before > schedule.SPELL_GAP):
        endpoint.failing_since, endpoint.failures = now, 0
    endpoint.failures += 1
    if is_overload:
        endpoint.rests_until = now + schedule.OVERLOAD
    if answer.status == GONE:
        batch.steps.append(partial(_give_up_on, endpoint, Cause.GONE))
    elif now - endpoint.failing_since >= schedule.DISABLE_AFTER:
        batch.steps.append(partial(_give_up_on, endpoint, Cause.FAILING))
    elif endpoint.is_active and endpoint.failures == TOLD_AT:
        batch.steps.append(partial(notices.failing, endpoint))


def _give_up_on(endpoint: Endpoint, cause: Cause) -> None:
    """Nothing more is sent there; what waits is kept, and so is what comes. A subscription over
    REST hooks whose receiver is gone ends."""
    if endpoint.state != EndpointState.ACTIVE:
        return
    if cause == Cause.GONE and endpoint.origin == EndpointOrigin.REST_HOOK:
        end(endpoint)
        return
    endpoint.state, endpoint.cause = EndpointState.DISABLED, cause
    endpoint.save(update_fields=["state", "cause"])
    hold(endpoint)
    notices.disabled(endpoint)
    tell(endpoint, "disabled", "system")


def hold(endpoint: Endpoint) -> None:
    """Keep what waits for an endpoint that is off, for somebody to send it later."""
    waiting = Dispatch.objects.filter(endpoint=endpoint, state__in=CLAIMABLE, event__is_test=False)
    waiting.update(state=DispatchState.HELD, finished_at=timezone.now())


@transaction.atomic
def end(endpoint: Endpoint, *, actor: str = "system") -> None:
    """Delete an endpoint: its path, headers and secrets go, what was delivered stays in the log
    for as long as that is kept."""
    now = timezone.now()
    endpoint.state, endpoint.deleted_at = EndpointState.INACTIVE, now
    endpoint.headers, endpoint.url = {}, addresses.origin(endpoint.url)
    endpoint.save(update_fields=["state", "deleted_at", "headers", "url"])
    endpoint.secrets.all().delete()
    open_ones = Dispatch.objects.filter(
        endpoint=endpoint, state__in=(*CLAIMABLE, DispatchState.HELD)
    )
    open_ones.update(state=DispatchState.CANCELLED, finished_at=now)
    notices.mended(endpoint)
    queueing.declare()
    tell(endpoint, "deleted", actor)


def tell(endpoint: Endpoint, change: str, actor: str) -> None:
    """Leave a line in the company's log, in the transaction of the change."""
    fact = EndpointChanged(endpoint_id=endpoint.pk, name=endpoint.name, change=change)
    bus.publish(fact, actor=actor)


def _put_back(dispatch: Dispatch, wait: timedelta | None, batch: _Batch) -> None:
    """To be tried again after so long, unless something speaks against it."""
    if not dispatch.event.body:  # erased meanwhile
        dispatch.failure = Failure.ERASED
        _finish(dispatch, DispatchState.CANCELLED, batch)
    elif dispatch.endpoint.deleted_at:
        _finish(dispatch, DispatchState.CANCELLED, batch)
    elif dispatch.event.is_test or wait is None:
        _finish(dispatch, DispatchState.DEAD, batch)
    elif not dispatch.endpoint.is_active:
        _finish(dispatch, DispatchState.HELD, batch)  # it was switched off meanwhile
    else:
        dispatch.state, dispatch.due_at = DispatchState.WAITING, batch.now + wait
        batch.dispatches.append(dispatch)


def _finish(dispatch: Dispatch, state: DispatchState, batch: _Batch) -> None:
    dispatch.state, dispatch.finished_at = state, batch.now
    batch.dispatches.append(dispatch)


def _write(
    statement: str, objects: Iterable[Dispatch | Endpoint], columns: Collection[str]
) -> None:
    rows = [{name: getattr(one, name) for name in columns} for one in objects]
    if rows:
        statements.run(statement, rows=statements.rows(rows))


def _kept(answer: Answer, dispatch: Dispatch) -> Attempt:
    """The log of the attempt: what is needed to understand it, and no secret."""
    text = answer.body[:KEPT_BODY].decode("utf-8", "replace").replace("\0", "\ufffd")
    return Attempt(
        dispatch=dispatch,
        number=dispatch.attempts,
        at=answer.request.at,
        milliseconds=answer.milliseconds,
        status=answer.status,
        failure=answer.failure,
        request_headers=requests.shown_headers(dispatch.endpoint, answer.request.headers),
        response_headers={
            name[:KEPT_VALUE]: value[:KEPT_VALUE].replace("\0", "\ufffd")
            for name, value in list(answer.headers.items())[:KEPT_HEADERS]
        },
        response_body=text if dispatch.event.body else "",  # they may repeat what was erased
    )
