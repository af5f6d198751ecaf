"""Chainable verbs over messages, and the state that people and the API see as SQL."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Case, Q, Value, When

from messaging.enums import Direction, DispatchState, PublicState, Rank

_D = DispatchState
_FAILED_LATER = Q(failed_at__isnull=False, rank__lt=Rank.DELIVERED)

# A partition, first match wins; `public_state()` says the same of one row.
STATE_RULES: tuple[tuple[Q, PublicState], ...] = (
    (Q(direction=Direction.IN), PublicState.RECEIVED),
    (
        Q(dispatch__in=[_D.PLANNED, _D.QUEUED, _D.CLAIMED, _D.RETRY_WAIT]),
        PublicState.QUEUED,
    ),
    (Q(dispatch=_D.SENDING), PublicState.SENDING),
    (Q(dispatch=_D.REJECTED), PublicState.FAILED),
    (Q(dispatch=_D.SKIPPED), PublicState.SKIPPED),
    (Q(dispatch__in=[_D.CANCELLED, _D.EXPIRED]), PublicState.CANCELLED),
    (Q(dispatch__in=[_D.UNKNOWN, _D.UNCONFIRMED]), PublicState.UNKNOWN),
    (Q(dispatch=_D.ACCEPTED) & _FAILED_LATER, PublicState.FAILED),
    (Q(dispatch=_D.ACCEPTED, rank__gte=Rank.READ), PublicState.READ),
    (Q(dispatch=_D.ACCEPTED, rank__gte=Rank.DELIVERED), PublicState.DELIVERED),
    (Q(dispatch=_D.ACCEPTED), PublicState.SENT),
)


def state_case() -> Case:
    """The public state as an SQL expression; empty for notes and system lines."""
    whens = [When(rule, then=Value(state.value)) for rule, state in STATE_RULES]
    return Case(*whens, default=Value(""), output_field=models.CharField())


class MessageQuerySet(models.QuerySet[Any]):
    """Chainable verbs over messages."""

    def with_state(self) -> "MessageQuerySet":
        """Annotates `state`, a value of PublicState."""
        return self.annotate(state=state_case())

    def in_states(self, states: Iterable[str]) -> "MessageQuerySet":
        """Messages whose public state is one of these, exactly (delivered is not sent)."""
        return self.with_state().filter(state__in=list(states))
