"""Deciding about contacts that may be one person; finding them is crm.duplicates' work."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, DomainError, Invalid
from crm.enums import Likeness, SuggestionState
from crm.events import ContactsToldApart
from crm.models import Contact, ContactMerge, MergeSuggestion
from crm.services.merging import merge_contacts
from events.bus import publish
from team.models import Member

MOST_AT_ONCE = 50
COUNTED_AT_MOST = 99


@dataclass(frozen=True, slots=True)
class Merged:
    """How many pairs became one contact, and how many did not."""

    merged: int
    left: int


def dismiss(
    *, suggestion: MergeSuggestion, by: Member | None = None, actor: str = "system"
) -> None:
    """They are two people; this pair is never suggested again.

    Raises:
        core.errors.Conflict: `suggestion_decided`.
    """
    with transaction.atomic():
        open_ = MergeSuggestion.objects.filter(pk=suggestion.pk, state=SuggestionState.OPEN)
        decided = open_.update(
            state=SuggestionState.DISMISSED, decided_at=timezone.now(), decided_by=by
        )
        if not decided:
            raise _decided()
        publish(
            ContactsToldApart(contact=suggestion.first_id, other=suggestion.second_id), actor=actor
        )


def merge(
    *,
    suggestion: MergeSuggestion,
    keep: UUID | None = None,
    by: Member | None = None,
    actor: str = "system",
) -> ContactMerge:
    """Make one contact of the two.

    Args:
        keep: the contact that stays; the older one if None.

    Raises:
        core.errors.Invalid: under `keep`: it is none of the two; others as `merge_contacts`.
        core.errors.Conflict: `suggestion_decided`; others as `merge_contacts`.
    """
    pair = (suggestion.first_id, suggestion.second_id)
    kept = keep or pair[0]
    if kept not in pair:
        raise Invalid({"keep": _("Choose one of the two contacts.")})
    if not MergeSuggestion.objects.open().filter(pk=suggestion.pk).exists():
        raise _decided()
    contacts = Contact.objects.in_bulk(pair)
    [gone] = [pk for pk in pair if pk != kept]
    return merge_contacts(kept=contacts[kept], gone=contacts[gone], by=by, actor=actor)


def merge_certain(
    *, ids: Collection[UUID], by: Member | None = None, actor: str = "system"
) -> Merged:
    """Merge pairs that are certain, each by itself and each to be undone by itself; what is not
    certain, or decided meanwhile, is left.

    Raises:
        core.errors.Invalid: under `ids`: more than 50.
    """
    if len(ids) > MOST_AT_ONCE:
        raise Invalid({"ids": _("Choose at most 50 pairs at once.")})
    certain = MergeSuggestion.objects.open().filter(pk__in=ids, likeness=Likeness.CERTAIN)
    merged = 0
    for suggestion in certain.order_by("first_id", "second_id"):
        try:
            merge(suggestion=suggestion, by=by, actor=actor)
        except DomainError:
            continue  # one of the two is part of another by now, or they do not fit
        merged += 1
    return Merged(merged, len(ids) - merged)


def _decided() -> Conflict:
    return Conflict("suggestion_decided", _("Somebody decided about these two already."))
