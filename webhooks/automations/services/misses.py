"""Events that started nothing: the last ones of each automation say why (`Miss`).

Not every one is written down: a burst at once and then one a second, of each automation and
process. So what starts nothing costs no row, however much of it comes.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from core import statements
from webhooks.automations.happening import Happening
from webhooks.automations.models import Miss

KEPT = 50
_BURST, _PER_SECOND = 20.0, 1.0
_ALLOWANCES = 5000


@dataclass(slots=True)
class Allowance:
    """How many more of an automation may be noted now, and after how many the oldest go."""

    left: float
    at: float
    until_clean: int = 0

    @property
    def is_left(self) -> bool:
        """Whether one may be noted."""
        return self.left >= 1

    def take(self) -> bool:
        """The same, and it is used up then."""
        if not self.is_left:
            return False
        self.left -= 1
        self.until_clean -= 1
        return True


@dataclass(frozen=True, slots=True)
class Missed:
    """Why an event started nothing: as `Miss` keeps it."""

    automation_id: UUID
    happening: Happening
    contact_id: UUID | None
    code: str
    lines: list[dict[str, Any]]


_allowances: OrderedDict[UUID, Allowance] = OrderedDict()


def allowance(automation_id: UUID) -> Allowance:
    """What an automation has left by now."""
    now = time.monotonic()
    found = _allowances.pop(automation_id, None) or Allowance(_BURST, now)
    found.left = min(_BURST, found.left + (now - found.at) * _PER_SECOND)
    found.at = now
    _allowances[automation_id] = found
    if len(_allowances) > _ALLOWANCES:
        _allowances.popitem(last=False)
    return found


def note(missed: Sequence[Missed], now: datetime) -> None:
    """Write them down."""
    Miss.objects.bulk_create(
        Miss(
            automation_id=one.automation_id,
            contact_id=one.contact_id,
            event_uid=one.happening.uid,
            event_type=one.happening.type,
            code=one.code,
            said={"asked": one.lines},
            at=now,
        )
        for one in missed
    )
    full = [one for one in {one.automation_id for one in missed} if _is_full(one)]
    if full:
        forget(full)


def _is_full(automation_id: UUID) -> bool:
    """Now and then, and once in the life of a process, what is behind the last ones goes."""
    found = _allowances.get(automation_id)
    if found is None or found.until_clean >= 0:
        return False
    found.until_clean = KEPT
    return True


def forget(automation_ids: Collection[UUID]) -> None:
    """Keep the last fifty of each automation."""
    statements.run(_FORGET, ids=list(automation_ids), kept=KEPT)


_FORGET = """
    DELETE FROM automations_miss m USING (
        SELECT a.id, (SELECT i.id FROM automations_miss i WHERE i.automation_id = a.id
                      ORDER BY i.id DESC OFFSET %(kept)s LIMIT 1) AS last
        FROM unnest(%(ids)s::uuid[]) AS a(id)) v
    WHERE m.automation_id = v.id AND m.id <= v.last
"""
