"""Where a person may be named by rows and files of crm and the apps below that point at nobody."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core import files
from crm import traces
from crm.enums import ExportState, ImportKind, ImportState
from crm.events import ContactOptedIn, ContactOptedOut, SuppressionAdded, SuppressionRemoved
from crm.imports import reader, workbook
from crm.imports.reasons import BadFile
from crm.masking import mask
from crm.models import ContactExport, ContactView, Import, ImportRow
from crm.traces import Found, Later, Scan, Subject, blanked, deleted
from events.models import Delivery, Event
from team.models import Notification

OPEN_STATES = (ImportState.PENDING, ImportState.RUNNING)
# Facts with words that people wrote: about an address, beside its mask, and about a contact.
OF_ADDRESSES = (SuppressionAdded.type, SuppressionRemoved.type)
OF_CONTACTS = (ContactOptedIn.type, ContactOptedOut.type)
WRITTEN = ("masked", "note", "why", "source")
DASH = "—"


def register() -> None:
    """Called once, from AppConfig.ready()."""
    traces.add_place(
        Scan(ImportRow, ["raw"], blanked(raw=None), rows=_refused, label=_("Refused rows of files"))
    )
    traces.add_place(ImportFiles())
    traces.add_place(
        Scan(
            Import,
            ["filename", "header", "opt_in_source", "options"],
            _unnamed,
            label=_("Names of files"),
        )
    )
    traces.add_place(
        traces.Files(
            ContactExport, _exports, pending=ExportState.PENDING, label=_("Exported files")
        )
    )
    traces.add_place(Scan(ContactView, ["query"], deleted))
    traces.add_place(Scan(Notification, ["data"], deleted, label=_("Notifications")))
    traces.add_place(WrittenEvents())
    traces.add_place(
        Scan(Delivery, ["error"], blanked(error=""), rows=_failed, label=_("Error messages"))
    )


class ImportFiles:
    """Files on their way in. A draft that names the person fails; what is being read is waited
    for, and its file goes with its end."""

    name = "crm.Import.file"
    label: str | Promise = _("Files of imports")

    def erase(self, subject: Subject, cursor: str) -> Found:
        """One file a batch; see `crm.traces.Place.erase`."""
        rows = Import.objects.filter(kind=ImportKind.CONTACTS, created_at__lte=subject.until)
        batch = (rows.filter(pk__gt=cursor) if cursor else rows).order_by("pk").first()
        if batch is None:
            return Found(0, None)
        if not _names(batch, subject):
            return Found(0, str(batch.pk))
        if batch.state in OPEN_STATES:
            raise Later
        for key in (batch.file_key, batch.options.get("workbook")):
            if key:
                files.delete(key)
        drafts = Import.objects.filter(pk=batch.pk, state=ImportState.DRAFT)
        drafts.update(state=ImportState.FAILED, error="file_erased")
        return Found(1, str(batch.pk))


class WrittenEvents:
    """The facts of the log that hold a mask or words that people wrote; all others are ids."""

    name = "events.Event.data"
    label: str | Promise = _("Lines of the log of events")

    def erase(self, subject: Subject, cursor: str) -> Found:
        """All at once: there are few such facts. See `crm.traces.Place.erase`."""
        masks = [mask(address) for address in subject.addresses]
        contacts = [str(pk) for pk in subject.contacts]
        rows = Event.objects.filter(
            Q(type__in=OF_ADDRESSES, data__masked__in=masks)
            | Q(type__in=OF_CONTACTS, data__contact__in=contacts)
        )
        changed = list(rows.select_for_update())
        for event in changed:
            event.data = {**event.data, **{key: "" for key in WRITTEN if key in event.data}}
        Event.objects.bulk_update(changed, ["data"], batch_size=500)
        return Found(len(changed), None)


def _exports(subject: Subject) -> QuerySet[ContactExport]:
    """All: which contacts stand in one is not known, and it can be asked for again."""
    return ContactExport.objects.all()


def _refused(subject: Subject) -> QuerySet[Any]:
    return ImportRow.objects.filter(raw__isnull=False)


def _failed(subject: Subject) -> QuerySet[Any]:
    return Delivery.objects.exclude(error="")


def _names(batch: Import, subject: Subject) -> bool:
    with contextlib.suppress(FileNotFoundError, BadFile):
        return any(subject.is_in(text) for text in _texts(batch))
    return False


def _texts(batch: Import) -> Iterator[str]:
    """What the file of an import says, and of a draft all sheets of the workbook it came from."""
    with files.open(batch.file_key) as stored:
        yield from io.TextIOWrapper(stored, encoding=batch.encoding, errors="replace")
    if book := batch.options.get("workbook"):
        with files.open(book) as stored:
            yield from workbook.texts(reader.binary(stored))


def _unnamed(rows: QuerySet[Any], subject: Subject) -> int:
    """Names of files, titles of columns and names of sheets that name the person give way to a
    dash; a file without titles has its first row for them."""

    def clean(text: str) -> str:
        return DASH if subject.is_in(text) else text

    changed = list(rows.select_for_update())
    for batch in changed:
        batch.filename = clean(batch.filename)
        batch.header = [clean(title) for title in batch.header]
        batch.opt_in_source = clean(batch.opt_in_source)
        sheets: dict[str, Any] = (
            {"sheet": clean(batch.options["sheet"])} if "sheet" in batch.options else {}
        )
        if "sheets" in batch.options:
            sheets["sheets"] = [clean(name) for name in batch.options["sheets"]]
        batch.options = {**batch.options, **sheets}
    Import.objects.bulk_update(changed, ["filename", "header", "opt_in_source", "options"])
    return len(changed)
