"""A campaign's recipients as CSV or XLSX, row by row, so that a hundred thousand need no memory."""

import tempfile
from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from campaigns import selectors
from campaigns.enums import ExportFormat
from campaigns.models import Export
from core import files, ids, scope
from core.files import StoredFile
from crm.exports.sheets import Cell, Counted, Writer, write_csv, write_xlsx
from messaging import reasons
from messaging.enums import PublicState
from messaging.models import Message
from messaging.selectors import public_state

IN_MEMORY_BYTES = 4 * 1024 * 1024
PAGE = 2_000
KIND = "export"
_WRITERS: dict[ExportFormat, Writer] = {
    ExportFormat.CSV: write_csv,
    ExportFormat.XLSX: write_xlsx,
}


def write(export: Export) -> tuple[StoredFile, int]:
    """Make the file of an export and store it; returns it and how many recipients it has."""
    rows = selectors.recipients(export.campaign, **export.filters)
    counted = Counted(_rows(rows, export.campaign.provider))
    name = f"{slugify(export.campaign.name) or 'campaign'}-{timezone.localdate()}.{export.format}"
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES) as spool:
        _WRITERS[ExportFormat(export.format)](spool, _header(), (), counted)
        spool.seek(0)
        stored = files.save(spool, KIND, name, company=scope.required_company_id())
    return stored, counted.count


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
