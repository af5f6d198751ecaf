"""Lists: contacts put together by hand, one by one or many at once."""

from __future__ import annotations

import re
from collections.abc import Collection
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Invalid
from crm import registry
from crm.events import ContactsListed
from crm.models import Contact, ContactList, ListMember
from crm.search import fold
from events.bus import publish
from team.models import Member

NAME_LENGTH = 80
MOST_AT_ONCE = 10_000


def create_list(*, name: str, by: Member | None = None) -> ContactList:
    """A new, empty list.

    Raises:
        core.errors.Invalid: under `name`.
        core.errors.Conflict: `list_exists`, one has this name, whatever its case and accents.
    """
    made = ContactList(created_by=by)
    _rename(made, name)
    return made


def ensure_list(*, name: str, by: Member | None = None) -> ContactList:
    """The list of this name, made if there is none.

    Raises:
        core.errors.Invalid: under `name`.
    """
    found = ContactList.objects.filter(key=_key(_name(name))).first()
    return found or create_list(name=name, by=by)


def rename_list(*, contact_list: ContactList, name: str) -> ContactList:
    """Give a list another name.

    Raises:
        core.errors.Invalid, core.errors.Conflict: as in create_list.
    """
    _rename(contact_list, name)
    return contact_list


def delete_list(*, contact_list: ContactList) -> None:
    """Forget a list; its contacts stay.

    Raises:
        core.errors.Conflict: `list_in_use`; `params["uses"]` names the audiences and campaigns
            that go by it.
    """
    uses = registry.uses_of(contact_list.pk)
    if uses:
        raise Conflict(
            "list_in_use",
            _("This list is still used: %(uses)s. Choose another one there first."),
            params={"uses": ", ".join(str(use.label) for use in uses[:5])},
        )
    contact_list.delete()


def add_contacts(
    *, contact_list: ContactList, contact_ids: Collection[UUID], actor: str = "system"
) -> int:
    """Put living contacts on a list; how many were not on it.

    Raises:
        core.errors.Invalid: under `contacts`: more than 10,000 at once.
    """
    _check_number(contact_ids)
    with transaction.atomic():
        members = ListMember.objects.filter(list=contact_list, contact_id__in=contact_ids)
        before = set(members.values_list("contact_id", flat=True))
        alive = Contact.objects.alive().filter(pk__in=set(contact_ids) - before).order_by("pk")
        added = list(alive.values_list("pk", flat=True))
        ListMember.objects.bulk_create(
            [ListMember(list=contact_list, contact_id=pk) for pk in added], ignore_conflicts=True
        )
        if added:
            publish(ContactsListed(list_id=contact_list.pk, contacts=added), actor=actor)
        return len(added)


def remove_contacts(*, contact_list: ContactList, contact_ids: Collection[UUID]) -> int:
    """Take contacts off a list; how many were on it.

    Raises:
        core.errors.Invalid: under `contacts`: more than 10,000 at once.
    """
    _check_number(contact_ids)
    members = ListMember.objects.filter(list=contact_list, contact_id__in=contact_ids)
    return members.delete()[0]


def _check_number(contact_ids: Collection[UUID]) -> None:
    if len(contact_ids) > MOST_AT_ONCE:
        raise Invalid({"contacts": _("Name at most 10,000 contacts at once.")})


def _rename(contact_list: ContactList, name: str) -> None:
    contact_list.name = _name(name)
    contact_list.key = _key(contact_list.name)
    try:
        with transaction.atomic():
            contact_list.save()
    except IntegrityError:
        raise Conflict(
            "list_exists", _("There is already a list with this name."), field="name"
        ) from None


def _name(text: str) -> str:
    name = re.sub(r"\s+", " ", text.replace("\x00", "")).strip()
    if not 0 < len(name) <= NAME_LENGTH:
        raise Invalid({"name": _("Give the list a name of at most 80 characters.")})
    return name


def _key(name: str) -> str:
    return fold(name)[:NAME_LENGTH]
