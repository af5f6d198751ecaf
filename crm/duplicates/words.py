"""What is told to people about evidence."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm.duplicates import evidence

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


def sentences(codes: Iterable[str]) -> list[str]:
    """The evidence, the best first."""
    return [str(SENTENCES.get(code, code)) for code in codes]
