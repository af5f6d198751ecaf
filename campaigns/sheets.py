"""A campaign's recipients as CSV or XLSX, row by row, so that a hundred thousand need no memory.

No cell is a formula: what a spreadsheet would run gets an apostrophe (crm.imports.cells).
"""

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import IO, Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from campaigns import selectors
from campaigns.enums import ExportFormat
from campaigns.models import Export
from core import files, ids, scope
from core.files import StoredFile
from crm.imports.cells import guarded
from messaging import reasons
from messaging.enums import PublicState
from messaging.models import Message
from messaging.selectors import public_state

BOM = "\ufeff"  # Excel takes a CSV without one for Windows-1252
IN_MEMORY_BYTES = 4 * 1024 * 1024
PAGE = 2_000
KIND = "export"

Cell = str | int | float | datetime | None


def write(export: Export) -> tuple[StoredFile, int]:
    """Make the file of an export and store it; returns it and how many recipients it has."""
    rows = selectors.recipients(export.campaign, **export.filters)
    counted = _Counted(_rows(rows, export.campaign.provider))
    name = f"{slugify(export.campaign.name) or 'campaign'}-{timezone.localdate()}.{export.format}"
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as spool:
        _WRITERS[ExportFormat(export.format)](spool, _header(), counted)
        spool.seek(0)
        stored = files.save(spool, KIND, name, company=scope.required_company_id())
    return stored, counted.count


class _Counted:
    """Rows that count themselves as they pass."""

    def __init__(self, rows: Iterator[list[Cell]]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[list[Cell]]:
        for row in self._rows:
            self.count += 1
            yield row


def _header() -> list[str]:
    return [
        *(_("Contact"), _("Name"), _("Address"), _("State"), _("Reason"), _("What it means")),
        *(_("Variant"), _("Planned"), _("Sent"), _("Delivered"), _("Read"), _("Replied")),
        *(_("Clicked"), _("Opted out"), _("Failed"), _("Id at the provider")),
        *(_("SMS segments"), _("Cost"), _("Currency")),
    ]


def _rows(messages: QuerySet[Message], provider: str) -> Iterator[list[Cell]]:
    """A line for each recipient, in the order in which they were planned."""
    sentences: dict[str, str] = {}
    for message in _paged(messages):
        if message.code not in sentences:
            reason = reasons.explain(message.code, provider=provider) if message.code else None
            sentences[message.code] = str(reason.sentence) if reason else ""
        yield _row(message, sentences[message.code])


def _paged(messages: QuerySet[Message]) -> Iterator[Message]:
    """By keyset, each page a query of its own: no cursor stays open while the file is written."""
    lean = messages.defer("content", "variables", "trace").order_by("pk")
    after = None
    while page := list((lean.filter(pk__gt=after) if after else lean)[:PAGE]):
        yield from page
        after = page[-1].pk


def _row(message: Message, sentence: str) -> list[Cell]:
    state = public_state(message)
    return [
        ids.encode("con", message.contact_id),
        message.contact.name,
        message.address,
        str(PublicState(state).label) if state else "",
        message.code,
        sentence,
        message.variant,
        message.created_at,
        message.accepted_at,
        message.delivered_at,
        message.read_at,
        message.replied_at,
        message.clicked_at,
        message.opted_out_at,
        message.failed_at,
        message.external_id,
        message.segments,
        float(message.cost) if message.cost is not None else None,
        message.currency,
    ]


def _write_csv(target: IO[bytes], header: Sequence[str], rows: Iterable[list[Cell]]) -> None:
    text = io.TextIOWrapper(target, encoding="utf-8", newline="")
    text.write(BOM)
    writer = csv.writer(text)
    writer.writerow(header)
    for row in rows:
        writer.writerow([_as_text(cell) for cell in row])
    text.flush()
    text.detach()


def _write_xlsx(target: IO[bytes], header: Sequence[str], rows: Iterable[list[Cell]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Recipients"))
    sheet.append(list(header))
    for row in rows:
        sheet.append([_as_value(cell) for cell in row])
    book.save(target)


_WRITERS: dict[ExportFormat, Callable[[IO[bytes], Sequence[str], Iterable[list[Cell]]], None]] = {
    ExportFormat.CSV: _write_csv,
    ExportFormat.XLSX: _write_xlsx,
}


def _as_text(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return timezone.localtime(cell).isoformat(sep=" ", timespec="seconds")
    return "" if cell is None else _safe(str(cell))


def _as_value(cell: Cell) -> Any:
    """Excel knows no time zones: times stand as they are on the company's clock."""
    if isinstance(cell, datetime):
        return timezone.make_naive(cell).replace(microsecond=0)
    return _safe(cell) if isinstance(cell, str) else cell


def _safe(text: str) -> str:
    """No formula, and no control characters, which no sheet can hold."""
    return guarded(ILLEGAL_CHARACTERS_RE.sub("", text))
