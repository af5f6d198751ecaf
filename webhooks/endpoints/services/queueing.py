"""From an event of the log to a row for each endpoint that wants it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import agenda, scope
from core.errors import Conflict
from crm.models import Contact
from events.models import Event
from events.services import interests
from tenants.models import Company
from webhooks.endpoints import catalogue
from webhooks.endpoints.agenda import SEND
from webhooks.endpoints.enums import DispatchState
from webhooks.endpoints.models import Dispatch, Endpoint, WebhookEvent
from webhooks.endpoints.outgoing import Outgoing, envelope, frozen

SUBSCRIBER = "endpoints.queue"


def queue(event: Event) -> None:
    """Handler of the company's own subscriber (`events.bus.listen`), in its transaction: what is
    there already for this event and run stays as it is."""
    endpoints = list(Endpoint.objects.hearing().only("wants_all", "types", "state", "deleted_at"))
    outgoings = catalogue.outside(event, lambda type_: any(one.wants(type_) for one in endpoints))
    if not outgoings:
        return
    freeze(outgoings, at=event.occurred_at, sequence=event.sequence)
    emptied = _emptied(outgoings)
    pairs = [
        (one, told)
        for told in outgoings
        for one in endpoints
        if one.wants(told.type) and told.id not in emptied
    ]
    Dispatch.objects.bulk_create(
        [_row(endpoint, told, event.run) for endpoint, told in pairs], ignore_conflicts=True
    )
    if any(endpoint.is_active for endpoint, _told in pairs):
        agenda.append(SEND)


@transaction.atomic
def send(
    *,
    endpoint: Endpoint,
    type: str,  # noqa: A002 -- as the envelope says
    data: Mapping[str, Any],
    key: str,
    contact_id: UUID | None = None,
) -> Dispatch:
    """Have something sent to one endpoint, whatever types it chose: signed, retried and logged as
    every delivery is.

    Args:
        type: what the envelope calls it ("automation.called").
        data: what the envelope carries, JSON values.
        key: the same key is sent once.
        contact_id: whom the data are about, so that they go when the person is erased.

    Raises:
        core.errors.Conflict: `endpoint_off`, the endpoint is switched off, disabled or deleted.
    """
    if not endpoint.is_active:
        raise Conflict("endpoint_off", _("The endpoint is off. Switch it on first."))
    told = Outgoing(uuid5(endpoint.pk, key), type, 1, dict(data), contact_id)
    freeze([told], at=timezone.now(), sequence=0)
    dispatch, _created = Dispatch.objects.get_or_create(endpoint=endpoint, event_id=told.id, run=0)
    agenda.append(SEND)
    return dispatch


def freeze(
    outgoings: Sequence[Outgoing], *, at: datetime, sequence: int, is_test: bool = False
) -> None:
    """Write bodies down, once: every attempt at every endpoint sends the bytes of then. Those of a
    contact go with it; of one that is gone already there is only the id."""
    named = {told.contact for told in outgoings if told.contact}
    standing = set(Contact.objects.filter(pk__in=named).values_list("pk", flat=True))
    company = Company.objects.only("slug").get(pk=scope.required_company_id()).slug
    WebhookEvent.objects.bulk_create(
        [
            WebhookEvent(
                id=told.id,
                type=told.type,
                body=frozen(envelope(told, at=at, company=company, sequence=sequence)).decode(),
                contact_id=told.contact if told.contact in standing else None,
                is_test=is_test,
            )
            for told in outgoings
        ],
        ignore_conflicts=True,
    )


def declare() -> None:
    """Tell the log which events the company's endpoints want from now on; call it in the
    transaction that changes one."""
    wanted: set[str] = set()
    for wants_all, types in Endpoint.objects.hearing().values_list("wants_all", "types"):
        wanted |= catalogue.facts_behind(catalogue.public_types() if wants_all else types)
    interests.declare(subscriber=SUBSCRIBER, types=wanted)


def _emptied(outgoings: Iterable[Outgoing]) -> set[UUID]:
    """Those that were written down before whom they name was erased: there is nothing to send."""
    rows = WebhookEvent.objects.filter(pk__in=[told.id for told in outgoings], body="")
    return set(rows.values_list("pk", flat=True))


def _row(endpoint: Endpoint, told: Outgoing, run: int) -> Dispatch:
    """For a disabled endpoint it is held back, until somebody sends it."""
    row = Dispatch(endpoint=endpoint, event_id=told.id, run=run)
    if not endpoint.is_active:
        row.state, row.finished_at = DispatchState.HELD, timezone.now()
    return row
