"""Undelivered events sent once more: one, or all of a filter in pieces of five hundred."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import agenda
from core.errors import Conflict
from team.models import Member
from webhooks.endpoints.agenda import REDRIVE, SEND
from webhooks.endpoints.enums import OPEN, REDRIVABLE, DispatchState, EndpointState
from webhooks.endpoints.models import Dispatch, Endpoint, Redrive

PIECE = 500


@transaction.atomic
def retry(*, dispatch: Dispatch) -> None:
    """Send one event once more, now, with the same id and the same bytes: an undelivered one, one
    that waits for its next attempt, or one that arrived.

    Raises:
        core.errors.Conflict: `endpoint_off`; `being_sent`, it is on its way at this moment.
    """
    endpoint = Endpoint.objects.select_for_update(no_key=True).get(pk=dispatch.endpoint_id)
    rows = Dispatch.objects.select_related("event").select_for_update(of=("self",))
    dispatch = rows.get(pk=dispatch.pk)
    if not endpoint.is_active:
        raise Conflict(
            "endpoint_off", _("The endpoint is off. Activate it first, then send this again.")
        )
    if dispatch.state == DispatchState.SENDING:
        raise Conflict("being_sent", _("It is being sent at this moment."))
    if not dispatch.event.body:
        raise Conflict("erased", _("Whom it was about was erased, and with them what it said."))
    if dispatch.state not in OPEN:
        dispatch.attempts = 0
    dispatch.state, dispatch.due_at = DispatchState.PENDING, timezone.now()
    dispatch.finished_at = None
    dispatch.save(update_fields=["state", "due_at", "finished_at", "attempts"])
    # Whoever asks does not wait for the receiver's rest.
    Endpoint.objects.filter(pk=endpoint.pk).update(rests_until=None)
    agenda.append(SEND)


@transaction.atomic
def redrive(
    *,
    endpoint: Endpoint | None = None,
    type: str = "",  # noqa: A002 -- as the catalogue says
    state: str = "",
    by: Member | None = None,
) -> Redrive:
    """Send all undelivered events of a filter once more, in the background; those of endpoints
    that are off stay.

    Args:
        state: dead or held; both if empty.

    Raises:
        core.errors.Conflict: `endpoint_off`, of the one that is named.
    """
    if endpoint is not None and not endpoint.is_active:
        raise Conflict("endpoint_off", _("The endpoint is off. Activate it first."))
    asked = Redrive.objects.create(endpoint=endpoint, type=type, state=state, requested_by=by)
    agenda.append(REDRIVE, str(asked.pk))
    return asked


def run(key: str) -> None:
    """The agenda's handler: two seconds of a redrive, then the rest at the next wake-up."""
    agenda.in_slices(REDRIVE, key, partial(_piece, UUID(key)))


def matching(*, endpoint_id: UUID | None, type_: str, state: str) -> QuerySet[Dispatch]:
    """Undelivered events of a filter, tests apart."""
    rows = Dispatch.objects.filter(
        state__in=[state] if state in REDRIVABLE else REDRIVABLE,
        event__is_test=False,
        event__body__gt="",
        endpoint__deleted_at=None,
    )
    if endpoint_id is not None:
        rows = rows.filter(endpoint=endpoint_id)
    return rows.filter(event__type=type_) if type_ else rows


@transaction.atomic
def _piece(redrive_id: UUID) -> bool:
    """Five hundred of them; False when none is left. What failed again since is not taken again."""
    asked = Redrive.objects.select_for_update().filter(pk=redrive_id, finished_at=None).first()
    if asked is None:
        return False
    rows = matching(endpoint_id=asked.endpoint_id, type_=asked.type, state=asked.state).filter(
        endpoint__state=EndpointState.ACTIVE, finished_at__lte=asked.created_at
    )
    found = list(rows.order_by("id").values_list("pk", flat=True)[:PIECE])
    now = timezone.now()
    count = Dispatch.objects.filter(pk__in=found, state__in=REDRIVABLE).update(
        state=DispatchState.PENDING, attempts=0, due_at=now, finished_at=None
    )
    if count:
        agenda.append(SEND)
    asked.count += count
    asked.finished_at = now if len(found) < PIECE else None
    asked.save(update_fields=["count", "finished_at"])
    return asked.finished_at is None
