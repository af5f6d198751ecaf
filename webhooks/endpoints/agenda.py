"""The kinds of due work of endpoints, by name and by what is outstanding."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import F, Min, Q
from django.db.models.functions import Greatest

from webhooks.endpoints.enums import OPEN, DispatchState, EndpointState
from webhooks.endpoints.models import Dispatch, Redrive

SEND = "endpoints.send"  # key: an endpoint that has something to hear
REDRIVE = "endpoints.redrive"  # key: a Redrive under way

# Tests of an endpoint are sent whether it is on or off; what was emptied by an erasure never is.
SENDABLE = Q(event__body__gt="") & (
    Q(endpoint__state=EndpointState.ACTIVE) | Q(event__is_test=True)
)
# Whoever is at it may have died.
SEEN_TO = SENDABLE | Q(state=DispatchState.SENDING)


def unsent(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Endpoints with something to send, each with its earliest time."""
    rows = Dispatch.objects.filter(SEEN_TO, state__in=OPEN, endpoint__deleted_at=None)
    if key is not None:
        rows = rows.filter(endpoint=UUID(key))
    found = (
        rows.order_by()
        .values_list("endpoint", "endpoint__rests_until")
        .annotate(at=Greatest(Min("due_at"), F("endpoint__rests_until")))
    )
    return [(str(endpoint), at) for endpoint, _rests, at in found]


def under_way(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Redrives that are not finished."""
    rows = Redrive.objects.filter(finished_at=None)
    if key is not None:
        rows = rows.filter(pk=key)
    return [(str(pk), at) for pk, at in rows.values_list("pk", "created_at")]
