"""The rows that an undo left as they are, all or in part: who they are about, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Prefetch
from django.http import HttpResponse
from django.utils.translation import gettext as _

from core.ui.formatting import phone
from crm import csv_export
from crm.enums import IdentityKind
from crm.imports.undo_reasons import Outcome, sentence
from crm.models import Contact, Import, ImportRow
from crm.selectors import shown_identity, with_details

# What a row says that was taken back whole, or of which nothing was left.
SETTLED = ("", Outcome.TAKEN_OUT.value, Outcome.GIVEN_BACK.value, Outcome.UNCHANGED.value)
AT_ONCE = 500


def kept(batch: Import, limit: int | None = None) -> Iterator[dict[str, Any]]:
    """The rows that stayed, in the order of the file: `number`, `contact` (None: deleted), `name`
    and `reason`."""
    contacts = Prefetch("contact", with_details(Contact.objects.all()))
    rows = ImportRow.objects.filter(batch=batch, contact__isnull=False).exclude(undo__in=SETTLED)
    ordered = rows.prefetch_related(contacts).order_by("number")[:limit]
    yield from map(_shown, ordered.iterator(chunk_size=AT_ONCE))


def response(batch: Import) -> HttpResponse:
    """The same as a download."""
    stem = batch.filename.rpartition(".")[0] or batch.filename
    suffix = _("kept")  # on a line of its own: gettext's tools do not read f-strings
    return csv_export.download(f"{stem}-{suffix}.csv", _rows(batch))


def _rows(batch: Import) -> Iterator[Sequence[str]]:
    yield [_("Row"), _("Contact"), _("Reason")]
    for row in kept(batch):
        yield [str(row["number"]), row["name"], row["reason"]]


def _shown(row: ImportRow) -> dict[str, Any]:
    contact: Any = row.contact
    number = phone(shown_identity(contact, IdentityKind.PHONE))
    return {
        "number": row.number,
        "contact": contact if contact.deleted_at is None else None,
        "name": contact.name or number or _("Without a name"),
        "reason": sentence(row.undo, (row.changes or {}).get("kept", ())),
    }
