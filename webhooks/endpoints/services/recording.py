"""What an answer means: delivered, tried again, given up; and when an endpoint is not asked again.

Whatever is written about a dispatch is fenced by its state and count of attempts: who comes late,
after its lease ended and somebody else took over, changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from core import realtime, scope
from events import bus
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
from webhooks.endpoints.wire import Answer

TOPIC = "endpoints"
GONE = 410
TOO_MANY = 429
TOLD_AT = 3  # failures in a row, until administrators are told
KEPT_BODY = 4 * 1024
KEPT_HEADERS = 30
KEPT_VALUE = 200


def record(answers: Sequence[Answer]) -> None:
    """Write down what came back, each in a transaction of its own."""
    for answer in answers:
        _record(answer)


def give_up(lost: Collection[Dispatch], endpoint: Endpoint) -> None:
    """Attempts whose sender died: nobody knows what the receiver saw, so they are tried again when
    their next time comes. In the transaction of whoever holds the endpoint."""
    now = timezone.now()
    for dispatch in lost:
        Attempt.objects.create(
            dispatch=dispatch, number=dispatch.attempts, at=now, failure=Failure.INTERRUPTED
        )
        wait = schedule.next_wait(dispatch.pk, dispatch.attempts, retry_after=None)
        _put_back(dispatch, endpoint, wait, now, failure=Failure.INTERRUPTED)


@transaction.atomic
def _record(answer: Answer) -> None:
    asked = answer.request
    endpoint = Endpoint.objects.select_for_update(no_key=True).get(pk=asked.endpoint_id)
    sending = Dispatch.objects.select_related("event").filter(state=DispatchState.SENDING)
    dispatch = sending.filter(pk=asked.id, attempts=asked.number).first()
    if dispatch is None:
        return
    dispatch.endpoint, now = endpoint, timezone.now()
    _keep(answer, dispatch)
    dispatch.last_status, dispatch.failure = answer.status, answer.failure
    if dispatch.event.is_test:  # it says nothing of the endpoint's health
        _finish(dispatch, DispatchState.DEAD if answer.failure else DispatchState.DELIVERED, now)
    else:
        _judge(answer, dispatch, endpoint, now)
    company = scope.required_company_id()
    realtime.push_coalesced(company, TOPIC, "dispatched", str(endpoint.pk))


def _judge(answer: Answer, dispatch: Dispatch, endpoint: Endpoint, now: datetime) -> None:
    endpoint.last_attempt_at, before = now, endpoint.last_attempt_at
    endpoint.last_status = answer.status
    if answer.failure:
        _failed(answer, dispatch, endpoint, now, before)
    else:
        _succeeded(dispatch, endpoint, now)


def _succeeded(dispatch: Dispatch, endpoint: Endpoint, now: datetime) -> None:
    """Any success ends the spell of failures."""
    _finish(dispatch, DispatchState.DELIVERED, now)
    if endpoint.failing_since is not None:
        notices.mended(endpoint)
    endpoint.failing_since, endpoint.failures, endpoint.rests_until = None, 0, None
    _save_health(endpoint)


def _failed(
    answer: Answer, dispatch: Dispatch, endpoint: Endpoint, now: datetime, before: datetime | None
) -> None:
    is_overload = answer.status == TOO_MANY or answer.failure == Failure.TIMEOUT
    wait = schedule.next_wait(
        dispatch.pk,
        dispatch.attempts,
        is_overload=is_overload,
        retry_after=schedule.retry_after(answer.headers.get("retry-after", ""), now),
    )
    _put_back(dispatch, endpoint, wait, now, failure=answer.failure)
    if endpoint.failing_since is None or (before and now - before > schedule.SPELL_GAP):
        endpoint.failing_since, endpoint.failures = now, 0
    endpoint.failures += 1
    if is_overload:
        endpoint.rests_until = now + schedule.OVERLOAD
    _save_health(endpoint)
    if answer.status == GONE:
        _give_up_on(endpoint, Cause.GONE)
    elif now - endpoint.failing_since >= schedule.DISABLE_AFTER:
        _give_up_on(endpoint, Cause.FAILING)
    elif endpoint.is_active and endpoint.failures == TOLD_AT:
        notices.failing(endpoint)


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


def _put_back(
    dispatch: Dispatch, endpoint: Endpoint, wait: timedelta | None, now: datetime, *, failure: str
) -> None:
    dispatch.failure = failure
    if not dispatch.event.body or endpoint.deleted_at:  # erased or deleted meanwhile
        _finish(dispatch, DispatchState.CANCELLED, now)
    elif dispatch.event.is_test or wait is None:
        _finish(dispatch, DispatchState.DEAD, now)
    elif not endpoint.is_active:
        _finish(dispatch, DispatchState.HELD, now)  # it was switched off meanwhile
    else:
        dispatch.state, dispatch.due_at = DispatchState.WAITING, now + wait
        dispatch.save(update_fields=["state", "due_at", "last_status", "failure"])


def _finish(dispatch: Dispatch, state: DispatchState, now: datetime) -> None:
    dispatch.state, dispatch.finished_at = state, now
    dispatch.save(update_fields=["state", "finished_at", "last_status", "failure"])


def _save_health(endpoint: Endpoint) -> None:
    endpoint.save(
        update_fields=[
            "failing_since", "failures", "rests_until", "last_attempt_at", "last_status",
        ]
    )  # fmt: skip


def _keep(answer: Answer, dispatch: Dispatch) -> None:
    """The log of the attempt: what is needed to understand it, and no secret."""
    text = answer.body[:KEPT_BODY].decode("utf-8", "replace").replace("\0", "\ufffd")
    Attempt.objects.create(
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
