"""Contacts as a file: asked for, made in the background, fetched within a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import structlog
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import realtime, scope
from core.errors import Invalid
from core.files import StoredFile
from crm.enums import ExportFormat, ExportState
from crm.events import ContactsExported
from crm.exports import columns as offered
from crm.exports.making import Making
from crm.exports.reading import FiltersGone, filters_of, write
from crm.models import ContactExport
from events.bus import publish
from team.models import Member
from team.services.notifications import notify

log = structlog.get_logger(__name__)

KIND = "crm.export"
TOPIC = "contact-exports"
FILTER_GONE = _("One of these filters does not exist any more.")
READY, FAILED = "contacts_export.ready", "contacts_export.failed"


def request_export(
    *,
    format: str,  # noqa: A002 -- the model's word
    query: str = "",
    columns: Iterable[str] = (),
    by: Member | None = None,
    actor: str = "system",
) -> ContactExport:
    """Ask for a file of the contacts that a filtered list shows; whoever asks is told when it is
    there.

    Args:
        query: the list's filters as its address has them (`crm.listing.filters`).
        columns: keys of `crm.exports.columns.offered`; all of them if none is given.

    Raises:
        core.errors.Invalid: under `format`, `columns` or `filters`.
    """
    if format not in ExportFormat.values:
        raise Invalid({"format": _("Choose csv, xlsx or jsonl.")})
    try:
        filters = filters_of(query)
    except FiltersGone:
        raise Invalid({"filters": FILTER_GONE}) from None
    with transaction.atomic():
        export = MAKING.request(
            format=format,
            query=filters.query(),
            columns=offered.check(columns),
            requested_by=by,
        )
        fact = ContactsExported(export=export.pk, format=format, columns=export.columns)
        publish(fact, actor=actor)
    return export


def _write(export: ContactExport) -> tuple[StoredFile, int]:
    def progressed(done: int) -> None:
        MAKING.progressed(export, done)
        realtime.push_coalesced(scope.required_company_id(), TOPIC, "exporting", str(export.pk))

    return write(export, progressed)


def _tell(export: ContactExport) -> None:
    realtime.push(scope.required_company_id(), TOPIC, "exported", str(export.pk))
    if export.requested_by is not None:
        is_done = export.state == ExportState.DONE
        notify(
            code=READY if is_done else FAILED,
            member=export.requested_by,
            data={"rows": export.rows},
            url=reverse("contacts-exports"),
        )


MAKING = Making(
    model=ContactExport, kind=KIND, claim=timedelta(minutes=5), write=_write, tell=_tell
)
handle, due, opened = MAKING.handle, MAKING.due, MAKING.opened
