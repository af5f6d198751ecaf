"""May this company, through this number, send this kind at all?"""

from collections.abc import Sequence
from datetime import timedelta

from connections.enums import ConnectionState
from connections.models import Connection
from connections.selectors import provider_of
from messaging.gate import Candidate, Moment, Verdict, Verdicts, delay, deny

# A number that is paused or stopped without an end is asked about again by the fact that ends it.
LOOK_AGAIN = timedelta(minutes=10)


def company(batch: Sequence[Candidate], moment: Moment) -> Verdicts:
    """Nothing leaves a suspended company."""
    if moment.company.is_active:
        return {}
    until = moment.now + LOOK_AGAIN
    return {item.id: delay("company_suspended", until) for item in batch}


def state(batch: Sequence[Candidate], moment: Moment) -> Verdicts:
    """A paused or stopped number waits; a released one never sends again."""
    rows = moment.connections(batch)
    stopped = {pk: verdict for pk, row in rows.items() if (verdict := _stop(row, moment))}
    if not stopped:
        return {}
    return {item.id: stopped[item.connection_id] for item in batch if item.connection_id in stopped}


def kind(batch: Sequence[Candidate], moment: Moment) -> Verdicts:
    """What the provider cannot carry is refused here, not there."""
    kinds = {
        pk: provider_of(row).capabilities.kinds for pk, row in moment.connections(batch).items()
    }
    return {
        item.id: deny("kind_unsupported", kind=item.kind)
        for item in batch
        if item.kind not in kinds[item.connection_id]
    }


def _stop(row: Connection, moment: Moment) -> Verdict | None:
    if row.deleted_at is not None or row.state == ConnectionState.RELEASED:
        return deny("connection_released")
    if row.state == ConnectionState.STOPPED:
        return delay("connection_stopped", moment.now + LOOK_AGAIN, reason=row.state_code)
    if row.state == ConnectionState.PAUSED:
        until = row.paused_until or moment.now + LOOK_AGAIN
        if until > moment.now:
            return delay("connection_paused", until, reason=row.state_code)
    return None
