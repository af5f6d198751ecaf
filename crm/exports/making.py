"""The life of a file that somebody asks for: made in the background, kept a day, then put away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import agenda, files
from core.errors import Conflict, NotFound
from core.files import StoredFile
from crm.enums import ExportState
from crm.models import ExportedFile

log = structlog.get_logger(__name__)

KEPT = timedelta(hours=24)
E = TypeVar("E", bound=ExportedFile)


@dataclass(frozen=True, slots=True)
class Making(Generic[E]):
    """How the files of one model are made.

    Attributes:
        kind: of the agenda; its key is the row's id.
        claim: whoever makes a file and is not heard of for so long has died over it.
        write: makes the file; returns it and how many rows it has.
        tell: pages and whoever asked, in the transaction that finishes it.
    """

    model: type[E]
    kind: str
    claim: timedelta
    write: Callable[[E], tuple[StoredFile, int]]
    tell: Callable[[E], None]

    def request(self, **values: Any) -> E:
        """Ask for a file, in the caller's transaction."""
        export = self.model._default_manager.create(expires_at=timezone.now() + KEPT, **values)
        agenda.append(self.kind, str(export.pk))
        return export

    def handle(self, key: str | UUID) -> None:
        """Make the file, or put it away when its day is over (the agenda's handler)."""
        rows = self.model._default_manager.filter(pk=key)
        if self._claim(key):
            self._make(rows.select_related("requested_by").get())
            return
        old = rows.filter(expires_at__lte=timezone.now()).first()
        if old is not None:
            if old.file_key:
                files.delete(old.file_key)
            old.delete()

    def due(self, key: str | None) -> list[tuple[str, datetime]]:
        """Files that are to be made, and those whose day ends (the agenda's selector)."""
        every = self.model._default_manager.all()
        rows = every if key is None else every.filter(pk=key)
        now = timezone.now()
        return [
            (str(pk), (claimed or now) if state == ExportState.PENDING else expires)
            for pk, state, claimed, expires in rows.values_list(
                "pk", "state", "claimed_until", "expires_at"
            )
        ]

    def opened(self, *, export_id: UUID) -> StoredFile:
        """The finished file; the caller has checked the rights anew.

        Raises:
            core.errors.NotFound: there is none, or its day is over.
            core.errors.Conflict: it is still being made, or could not be.
        """
        rows = self.model._default_manager.filter(pk=export_id, expires_at__gt=timezone.now())
        export = rows.first()
        if export is None:
            raise NotFound
        if export.state == ExportState.PENDING:
            raise Conflict("export_pending", _("The file is still being made."))
        if export.state == ExportState.FAILED:
            raise Conflict("export_failed", _("The file could not be made. Ask for it again."))
        return StoredFile(export.file_key, export.size, export.mime, export.sha256, export.filename)

    def progressed(self, export: E, rows: int) -> None:
        """So many rows are written; whoever makes it lives."""
        self.model._default_manager.filter(pk=export.pk).update(
            rows=rows, claimed_until=timezone.now() + self.claim
        )

    def _claim(self, key: str | UUID) -> bool:
        """Whether it is ours to make; whoever dies over it loses it after a while."""
        now = timezone.now()
        free = Q(claimed_until=None) | Q(claimed_until__lte=now)
        rows = self.model._default_manager.filter(free, pk=key, state=ExportState.PENDING)
        return bool(rows.update(claimed_until=now + self.claim, rows=0))

    def _make(self, export: E) -> None:
        try:
            stored, count = self.write(export)
        except Exception:
            # It would fail again; better to say so than to try for ever in silence.
            log.exception("export.failed", kind=self.kind, export=str(export.pk))
            self._finish(export, state=ExportState.FAILED)
            return
        self._finish(
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
    def _finish(self, export: E, **changes: Any) -> None:
        for name, value in {**changes, "finished_at": timezone.now()}.items():
            setattr(export, name, value)
        export.save(update_fields=[*changes, "finished_at"])
        agenda.append(self.kind, str(export.pk), export.expires_at)
        self.tell(export)
