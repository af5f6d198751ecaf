"""From the outcomes of a wave to what concerns more than a message."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from connections.providers.base import FailureClass
from messaging.dispatch.claim import Claimed
from messaging.dispatch.outcomes import Outcome
from messaging.services import breakers
from messaging.services.breakers import Trouble

# Fewer failures at once say little; the next count of the run looks at them.
FEW = 3


def of(judged: Sequence[Outcome], items: Mapping[UUID, Claimed]) -> list[Trouble]:
    """The failures among the outcomes, as the breakers see them."""
    return [
        Trouble(
            klass=outcome.klass,
            code=outcome.code,
            detail=outcome.detail,
            until=outcome.due_at,
            template_id=items[outcome.id].template_id,
            stream_id=items[outcome.id].stream_id,
        )
        for outcome in judged
        if outcome.klass is not None
    ]


def runs_in_doubt(judged: Sequence[Outcome], items: Mapping[UUID, Claimed]) -> set[UUID]:
    """Runs of which so much of what just came back has failed that the breaker should look."""
    if sum(outcome.klass == FailureClass.REJECTED for outcome in judged) < FEW:
        return set()
    seen: Counter[UUID] = Counter()
    failed: Counter[UUID] = Counter()
    for outcome in judged:
        stream_id = items[outcome.id].stream_id
        if stream_id is not None:
            seen[stream_id] += 1
            failed[stream_id] += outcome.klass == FailureClass.REJECTED
    return {
        stream_id
        for stream_id, count in failed.items()
        if count >= FEW and count > breakers.FAILED_SHARE * seen[stream_id]
    }
