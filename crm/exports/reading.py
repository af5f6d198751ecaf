"""The contacts of an export, page by page, and the file they become."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from core import files, scope
from core.files import StoredFile
from crm import selectors
from crm.enums import Channel, ExportFormat, Purpose
from crm.exports import columns, sheets
from crm.exports.sheets import Cell, Counted, Writer
from crm.listing.filters import Filters
from crm.models import Contact, ContactExport

PAGE = 1000
KIND = "export"
WRITERS: dict[ExportFormat, Writer] = {
    ExportFormat.CSV: sheets.write_csv,
    ExportFormat.XLSX: sheets.write_xlsx,
    ExportFormat.JSONL: sheets.write_jsonl,
}


class FiltersGone(Exception):
    """What the list was filtered by does not exist any more: everybody would be exported."""


def filters_of(query: str) -> Filters:
    """The filters that an address of the list names.

    Raises:
        FiltersGone: one of them names what is not there.
    """
    filters = Filters.of(QueryDict(query))
    if _pairs(filters.query()) != _pairs(query):
        raise FiltersGone
    return filters


def write(export: ContactExport, progressed: Callable[[int], None]) -> tuple[StoredFile, int]:
    """Make the file of an export and store it; returns it and how many contacts it has.

    Args:
        progressed: told after each page how many rows are behind it.

    Raises:
        FiltersGone: as `filters_of`.
    """
    rows = Counted(_rows(export, progressed))
    stem = _("contacts")
    name = f"{stem}-{timezone.localdate()}.{export.format}"
    titles = columns.titles(export.columns)
    with tempfile.SpooledTemporaryFile(max_size=files.IN_MEMORY_BYTES) as spool:
        WRITERS[ExportFormat(export.format)](spool, titles, export.columns, rows)
        spool.seek(0)
        stored = files.save(spool, KIND, name, company=scope.required_company_id())
    return stored, rows.count


def _rows(export: ContactExport, progressed: Callable[[int], None]) -> Iterator[list[Cell]]:
    definitions = selectors.field_definitions()
    is_for_people = export.format != ExportFormat.JSONL
    done = 0
    for page in _pages(filters_of(export.query)):
        consents = selectors.consent_state(
            [contact.pk for contact in page], Channel.WHATSAPP, Purpose.MARKETING
        )
        for contact in page:
            yield columns.cells(
                contact, export.columns, consents, definitions, is_for_people=is_for_people
            )
        done += len(page)
        progressed(done)


def _pages(filters: Filters) -> Iterator[list[Contact]]:
    """By keyset, each page queries of its own: no cursor stays open while the file is written."""
    contacts = filters.contacts.order_by("pk")
    after = None
    while page := list((contacts.filter(pk__gt=after) if after else contacts)[:PAGE]):
        yield page
        after = page[-1].pk


def _pairs(query: str) -> dict[str, set[str]]:
    lists = QueryDict(query).lists()
    return {name: set(filter(None, values)) for name, values in lists if any(values)}
