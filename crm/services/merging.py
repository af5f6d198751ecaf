"""Two contacts that are one person become one; and two again when that was a mistake.

What the kept contact says wins; the other fills what it leaves open. How rows follow, and what is
done where only one may be: docs/decisions/20-merge.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Invalid
from crm import lifecycle, search
from crm.duplicates.asking import look_again
from crm.enums import SuggestionState
from crm.events import ContactMerged, ContactUnmerged
from crm.models import Contact, ContactMerge, MergeSuggestion
from crm.services.contacts import MAX_ATTRIBUTES
from crm.tag_counts import recount
from events.bus import publish
from team.models import Member

COLUMNS = ("name", "attributes", "language", "timezone")


@dataclass(frozen=True, slots=True)
class Result:
    """What the kept contact will be.

    Attributes:
        attributes: of both.
        hidden: what the other says otherwise about the same fields; it comes back by an undo.
    """

    name: str
    attributes: dict[str, Any]
    language: str
    timezone: str
    hidden: dict[str, Any]


def preview(*, kept: Contact, gone: Contact) -> Result:
    """What a merge would make of the two."""
    return Result(
        name=kept.name or gone.name,
        attributes={**gone.attributes, **kept.attributes},
        language=kept.language or gone.language,
        timezone=kept.timezone or gone.timezone,
        hidden={
            key: value
            for key, value in gone.attributes.items()
            if key in kept.attributes and kept.attributes[key] != value
        },
    )


def merge_contacts(
    *, kept: Contact, gone: Contact, by: Member | None = None, actor: str = "system"
) -> ContactMerge:
    """Make two contacts one; everything of `gone` is `kept`'s afterwards.

    Raises:
        core.errors.Invalid: under `with`: they are the same, or have too many fields together.
        core.errors.Conflict: one of them was deleted meanwhile.
    """
    if kept.pk == gone.pk:
        raise Invalid({"with": _("This is the same contact. Choose another one.")})
    with transaction.atomic():
        kept, gone = _locked(kept.pk, gone.pk)
        if kept.deleted_at or gone.deleted_at:
            raise Conflict("contact_deleted", _("One of the two was deleted meanwhile."))
        merge = ContactMerge(kept=kept, gone=gone, by=by, at=timezone.now())
        merge.values = _unite(kept, gone)
        merge.moves = {one.name: one.merge(kept, gone) for one in lifecycle.participants()}
        merge.save()
        _decide(merge, SuggestionState.MERGED, by)
        gone.deleted_at = merge.at
        gone.save(update_fields=["deleted_at", "updated_at"])
        _refresh(kept, gone)
        publish(ContactMerged(contact=kept.pk, merged=gone.pk, merge=merge.pk), actor=actor)
    return merge


def undo_merge(*, merge: ContactMerge, by: Member | None = None, actor: str = "system") -> None:
    """Make them two again; what came in since the merge stays with the kept contact.

    Raises:
        core.errors.Conflict: `merge_undone`; or `merge_kept_gone`: the kept contact is deleted, or
            part of a third one by now.
    """
    with transaction.atomic():
        kept, gone = _locked(merge.kept_id, merge.gone_id)
        merge = ContactMerge.objects.select_for_update().get(pk=merge.pk)
        if merge.undone_at:
            raise Conflict("merge_undone", _("This merge is undone already."))
        if kept.deleted_at:
            raise Conflict(
                "merge_kept_gone",
                _("The contact is deleted or part of another one by now. Undo that first."),
            )
        for one in reversed(lifecycle.participants()):
            if one.name in merge.moves:
                one.undo(kept, gone, merge.moves[one.name])
        _part(kept, merge.values)
        _decide(merge, SuggestionState.DISMISSED, by)
        gone.deleted_at = None
        gone.save(update_fields=["deleted_at", "updated_at"])
        merge.undone_at, merge.undone_by = timezone.now(), by
        merge.save(update_fields=["undone_at", "undone_by"])
        _refresh(kept, gone)
        publish(ContactUnmerged(contact=kept.pk, merged=gone.pk, merge=merge.pk), actor=actor)


def _decide(merge: ContactMerge, state: SuggestionState, by: Member | None) -> None:
    """Whoever merges two decides about a suggestion of them too; who parts them again says that
    they are two. What else the two look like is another look's work."""
    both = (merge.kept_id, merge.gone_id)
    pair = MergeSuggestion.objects.filter(first__in=both, second__in=both)
    pair.update(state=state, decided_at=timezone.now(), decided_by=by)
    look_again(merge.kept_id)


def _locked(kept_id: UUID, gone_id: UUID) -> tuple[Contact, Contact]:
    """Both rows, locked in the order of their ids, so that two merges never wait in a circle."""
    rows = Contact.objects.select_for_update().filter(pk__in=[kept_id, gone_id]).order_by("pk")
    by_id = {row.pk: row for row in rows}
    return by_id[kept_id], by_id[gone_id]


def _unite(kept: Contact, gone: Contact) -> dict[str, Any]:
    """Fill what the kept contact leaves open; the columns of before and after."""
    result = preview(kept=kept, gone=gone)
    if len(result.attributes) > MAX_ATTRIBUTES:
        raise Invalid({"with": _("Together they have more than 50 fields. Take some away first.")})
    before = lifecycle.values_of(kept, COLUMNS)
    for column in COLUMNS:
        setattr(kept, column, getattr(result, column))
    kept.save(update_fields=[*COLUMNS, "updated_at"])
    return {
        "kept": before,
        "result": lifecycle.values_of(kept, COLUMNS),
        "gone": lifecycle.values_of(gone, COLUMNS),
    }


def _part(kept: Contact, values: dict[str, Any]) -> None:
    """Take from the kept contact what it had of the other, unless somebody changed it since."""
    before, after = values["kept"], values["result"]
    texts = [name for name in COLUMNS if name != "attributes"]
    lifecycle.put_back(
        kept,
        before={name: before[name] for name in texts},
        after={name: after[name] for name in texts},
    )
    taken = after["attributes"].keys() - before["attributes"].keys()
    kept.attributes = {
        key: value
        for key, value in kept.attributes.items()
        if key not in taken or value != after["attributes"][key]
    }
    kept.save(update_fields=[*COLUMNS, "updated_at"])


def _refresh(kept: Contact, gone: Contact) -> None:
    search.refresh(kept)
    search.refresh(gone)
    recount()
