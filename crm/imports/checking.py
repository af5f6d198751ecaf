"""The check before an import as background work."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError

from crm.enums import ImportState
from crm.imports.foresight import foresee
from crm.imports.reasons import BadFile
from crm.models import Import
from crm.services.imports import finish_check

log = structlog.get_logger(__name__)


def due(key: str | None) -> Iterable[tuple[str, datetime]]:
    """Drafts that wait for their counts; the agenda's question."""
    waiting = Import.objects.filter(state=ImportState.DRAFT, forecast__state="pending")
    if key is not None:
        waiting = waiting.filter(pk=key)
    return [(str(pk), at) for pk, at in waiting.values_list("pk", "created_at")]


def run(key: str) -> None:
    """Count a draft's rows; the agenda's handler.

    Raises:
        django.db.OperationalError, django.db.InterfaceError: the database is away; the agenda
            comes back.
    """
    batch = Import.objects.filter(
        pk=key, state=ImportState.DRAFT, forecast__state="pending"
    ).first()
    if batch is not None:
        finish_check(batch_id=batch.pk, forecast=_counted(batch))


def _counted(batch: Import) -> dict[str, Any]:
    try:
        return {"state": "done", **foresee(batch).as_json()}
    except BadFile as error:
        return {"state": "failed", "error": error.code}
    except FileNotFoundError:
        return {"state": "failed", "error": "file_gone"}
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        # It would fail again at the same row for ever; better to say so than to try in silence.
        log.exception("crm.import_check_failed", batch=str(batch.pk))
        return {"state": "failed", "error": "check_interrupted"}
