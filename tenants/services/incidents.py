"""Incidents of the platform itself, which no company sees: disks, machines, what nobody could read.

Those of a company are `events.services.incidents`, whose shadows stand in the same table.
"""

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from core.ids import uuid7
from tenants.models import IncidentRollup


@transaction.atomic
def report(*, kind: str, scope: str, cause: str) -> bool:
    """Open an incident of the platform, or count one more report of the open one.

    Returns:
        True when it was opened now.
    """
    standing = _open(kind, scope).select_for_update()
    if standing.exists():
        standing.update(times=F("times") + 1)
        return False
    IncidentRollup.objects.create(
        id=uuid7(), company=None, kind=kind, scope=scope, cause=cause, opened_at=timezone.now()
    )
    return True


def close(*, kind: str, scope: str) -> int:
    """It is mended."""
    return _open(kind, scope).update(closed_at=timezone.now())


def _open(kind: str, scope: str) -> QuerySet[IncidentRollup]:
    return IncidentRollup.objects.filter(company=None, kind=kind, scope=scope, closed_at=None)
