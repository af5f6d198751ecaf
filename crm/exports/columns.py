"""What may stand in a file of contacts: the columns of every contact, and the company's own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from crm import field_kinds, selectors
from crm.enums import IdentityKind
from crm.exports.sheets import Cell
from crm.imports.mapping import ATTRIBUTE
from crm.models import Contact, FieldDefinition
from crm.public_ids import CONTACT

# Whether each contact agreed to marketing by WhatsApp; silent ones are left out.
Consents = Mapping[UUID, bool]


def _identity(kind: str) -> Callable[[Contact, Consents], Cell]:
    return lambda contact, _consents: selectors.shown_identity(contact, kind)


_TITLES: dict[str, str | Promise] = {
    "id": _("Id"),
    "name": _("Name"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "external_id": _("External id"),
    "tags": _("Tags"),
    "language": _("Language"),
    "opted_in": _("Agreed to marketing"),
    "created_at": _("Created at"),
    "updated_at": _("Updated at"),
}
_READERS: dict[str, Callable[[Contact, Consents], Cell]] = {
    "id": lambda contact, _consents: CONTACT.encode(contact.pk),
    "name": lambda contact, _consents: contact.name,
    "phone": _identity(IdentityKind.PHONE),
    "email": _identity(IdentityKind.EMAIL),
    "external_id": _identity(IdentityKind.EXTERNAL),
    "tags": lambda contact, _consents: [tag.name for tag in contact.tags.all()],
    "language": lambda contact, _consents: contact.language,
    "opted_in": lambda contact, consents: consents.get(contact.pk),
    "created_at": lambda contact, _consents: contact.created_at,
    "updated_at": lambda contact, _consents: contact.updated_at,
}


def offered() -> dict[str, str]:
    """Title by key, in their order: those of every contact, then the company's own fields."""
    labels = selectors.attribute_labels().items()
    own = {f"{ATTRIBUTE}{key}": label for key, label in labels}
    return {**{key: str(title) for key, title in _TITLES.items()}, **own}


def check(wanted: Iterable[str]) -> list[str]:
    """Chosen columns in the order given, each once; all that are offered if none is.

    Raises:
        core.errors.Invalid: under `columns`: there is no such column.
    """
    keys = list(dict.fromkeys(wanted))
    known = offered()
    for key in keys:
        if key not in known:
            sentence = _("There is no column %(key)s. Choose among: %(known)s.")
            raise Invalid({"columns": sentence % {"key": key, "known": ", ".join(known)}})
    return keys or list(known)


def titles(keys: Collection[str]) -> list[str]:
    """What stands above the columns; a field that is gone is called by its key."""
    known = offered()
    return [known.get(key, key.removeprefix(ATTRIBUTE)) for key in keys]


def cells(
    contact: Contact,
    keys: Iterable[str],
    consents: Consents,
    definitions: Mapping[str, FieldDefinition],
    *,
    is_for_people: bool,
) -> list[Cell]:
    """A contact's row.

    Args:
        contact: from `crm.selectors.with_details`.
        is_for_people: own fields as people read them; else as they are kept.
    """
    return [
        _READERS[key](contact, consents)
        if key in _READERS
        else _own(contact, key.removeprefix(ATTRIBUTE), definitions, is_for_people)
        for key in keys
    ]


def _own(
    contact: Contact, key: str, definitions: Mapping[str, FieldDefinition], is_for_people: bool
) -> Any:
    value = contact.attributes.get(key)
    if value is None or not is_for_people:
        return value
    return field_kinds.show(definitions[key], value) if key in definitions else str(value)
