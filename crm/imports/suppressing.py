"""Rows of a file of addresses to suppress: those that are numbers, and why the others are not."""

from __future__ import annotations

from collections.abc import Sequence

from crm.enums import SuppressionReason
from crm.imports.chunks import RESULT_FIELDS, Tally
from crm.imports.copying import copy_rows
from crm.imports.reader import Row
from crm.imports.rows import Accepted, Refused, judge
from crm.models import Import, ImportRow
from crm.services import suppressions


def write(batch: Import, rows: Sequence[Row]) -> Tally:
    """Suppress the numbers of these rows; `updated` counts those that were on the list before, on
    all of its channels."""
    judged = [judge(row, batch.mapping) for row in rows]
    numbers = [row.key.value for row in judged if isinstance(row, Accepted)]
    refused = [row for row in judged if isinstance(row, Refused)]
    added: set[str] = set()
    for channel in batch.options["channels"]:
        added |= suppressions.suppress_all(
            addresses=numbers,
            channel=channel,
            purpose=batch.options["purpose"],
            note=batch.options["note"],
            reason=SuppressionReason.LIST,
            by=batch.created_by,
        )
    copy_rows(
        ImportRow,
        RESULT_FIELDS,
        [(batch.pk, row.number, None, row.code, list(row.raw)) for row in refused],
    )
    return Tally(created=len(added), updated=len(numbers) - len(added), rejected=len(refused))
