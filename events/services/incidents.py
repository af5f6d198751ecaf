"""Opening and closing incidents: one open row for each scope and cause, however often reported.

The shadow in the public schema is written in the same transaction, so the superadmin's list and
the company's own never differ.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core import scope as scopes
from core.ids import uuid7
from events.incidents import KINDS
from events.models import Incident
from tenants.models import IncidentRollup


def scope_of(noun: str, key: UUID | str) -> str:
    """What is in trouble, as rows name it: "connection:<uuid>"."""
    return f"{noun}:{key}"


@transaction.atomic
def report(
    *, kind: str, scope: str, cause: str, data: Mapping[str, Any] | None = None, url: str = ""
) -> bool:
    """Open an incident, or count one more report of the open one.

    Args:
        kind: a registered one (`events.incidents.register`).
        scope: what is in trouble (`scope_of`).
        cause: a code; another cause in the same scope is another incident.
        data: what fills the kind's sentence, as JSON values: names and dates, no secrets.
        url: where it is mended (`tenants.links.company_path`).

    Returns:
        True when it was opened now.

    Raises:
        KeyError: nobody registered the kind.
    """
    row = Incident(
        id=uuid7(), kind=KINDS[kind].code, scope=scope, cause=cause[:48], data=dict(data or {}),
        url=url,
    )  # fmt: skip
    opened = Incident.objects.bulk_create([row], ignore_conflicts=True) and _exists(row)
    if opened:
        IncidentRollup.objects.create(
            id=row.pk, company_id=scopes.required_company_id(), kind=row.kind, scope=scope,
            cause=row.cause, opened_at=row.opened_at,
        )  # fmt: skip
        return True
    standing = Incident.objects.filter(scope=scope, cause=row.cause, closed_at=None)
    standing.update(times=F("times") + 1, seen_at=timezone.now(), data=row.data)
    ids = list(standing.values_list("pk", flat=True))
    IncidentRollup.objects.filter(pk__in=ids).update(times=F("times") + 1)
    return False


@transaction.atomic
def close(*, scope: str, cause: str | None = None) -> int:
    """It is mended: close the open incidents of a scope (of one cause, if given)."""
    standing = Incident.objects.filter(scope=scope, closed_at=None)
    if cause is not None:
        standing = standing.filter(cause=cause)
    ids = list(standing.values_list("pk", flat=True))
    now = timezone.now()
    Incident.objects.filter(pk__in=ids).update(closed_at=now)
    IncidentRollup.objects.filter(pk__in=ids).update(closed_at=now)
    return len(ids)


def _exists(row: Incident) -> bool:
    """Whether our row was the one that stayed."""
    return Incident.objects.filter(pk=row.pk).exists()
