"""What was sent about a contact when it becomes part of another one, and when it is erased."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import lifecycle, traces
from crm.lifecycle import ERASED_AT_ONCE, Erased, Participant
from crm.traces import Scan, Subject, blanked
from webhooks.endpoints.enums import CLAIMABLE, DispatchState, Failure
from webhooks.endpoints.models import Attempt, Dispatch, WebhookEvent

ERASURE = "contact.erased"
UNSENT = (*CLAIMABLE, DispatchState.HELD, DispatchState.DEAD)


def register() -> None:
    """Called once, from AppConfig.ready()."""
    lifecycle.register(
        EventParticipant(
            WebhookEvent,
            exported=["type", "created_at"],
            erased=Erased.DELETED,
            label=_("Sent webhooks"),
            is_use=False,
        )
    )
    said = WebhookEvent.objects.exclude(type=ERASURE).exclude(body="")
    traces.add_place(
        Scan(WebhookEvent, ["body"], _emptied, rows=lambda _: said.all(), label=_("Sent webhooks"))
    )
    # Receivers may repeat what they were told.
    traces.add_place(
        Scan(Attempt, ["response_body"], blanked(response_body=""), label=_("Sent webhooks"))
    )


class EventParticipant(Participant):
    """Bodies stay as the fact that something was sent: what they said goes, and what did not leave
    yet never does. An event that says that the person is erased names nobody, and is told."""

    def erase(self, contacts: Collection[UUID]) -> int:
        rows = self._of(contacts).exclude(type=ERASURE).exclude(body="")
        return _empty(rows.order_by("pk").values_list("pk", flat=True)[:ERASED_AT_ONCE])


def _emptied(rows: QuerySet[WebhookEvent], _subject: Subject) -> int:
    return _empty(rows.values_list("pk", flat=True))


def _empty(found: Iterable[UUID]) -> int:
    keys = list(found)
    unsent = Dispatch.objects.filter(event__in=keys, state__in=UNSENT)
    unsent.update(state=DispatchState.CANCELLED, failure=Failure.ERASED, finished_at=timezone.now())
    Attempt.objects.filter(dispatch__event__in=keys).update(response_body="")
    WebhookEvent.objects.filter(pk__in=keys).update(body="")
    return len(keys)
