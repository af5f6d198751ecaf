"""What is told to people about evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.duplicates import evidence
from crm.enums import FieldKind
from crm.models import Contact, FieldDefinition

SENTENCES: dict[str, str | Promise] = {
    evidence.PHONE: _("The same phone number"),
    evidence.MAILBOX: _("E-mails that reach the same mailbox"),
    evidence.DOCUMENT: _("The same CPF"),
    evidence.EXTERNAL: _("The same external id, written differently"),
    evidence.NAME_AND_DIGITS: _("The same name, and phones that end alike"),
    evidence.NAME_AND_MAIL: _("The same name, and e-mails that begin alike"),
    evidence.NAME_AND_DATE: _("The same name and the same date in a field"),
    evidence.NAME_AND_FIELD: _("The same name and the same value in a field"),
}


ABOUT_FIELDS: dict[str, str | Promise] = {
    evidence.NAME_AND_DATE: _("The same name and the same date in: %(fields)s"),
    evidence.NAME_AND_FIELD: _("The same name and the same value in: %(fields)s"),
}


def sentences(
    codes: Iterable[str], one: Contact, other: Contact, definitions: Mapping[str, FieldDefinition]
) -> list[str]:
    """The evidence, the best first; of fields those that the two still have in common are named."""
    shared: dict[str, list[str]] = {code: [] for code in ABOUT_FIELDS}
    for key in evidence.shared_fields(one.attributes, other.attributes):
        definition = definitions.get(key)
        is_date = definition is not None and definition.kind == FieldKind.DATE
        code = evidence.NAME_AND_DATE if is_date else evidence.NAME_AND_FIELD
        shared[code].append(definition.label if definition else key.capitalize())
    return [
        str(ABOUT_FIELDS[code]) % {"fields": ", ".join(shared[code])}
        if shared.get(code)
        else str(SENTENCES.get(code, code))
        for code in codes
    ]
