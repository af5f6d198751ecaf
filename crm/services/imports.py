"""An import from its upload to its end. The rows themselves are written by crm.imports."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import IO, Any
from uuid import UUID

from django.core.files import File
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from core import agenda, files, locks, realtime, scope
from core.errors import Conflict, Invalid
from crm import selectors
from crm.duplicates.asking import look_for_new
from crm.enums import FieldKind, ImportKind, ImportState, MatchBy
from crm.events import ImportCompleted
from crm.imports import mapping as columns
from crm.imports import reader, workbook
from crm.imports.reasons import BadFile
from crm.models import Import
from crm.services import fields, import_undos
from crm.services.tags import ensure_tags
from events.bus import publish
from team.models import Member
from team.services.notifications import notify

KIND = "crm.import"
CHECK = "crm.import_check"
FILE_KIND = "contact-import"
DONE = "import.completed"
FAILED = "import.failed"


def create_import(
    *,
    file: File[Any] | IO[bytes],
    filename: str,
    by: Member | None = None,
    kind: ImportKind = ImportKind.CONTACTS,
) -> Import:
    """Look through an uploaded file, keep it, and guess what its columns mean.

    Of a workbook the first sheet is taken; `choose_sheet` takes another one. Contacts are mapped
    as the last file with the same titles was.

    Returns:
        a draft; `start_import` sets it going.

    Raises:
        core.errors.Invalid: under `file`: empty, no text, only a header, too large.
    """
    raw = reader.binary(file)
    try:
        if workbook.is_workbook(raw):
            return _draft_of_workbook(raw, filename, by, kind)
        found = reader.inspect(raw)
    except BadFile as error:
        raise Invalid({"file": error.error}) from None
    raw.seek(0)
    stored = files.save(raw, FILE_KIND, filename, company=scope.required_company_id())
    about = _columns(found, {}, kind)
    return Import.objects.create(
        filename=stored.filename, file_key=stored.key, kind=kind, created_by=by, **about
    )


def choose_sheet(*, batch: Import, sheet: str) -> Import:
    """Take another sheet of the workbook that a draft came from; its columns are guessed anew.

    Raises:
        core.errors.Invalid: under `sheet`: there is none of this name, or nothing in it.
        core.errors.Conflict: it has been started already, or it is no workbook.
    """
    key = batch.options.get("workbook")
    if not key:
        raise Conflict
    try:
        with files.open(key) as stored:
            changes = _sheet(
                reader.binary(stored), sheet, batch.filename, batch.options, ImportKind(batch.kind)
            )
    except BadFile as error:
        raise Invalid({"sheet": error.error}) from None
    if not Import.objects.filter(pk=batch.pk, state=ImportState.DRAFT).update(
        forecast={}, **changes
    ):
        files.delete(changes["file_key"])
        raise Conflict
    files.delete(batch.file_key)
    batch.refresh_from_db()
    return batch


def check_import(
    *,
    batch: Import,
    mapping: Mapping[str, str] | None = None,
    tags: Iterable[str] = (),
    opt_in_source: str = "",
    match_by: str = MatchBy.PHONE,
) -> Import:
    """Have a draft counted as it would be imported, in the background; nothing else is written.

    Args: as `start_import`.

    Raises: as `start_import`.
    """
    wanted = _settings(batch, mapping, tags, opt_in_source, match_by)
    with transaction.atomic():
        changed = Import.objects.filter(pk=batch.pk, state=ImportState.DRAFT).update(
            forecast={"state": "pending"}, **wanted
        )
        if not changed:
            raise Conflict
        agenda.append(CHECK, str(batch.pk))
    batch.refresh_from_db()
    return batch


def start_import(
    *,
    batch: Import,
    mapping: Mapping[str, str] | None = None,
    tags: Iterable[str] = (),
    opt_in_source: str = "",
    match_by: str = MatchBy.PHONE,
) -> Import:
    """Set a draft going, with the guessed mapping if none is given.

    Args:
        tags: names, put on every contact of the file.
        opt_in_source: where these people agreed to marketing by WhatsApp and SMS; recorded as
            consent for each of them. Empty: nothing is recorded. Where a column says who agreed,
            it holds alone; the source then is the file unless another is given.
        match_by: what contacts that exist already are found by.

    Raises:
        core.errors.Invalid: under `mapping`, `match_by` or `tags`.
        core.errors.Conflict: it has been started already; `undo_running`, an import is being
            undone.
    """
    wanted = _settings(batch, mapping, tags, opt_in_source, match_by)
    options = dict(batch.options)
    book = options.pop("workbook", "")
    with transaction.atomic():
        locks.hold(import_undos.TURN)
        import_undos.refuse_during_undo()
        if columns.CONSENT in wanted["mapping"].values() and not wanted["opt_in_source"]:
            wanted["opt_in_source"] = (gettext("File %(name)s") % {"name": batch.filename})[:120]
        _name_fields(batch.header, wanted["mapping"])
        wanted["tags"] = [tag.name for tag in ensure_tags(names=wanted["tags"])]
        started = Import.objects.filter(pk=batch.pk, state=ImportState.DRAFT).update(
            options=options, state=ImportState.PENDING, **wanted
        )
        if not started:
            raise Conflict
        agenda.append(KIND, str(batch.pk))
        if book:
            transaction.on_commit(partial(files.delete, book))
    batch.refresh_from_db()
    return batch


def start_checked(*, batch: Import) -> Import:
    """Import a draft as it was checked.

    Raises: as `start_import`.
    """
    return start_import(
        batch=batch,
        mapping=batch.mapping,
        tags=batch.tags,
        opt_in_source=batch.opt_in_source,
        match_by=batch.match_by,
    )


def _settings(
    batch: Import,
    mapping: Mapping[str, str] | None,
    tags: Iterable[str],
    opt_in_source: str,
    match_by: str,
) -> dict[str, Any]:
    chosen = batch.mapping if mapping is None else mapping
    return {
        "mapping": columns.check(chosen, batch.header, match_by),
        "match_by": match_by,
        "tags": list(tags),
        "opt_in_source": " ".join(opt_in_source.split())[:120],
    }


def _name_fields(header: Sequence[str], mapping: Mapping[str, str]) -> None:
    """Make fields of columns whose titles say more than the key that was made from them, so that
    people see the title everywhere; as many as a company may have."""
    titles = columns.titles_of_keys(header, mapping)
    for key in titles.keys() - selectors.field_definitions().keys():
        with contextlib.suppress(Conflict, Invalid):  # somebody was faster; there are too many
            fields.create_field(label=titles[key], kind=FieldKind.TEXT, key=key)


def _draft_of_workbook(
    raw: IO[bytes], filename: str, by: Member | None, kind: ImportKind
) -> Import:
    sheets = workbook.sheet_names(raw)
    if not sheets:
        raise BadFile("file_empty")
    changes = _sheet(raw, sheets[0], filename, {"sheets": sheets}, kind)
    raw.seek(0)
    book = files.save(raw, FILE_KIND, filename, company=scope.required_company_id())
    changes["options"]["workbook"] = book.key
    return Import.objects.create(filename=book.filename, kind=kind, created_by=by, **changes)


def _sheet(
    raw: IO[bytes], sheet: str, filename: str, options: Mapping[str, Any], kind: ImportKind
) -> dict[str, Any]:
    """A sheet stored as CSV, and what is known of its columns; columns of an Import."""
    shape = reader.Shape(encoding=workbook.ENCODING, delimiter=workbook.DELIMITER)
    with tempfile.SpooledTemporaryFile(max_size=files.IN_MEMORY_BYTES) as table:
        workbook.write_csv(raw, table, sheet=sheet, columns=reader.MAX_COLUMNS + 1)
        if not table.tell():
            raise BadFile("file_empty")
        found = reader.inspect(table, shape)
        table.seek(0)
        stored = files.save(table, FILE_KIND, filename, company=scope.required_company_id())
    return {"file_key": stored.key, **_columns(found, {**options, "sheet": sheet}, kind)}


def _columns(
    found: reader.Inspection, options: Mapping[str, Any], kind: ImportKind
) -> dict[str, Any]:
    """The columns of an Import that say what is in its file."""
    known = selectors.last_import_of(found.header) if kind == ImportKind.CONTACTS else None
    guessed = columns.guess(found.header, found.sample, selectors.field_definitions())
    return {
        "encoding": found.shape.encoding,
        "delimiter": found.shape.delimiter,
        "header": found.header,
        "mapping": known.mapping if known else guessed,
        "match_by": known.match_by if known else MatchBy.PHONE,
        "total": found.total,
        "options": {**options, "remembered": known is not None},
    }


def discard_import(*, batch: Import) -> None:
    """Forget a draft and its file.

    Raises:
        core.errors.Conflict: it has been started already.
    """
    deleted, _ = Import.objects.filter(pk=batch.pk, state=ImportState.DRAFT).delete()
    if not deleted:
        raise Conflict
    files.delete(batch.file_key)
    if book := batch.options.get("workbook"):
        files.delete(book)


def finish_check(*, batch_id: UUID, forecast: Mapping[str, Any]) -> None:
    """Note what would become of a draft, if it still waits for that, and tell its page."""
    rows = Import.objects.filter(pk=batch_id, state=ImportState.DRAFT, forecast__state="pending")
    if rows.update(forecast=dict(forecast)):
        topic = f"import:{batch_id}"
        realtime.push(scope.required_company_id(), topic, "import.checked", str(batch_id))


def finish_import(*, batch_id: UUID, error: str = "") -> None:
    """Close an import, tell who started it, and publish the fact; once.

    Args:
        error: why the file as a whole failed, a code of crm.imports.reasons; empty when done.
    """
    with transaction.atomic():
        batch = (
            Import.objects.select_for_update()
            .filter(pk=batch_id, state__in=(ImportState.PENDING, ImportState.RUNNING))
            .first()
        )
        if batch is None:
            return
        batch.state = ImportState.FAILED if error else ImportState.DONE
        batch.error = error
        batch.finished_at = timezone.now()
        import_undos.remember(batch)
        batch.save(update_fields=["state", "error", "finished_at", "undo_until"])
        publish(
            ImportCompleted(
                import_id=batch.pk, kind=batch.kind, state=batch.state, total=batch.total,
                created=batch.created, updated=batch.updated, rejected=batch.rejected,
            )
        )  # fmt: skip
        _tell(batch)
        if batch.created:
            look_for_new()
        # What it said is in rows by now, where people are found and erased; and of suppressions
        # it holds the addresses that the list itself must not.
        transaction.on_commit(partial(files.delete, batch.file_key))


def _tell(batch: Import) -> None:
    topic = f"import:{batch.pk}"
    realtime.push(scope.required_company_id(), topic, "import.finished", str(batch.pk))
    if batch.created_by is not None:
        notify(
            code=FAILED if batch.error else DONE,
            member=batch.created_by,
            data={
                "file": batch.filename,
                "created": batch.created,
                "updated": batch.updated,
                "rejected": batch.rejected,
            },
            url=reverse("import", args=[batch.pk]),
        )
