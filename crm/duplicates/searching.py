"""The search for contacts of one person as background work.

Ids of contacts grow with time, so those that arrived since the last search are behind a cursor: an
import asks for one look when it ends, whatever its size. Once a week everybody is compared anew,
for what changed meanwhile, in chunks of one transaction each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from core import agenda, realtime, scope
from crm.duplicates import evidence
from crm.duplicates.asking import KIND
from crm.models import Contact, DuplicateSearch, MergeSuggestion
from crm.querysets import ContactQuerySet

CHUNK = 200
LOOKS_EVERY = timedelta(days=1)
RESTARTS_EVERY = timedelta(days=7)


def due(key: str | None) -> Iterable[tuple[str, datetime]]:
    """When somebody new is to be compared; and, when everything is asked for, the next look.

    A look at one contact (`key` is its id) is not repeated: the week's finds what it would.
    """
    now = timezone.now()
    if key:
        return []
    search = DuplicateSearch.objects.first()
    if search is None:
        return [("", now)] if Contact.objects.alive().exists() else []
    if _newer(search.cursor).exists():
        return [("", now)]
    return [] if key is not None else [("", search.next_look_at)]


def run(key: str) -> None:
    """Compare one contact, or those that nobody has been compared with yet, for two seconds."""
    if key:
        with transaction.atomic():
            compare([UUID(key)])
        return
    agenda.in_slices(KIND, key, _chunk)


def begin() -> None:
    """Have a new company looked at every day."""
    search = DuplicateSearch.objects.create(
        restart_at=timezone.now() + RESTARTS_EVERY, next_look_at=timezone.now() + LOOKS_EVERY
    )
    agenda.append(KIND, due_at=search.next_look_at)


def compare(contact_ids: Collection[UUID]) -> int:
    """Write down who these contacts may be; how many pairs there are.

    Pairs that somebody decided about stay decided; open ones that have nothing in common any more
    go.
    """
    alive = set(Contact.objects.alive().filter(pk__in=contact_ids).values_list("pk", flat=True))
    found = evidence.find(alive)
    there = MergeSuggestion.objects.filter(second__in=contact_ids).open()
    stale = [
        pk
        for pk, first, second in there.values_list("pk", "first_id", "second_id")
        if (first, second) not in found
    ]
    MergeSuggestion.objects.filter(pk__in=stale).delete()
    MergeSuggestion.objects.bulk_create(
        [
            MergeSuggestion(
                first_id=first,
                second_id=second,
                evidence=codes,
                likeness=evidence.likeness(codes),
            )
            for (first, second), codes in sorted(found.items())
        ],
        update_conflicts=True,
        unique_fields=["first", "second"],
        update_fields=["evidence", "likeness"],
    )
    if found or stale:
        realtime.push_coalesced(scope.required_company_id(), "contacts", "contacts.compared", "")
    return len(found)


@transaction.atomic
def _chunk() -> bool:
    """The next contacts and the cursor behind them; False at the end."""
    now = timezone.now()
    DuplicateSearch.objects.get_or_create(
        defaults={"restart_at": now + RESTARTS_EVERY, "next_look_at": now}
    )
    search = DuplicateSearch.objects.select_for_update().get()
    if search.restart_at <= now:
        search.cursor, search.restart_at = None, now + RESTARTS_EVERY
    pks = list(_newer(search.cursor).order_by("pk").values_list("pk", flat=True)[:CHUNK])
    if pks:
        compare(pks)
        search.cursor = pks[-1]
    elif search.next_look_at <= now:
        search.next_look_at = now + LOOKS_EVERY
        agenda.append(KIND, due_at=search.next_look_at)
    search.save()
    return bool(pks)


def _newer(cursor: UUID | None) -> ContactQuerySet:
    alive = Contact.objects.alive()
    return alive if cursor is None else alive.filter(pk__gt=cursor)
