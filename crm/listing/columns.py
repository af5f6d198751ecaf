"""The columns of the list: those of every contact, the company's own fields, and what higher apps
know (`add_column`, in their AppConfig.ready()). The name always stands first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from crm import field_kinds, selectors
from crm.enums import Channel, IdentityKind, Purpose
from crm.models import Contact, ContactColumns, FieldDefinition, ListMember
from team.models import Member

OWN = "attribute:"
USUAL = ("phone", "tags", "marketing", "created")
AT_MOST = 20
Values = Mapping[UUID, Any]
Load = Callable[[HttpRequest, Sequence[Contact]], Values]


@dataclass(frozen=True, slots=True)
class Column:
    """Something that the list can say of each contact.

    Attributes:
        key: as addresses and settings name it.
        kind: how a cell is shown (crm/_cell.html): text, phone, tags, consent, time.
        load: the values of a page's contacts by id, for whoever is asking.
        sort: what the list is sorted by where it can be (`crm.listing.sorting.Sort.by`).
        permission: who may see it.
    """

    key: str
    label: str | Promise
    kind: str
    load: Load
    sort: str = ""
    permission: str = "contacts.view"


@dataclass(frozen=True, slots=True)
class Cell:
    """A column's value of one contact."""

    column: Column
    value: Any


def _of(read: Callable[[Contact], Any]) -> Load:
    return lambda _request, contacts: {contact.pk: read(contact) for contact in contacts}


def _identity(kind: str) -> Load:
    return _of(lambda contact: selectors.shown_identity(contact, kind))


def _marketing(_request: HttpRequest, contacts: Sequence[Contact]) -> Values:
    ids = [contact.pk for contact in contacts]
    return selectors.consent_state(ids, Channel.WHATSAPP, Purpose.MARKETING)


def _lists(_request: HttpRequest, contacts: Sequence[Contact]) -> Values:
    rows = ListMember.objects.filter(contact__in=[contact.pk for contact in contacts])
    found: dict[UUID, list[str]] = {}
    for contact_id, name in rows.order_by("list__key").values_list("contact_id", "list__name"):
        found.setdefault(contact_id, []).append(name)
    return {pk: ", ".join(names) for pk, names in found.items()}


_columns: dict[str, Column] = {
    column.key: column
    for column in (
        Column("phone", _("Phone"), "phone", _identity(IdentityKind.PHONE)),
        Column("email", _("E-mail"), "text", _identity(IdentityKind.EMAIL)),
        Column("external_id", _("External id"), "text", _identity(IdentityKind.EXTERNAL)),
        Column("tags", _("Tags"), "tags", _of(lambda contact: list(contact.tags.all()))),
        Column("lists", _("Lists"), "text", _lists),
        Column("marketing", _("Marketing"), "consent", _marketing),
        Column("language", _("Language"), "text", _of(lambda contact: contact.language)),
        Column("created", _("Created"), "time", _of(lambda one: one.created_at), sort="created"),
        Column(
            "active", _("Last activity"), "time", _of(lambda one: one.last_active_at), sort="active"
        ),
    )
}


def add_column(column: Column) -> None:
    """Offer a column in everybody's list.

    Raises:
        ValueError: its key is taken.
    """
    if column.key in _columns:
        message = f"the column {column.key} is registered already"
        raise ValueError(message)
    _columns[column.key] = column


def offered(can: Iterable[str]) -> dict[str, Column]:
    """All columns that somebody with these permissions may have, by key, in their order."""
    own = [_own(definition) for definition in selectors.field_definitions().values()]
    return {**_allowed(can), **{column.key: column for column in own}}


def named(keys: Iterable[str], can: Iterable[str]) -> list[Column]:
    """The columns of these keys in their order; what there is no more is left out."""
    wanted = list(dict.fromkeys(keys))[:AT_MOST]
    has_own = any(key.startswith(OWN) for key in wanted)
    known = offered(can) if has_own else _allowed(can)
    return [known[key] for key in wanted if key in known]


def _allowed(can: Iterable[str]) -> dict[str, Column]:
    held = frozenset(can)
    return {key: column for key, column in _columns.items() if column.permission in held}


def _own(definition: FieldDefinition) -> Column:
    def load(_request: HttpRequest, contacts: Sequence[Contact]) -> Values:
        return {
            contact.pk: field_kinds.show(definition, contact.attributes[definition.key])
            for contact in contacts
            if contact.attributes.get(definition.key) is not None
        }

    return Column(f"{OWN}{definition.key}", definition.label, "text", load)


def chosen_by(member: Member | None) -> tuple[str, ...]:
    """The keys that a member chose; the usual ones for who chose nothing."""
    row = ContactColumns.objects.filter(member=member).first() if member else None
    return tuple(row.keys) if row else USUAL


def check(keys: Iterable[str], can: Iterable[str]) -> list[str]:
    """Keys of columns, each once.

    Raises:
        core.errors.Invalid: under `columns`: there is no such column, or they are too many.
    """
    wanted, known = list(dict.fromkeys(keys)), offered(can)
    for key in wanted:
        if key not in known:
            sentence = _("There is no column %(key)s. Choose among: %(known)s.")
            raise Invalid({"columns": sentence % {"key": key, "known": ", ".join(known)}})
    if len(wanted) > AT_MOST:
        raise Invalid({"columns": _("Choose at most 20 columns.")})
    return wanted


def cells(
    request: HttpRequest, contacts: Sequence[Contact], columns: Iterable[Column]
) -> dict[UUID, list[Cell]]:
    """The cells of a page's contacts; each column is loaded for all of them at once."""
    loaded = [(column, column.load(request, contacts)) for column in columns]
    return {
        contact.pk: [Cell(column, values.get(contact.pk)) for column, values in loaded]
        for contact in contacts
    }
