"""Who stands behind a number of the preflight: the first contacts of a cause."""

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from campaigns.models import Campaign
from campaigns.recipients import Judged, Run
from messaging import gate

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Someone:
    """A contact and where it would be reached (empty where it cannot be)."""

    contact_id: UUID
    name: str
    address: str


def people_for(campaign: Campaign, code: str, *, limit: int = SHOWN) -> list[Someone]:
    """The first contacts that the run would leave out, or let wait, for this reason.

    The audience is judged as the preflight does, up to the last one that is shown.
    """
    run, memory, seen = Run(campaign), gate.Memory(), set[str]()
    now = timezone.now()
    found: list[Someone] = []
    for people in run.chunks():
        judged = run.judge(people, seen=seen, now=now, memory=memory, foresees=True)
        found += [_someone(item) for item in judged if item.verdict.code == code]
        if len(found) >= limit:
            break
    return found[:limit]


def _someone(item: Judged) -> Someone:
    return Someone(item.person.id, item.person.name, item.address)
