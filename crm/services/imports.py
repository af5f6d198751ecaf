"""An import from its upload to its end. The rows themselves are written by crm.imports."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import IO, Any
from uuid import UUID

from django.core.files import File
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from core import agenda, files, realtime, scope
from core.errors import Conflict, Invalid
from crm import selectors
from crm.enums import ImportKind, ImportState
from crm.events import ImportCompleted
from crm.imports import mapping as columns
from crm.imports import reader
from crm.imports.reasons import BadFile
from crm.models import Import
from crm.services.tags import ensure_tags
from events.bus import publish
from team.models import Member
from team.services.notifications import notify

KIND = "crm.import"
FILE_KIND = "contact-import"
DONE = "import.completed"
FAILED = "import.failed"


def create_import(
    *, file: File[Any] | IO[bytes], filename: str, by: Member | None = None
) -> Import:
    """Look through an uploaded file, keep it, and guess what its columns mean.

    Returns:
        a draft; `start_import` sets it going.

    Raises:
        core.errors.Invalid: under `file`: empty, no text, only a header, too large.
    """
    raw = reader.binary(file)
    try:
        found = reader.inspect(raw)
    except BadFile as error:
        raise Invalid({"file": error.error}) from None
    raw.seek(0)
    stored = files.save(raw, FILE_KIND, filename, company=scope.required_company_id())
    return Import.objects.create(
        filename=stored.filename,
        file_key=stored.key,
        encoding=found.shape.encoding,
        delimiter=found.shape.delimiter,
        header=found.header,
        mapping=columns.guess(found.header, found.sample, selectors.field_definitions()),
        total=found.total,
        created_by=by,
    )


def start_import(
    *,
    batch: Import,
    mapping: Mapping[str, str] | None = None,
    tags: Iterable[str] = (),
    opt_in_source: str = "",
) -> Import:
    """Set a draft going, with the guessed mapping if none is given.

    Args:
        tags: names, put on every contact of the file.
        opt_in_source: where these people agreed to marketing by WhatsApp and SMS; recorded as
            consent for each of them. Empty: nothing is recorded.

    Raises:
        core.errors.Invalid: under `mapping` or `tags`.
        core.errors.Conflict: it has been started already.
    """
    checked = columns.check(batch.mapping if mapping is None else mapping, batch.header)
    with transaction.atomic():
        names = [tag.name for tag in ensure_tags(names=tags)]
        started = Import.objects.filter(pk=batch.pk, state=ImportState.DRAFT).update(
            mapping=checked,
            tags=names,
            opt_in_source=" ".join(opt_in_source.split())[:120],
            state=ImportState.PENDING,
        )
        if not started:
            raise Conflict
        agenda.append(KIND, str(batch.pk))
    batch.refresh_from_db()
    return batch


def discard_import(*, batch: Import) -> None:
    """Forget a draft and its file.

    Raises:
        core.errors.Conflict: it has been started already.
    """
    deleted, _ = Import.objects.filter(pk=batch.pk, state=ImportState.DRAFT).delete()
    if not deleted:
        raise Conflict
    files.delete(batch.file_key)


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
        batch.save(update_fields=["state", "error", "finished_at"])
        publish(
            ImportCompleted(
                import_id=batch.pk, kind=batch.kind, state=batch.state, total=batch.total,
                created=batch.created, updated=batch.updated, rejected=batch.rejected,
            )
        )  # fmt: skip
        _tell(batch)
        if batch.kind == ImportKind.SUPPRESSIONS:
            # It holds the addresses that the list itself must not.
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
