"""One change of many contacts: those chosen on a page at once, all that a filtered list shows in
pieces of five hundred.

Each piece commits with how far it came (`ContactBulk.cursor`), so whatever dies, the next wake-up
goes on behind it. A deletion puts the moment of its request on every contact that it took; that is
how its undo finds them, and leaves alone who was deleted by somebody else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import agenda, realtime, scope
from core.errors import Conflict, DomainError, Invalid
from core.ids import uuid_of
from crm.enums import BulkAction, BulkState
from crm.events import ContactsChanged
from crm.exports.reading import FiltersGone, filters_of
from crm.listing import counting
from crm.models import Contact, ContactBulk, ContactList, Tag
from crm.services import contacts, lists
from crm.services.exports import FILTER_GONE
from crm.services.tags import ensure_tags, key_of
from events.bus import publish
from team.models import Member

KIND = "crm.bulk"
TOPIC = "contacts"
MOST_CHOSEN = 500
PIECE = 500
LIST_GONE = _("This list does not exist any more.")


@dataclass(frozen=True, slots=True)
class Change:
    """What a kind of change needs and does.

    Attributes:
        permission: whoever asks for it has this.
        check: cleans the parameters, or raises `core.errors.Invalid`.
        apply: does it to a few contacts in the caller's transaction; how many changed.
    """

    permission: str
    check: Callable[[Mapping[str, Any]], dict[str, Any]]
    apply: Callable[[ContactBulk, list[UUID]], int]


def start(
    *,
    action: str,
    ids: Collection[UUID] | None = None,
    query: str = "",
    params: Mapping[str, Any] | None = None,
    by: Member | None = None,
    actor: str = "system",
) -> ContactBulk:
    """Change contacts: those of `ids` before this returns, else all that the filters show, in the
    background.

    Args:
        query: the list's filters as its address has them (`crm.listing.filters`).
        params: `{"tags": [names]}` for tag and untag, `{"list": id}` for list and unlist.

    Raises:
        core.errors.Invalid: under `action`, `ids`, `filters`, `tags` or `list`.
    """
    if action not in CHANGES or action == BulkAction.RESTORE:
        raise Invalid({"action": _("Choose what is to be done.")})
    if ids is not None and not 0 < len(ids) <= MOST_CHOSEN:
        raise Invalid({"ids": _("Choose 1 to 500 contacts, or all that the list shows.")})
    try:
        filters = filters_of(query)
    except FiltersGone:
        raise Invalid({"filters": FILTER_GONE}) from None
    with transaction.atomic():
        bulk = ContactBulk(
            action=action,
            params=CHANGES[action].check(params or {}),
            query=filters.query() if ids is None else "",
            requested_by=by,
        )
        if ids is None:
            bulk.total = counting.count(filters.contacts).number
        return _begin(bulk, ids, actor)


def undo(*, bulk: ContactBulk, by: Member | None = None, actor: str = "system") -> ContactBulk:
    """Bring back who a deletion took, but for those whose phone or e-mail is somebody else's now.

    Raises:
        core.errors.Conflict: `bulk_running`; `bulk_not_undoable`; `bulk_undone`, it was already.
    """
    if bulk.action != BulkAction.DELETE:
        raise Conflict("bulk_not_undoable", _("Only a deletion can be undone."))
    with transaction.atomic():
        bulk = ContactBulk.objects.select_for_update().get(pk=bulk.pk)
        if bulk.state == BulkState.RUNNING:
            raise Conflict("bulk_running", _("It is still running. Undo it when it is done."))
        if ContactBulk.objects.filter(undo_of=bulk).exists():
            raise Conflict("bulk_undone", _("This was undone already."))
        back = ContactBulk(
            action=BulkAction.RESTORE, undo_of=bulk, total=bulk.changed, requested_by=by
        )
        few = list(_targets(back)[: MOST_CHOSEN + 1])
        return _begin(back, few if len(few) <= MOST_CHOSEN else None, actor)


def run(key: str) -> None:
    """The agenda's handler: two seconds of it, then the rest at the next wake-up."""
    agenda.in_slices(KIND, key, partial(_piece, UUID(key)))


