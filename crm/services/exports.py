"""Contacts as a file: asked for, made in the background, fetched within a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import agenda, files, realtime, scope
from core.errors import Conflict, Invalid, NotFound
from core.files import StoredFile
from crm.enums import ExportFormat, ExportState
from crm.events import ContactsExported
from crm.exports import columns as offered
from crm.exports.reading import FiltersGone, filters_of, write
from crm.models import ContactExport
from events.bus import publish
from team.models import Member
from team.services.notifications import notify

log = structlog.get_logger(__name__)

KIND = "crm.export"
TOPIC = "contact-exports"
KEPT = timedelta(hours=24)
CLAIM = timedelta(minutes=5)  # from the last page that was written
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
        query: the list's filters as its address has them (`crm.views.contact_filters`).
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
        export = ContactExport.objects.create(
            format=format,
            query=filters.query(),
            columns=offered.check(columns),
            requested_by=by,
            expires_at=timezone.now() + KEPT,
        )
        agenda.append(KIND, str(export.pk))
        fact = ContactsExported(export=export.pk, format=format, columns=export.columns)
        publish(fact, actor=actor)
    return export


def handle(key: str) -> None:
    """Make the file, or put it away when its day is over (the agenda's handler)."""
    if _claim(UUID(key)):
        _make(ContactExport.objects.select_related("requested_by").get(pk=key))
        return
    old = ContactExport.objects.filter(pk=key, expires_at__lte=timezone.now()).first()
    if old is not None:
        if old.file_key:
            files.delete(old.file_key)
        old.delete()


def due(key: str | None) -> list[tuple[str, datetime]]:
    """Files that are to be made, and those whose day ends (the agenda's selector)."""
    rows = ContactExport.objects.all() if key is None else ContactExport.objects.filter(pk=key)
    now = timezone.now()
    return [
        (str(pk), (claimed or now) if state == ExportState.PENDING else expires)
        for pk, state, claimed, expires in rows.values_list(
            "pk", "state", "claimed_until", "expires_at"
        )
    ]


def opened(*, export_id: UUID) -> StoredFile:
    """The finished file; the caller has checked the rights anew.

    Raises:
        core.errors.NotFound: there is none, or its day is over.
        core.errors.Conflict: it is still being made, or could not be.
    """
    export = ContactExport.objects.kept().filter(pk=export_id).first()
    if export is None:
        raise NotFound
    if export.state == ExportState.PENDING:
        raise Conflict("export_pending", _("The file is still being made."))
    if export.state == ExportState.FAILED:
        raise Conflict("export_failed", _("The file could not be made. Ask for it again."))
    return StoredFile(export.file_key, export.size, export.mime, export.sha256, export.filename)


def _claim(export_id: UUID) -> bool:
    """Whether it is ours to make; whoever dies over it loses it after a while."""
    now = timezone.now()
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    rows = ContactExport.objects.filter(free, pk=export_id, state=ExportState.PENDING)
    return bool(rows.update(claimed_until=now + CLAIM, rows=0))


def _make(export: ContactExport) -> None:
    def progressed(done: int) -> None:
        ContactExport.objects.filter(pk=export.pk).update(
            rows=done, claimed_until=timezone.now() + CLAIM
        )
        realtime.push_coalesced(scope.required_company_id(), TOPIC, "exporting", str(export.pk))

    try:
        stored, count = write(export, progressed)
    except Exception:
        # It would fail again; better to say so than to try for ever in silence.
        log.exception("crm.export_failed", export=str(export.pk))
        _finish(export, state=ExportState.FAILED)
        return
    _finish(
        export,
        state=ExportState.DONE,
        file_key=stored.key,
        filename=stored.filename,
        mime=stored.mime,
        size=stored.size,
        sha256=stored.sha256,
        rows=count,
    )


@transaction.atomic
def _finish(export: ContactExport, **changes: Any) -> None:
    for name, value in {**changes, "finished_at": timezone.now()}.items():
        setattr(export, name, value)
    export.save(update_fields=[*changes, "finished_at"])
    agenda.append(KIND, str(export.pk), export.expires_at)
    realtime.push(scope.required_company_id(), TOPIC, "exported", str(export.pk))
    if export.requested_by is not None:
        is_done = export.state == ExportState.DONE
        notify(
            code=READY if is_done else FAILED,
            member=export.requested_by,
            data={"rows": export.rows},
            url=reverse("contacts-exports"),
        )