def due(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Changes that are not finished (the agenda's selector)."""
    running = ContactBulk.objects.filter(state=BulkState.RUNNING)
    if key is not None:
        running = running.filter(pk=key)
    return [(str(pk), at) for pk, at in running.values_list("pk", "created_at")]


def _begin(bulk: ContactBulk, ids: Collection[UUID] | None, actor: str) -> ContactBulk:
    bulk.params["actor"] = actor
    bulk.save()
    if ids is None:
        agenda.append(KIND, str(bulk.pk))
        return bulk
    alive = _targets(bulk) if bulk.undo_of else Contact.objects.alive()
    chosen = alive.filter(pk__in=ids).order_by("pk").values_list("pk", flat=True)
    bulk.total = len(chosen)
    _apply(bulk, list(chosen))
    _finish(bulk, BulkState.DONE)
    return bulk


@transaction.atomic
def _piece(bulk_id: UUID) -> bool:
    """One piece and how far it came; False when there is no more to do."""
    running = ContactBulk.objects.select_for_update(of=("self",)).filter(state=BulkState.RUNNING)
    bulk = running.select_related("undo_of").filter(pk=bulk_id).first()
    if bulk is None:
        return False
    try:
        targets = _targets(bulk)
    except FiltersGone:
        # Everybody would be changed.
        _finish(bulk, BulkState.FAILED)
        return False
    here = targets.filter(pk__gt=bulk.cursor) if bulk.cursor else targets
    ids = list(here[:PIECE])
    _apply(bulk, ids)
    if len(ids) < PIECE:
        _finish(bulk, BulkState.DONE)
        return False
    bulk.cursor = ids[-1]
    bulk.save(update_fields=["cursor", "done", "changed"])
    realtime.push_coalesced(scope.required_company_id(), TOPIC, "bulk", str(bulk.pk))
    return True


def _targets(bulk: ContactBulk) -> QuerySet[Any, Any]:
    """The ids of whom it is about, in their order; who came later is not meant."""
    if bulk.undo_of is not None:
        rows = Contact.objects.filter(deleted_at=bulk.undo_of.created_at)
    else:
        rows = filters_of(bulk.query).contacts.filter(created_at__lte=bulk.created_at)
    return rows.order_by("pk").values_list("pk", flat=True)


def _apply(bulk: ContactBulk, ids: list[UUID]) -> None:
    if ids:
        bulk.done += len(ids)
        bulk.changed += CHANGES[bulk.action].apply(bulk, ids)


def _finish(bulk: ContactBulk, state: BulkState) -> None:
    bulk.state, bulk.finished_at = state, timezone.now()
    bulk.query = ""  # it may name somebody, and nothing asks for it any more
    actor = bulk.params.pop("actor", "system")
    bulk.save()
    fact = ContactsChanged(bulk=bulk.pk, action=bulk.action, state=state, changed=bulk.changed)
    publish(fact, actor=actor)
    realtime.push(scope.required_company_id(), TOPIC, "bulk", str(bulk.pk))


def _tags(params: Mapping[str, Any]) -> dict[str, Any]:
    names = [name for name in params.get("tags", ()) if name.strip()]
    if not names:
        raise Invalid({"tags": _("Write at least one tag.")})
    return {"tags": [tag.name for tag in ensure_tags(names=names)]}


def _known_tags(params: Mapping[str, Any]) -> dict[str, Any]:
    keys = [key_of(name) for name in params.get("tags", ()) if name.strip()]
    found = list(Tag.objects.filter(key__in=keys))
    if len(found) < max(1, len(set(keys))):
        raise Invalid({"tags": _("Write the tags as the list shows them, separated by commas.")})
    return {"tags": [tag.name for tag in found]}


def _list(params: Mapping[str, Any]) -> dict[str, Any]:
    pk = uuid_of(str(params.get("list", "")))
    if pk is None or not ContactList.objects.filter(pk=pk).exists():
        raise Invalid({"list": LIST_GONE})
    return {"list": str(pk)}


def _nothing(_params: Mapping[str, Any]) -> dict[str, Any]:
    return {}


def _tag(bulk: ContactBulk, ids: list[UUID]) -> int:
    return contacts.tag(contact_ids=ids, tags=bulk.params["tags"], actor=_actor(bulk))


def _untag(bulk: ContactBulk, ids: list[UUID]) -> int:
    keys = [key_of(name) for name in bulk.params["tags"]]
    tag_ids = list(Tag.objects.filter(key__in=keys).values_list("pk", flat=True))
    return contacts.untag(contact_ids=ids, tag_ids=tag_ids, actor=_actor(bulk))


def _enlist(bulk: ContactBulk, ids: list[UUID]) -> int:
    chosen = ContactList.objects.filter(pk=bulk.params["list"]).first()
    if chosen is None:
        return 0
    return lists.add_contacts(contact_list=chosen, contact_ids=ids, actor=_actor(bulk))


def _unlist(bulk: ContactBulk, ids: list[UUID]) -> int:
    chosen = ContactList.objects.filter(pk=bulk.params["list"]).first()
    return lists.remove_contacts(contact_list=chosen, contact_ids=ids) if chosen else 0


def _delete(bulk: ContactBulk, ids: list[UUID]) -> int:
    return contacts.delete_contacts(ids=ids, at=bulk.created_at, actor=_actor(bulk))


def _restore(bulk: ContactBulk, ids: list[UUID]) -> int:
    restored = 0
    for contact in Contact.objects.filter(pk__in=ids).order_by("pk"):
        try:
            with transaction.atomic():
                contacts.restore_contact(contact=contact, actor=_actor(bulk))
        except DomainError:
            continue  # erased, merged, or somebody else has the phone by now
        restored += 1
    return restored


def _actor(bulk: ContactBulk) -> str:
    return str(bulk.params.get("actor", "system"))


CHANGES: Mapping[str, Change] = {
    BulkAction.TAG: Change("contacts.edit", _tags, _tag),
    BulkAction.UNTAG: Change("contacts.edit", _known_tags, _untag),
    BulkAction.LIST: Change("lists.edit", _list, _enlist),
    BulkAction.UNLIST: Change("lists.edit", _list, _unlist),
    BulkAction.DELETE: Change("contacts.delete", _nothing, _delete),
    BulkAction.RESTORE: Change("contacts.delete", _nothing, _restore),
}
