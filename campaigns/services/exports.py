"""A campaign's recipients as a file: asked for, made in the background, fetched within a day."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.agenda import EXPORT
from campaigns.enums import ExportFormat
from campaigns.models import Campaign, Export
from campaigns.sheets import write
from core import agenda, files, realtime, scope
from core.errors import Conflict, Invalid, NotFound
from core.files import StoredFile
from crm.enums import ExportState
from messaging.enums import PublicState
from team.models import Member
from team.services.notifications import notify

log = structlog.get_logger(__name__)

KEPT = timedelta(hours=24)
CLAIM = timedelta(minutes=10)
FILTERS = ("state", "code", "variant")
READY, FAILED = "export.ready", "export.failed"


def request(
    *,
    campaign: Campaign,
    format: str,  # noqa: A002 -- the model's word
    filters: dict[str, str],
    by: Member | None,
) -> Export:
    """Ask for a file; whoever asked is told when it is there.

    Args:
        format: csv or xlsx.
        filters: state (public), code (a reason's), variant; empty ones mean everybody.

    Raises:
        core.errors.Invalid: unknown format or filter.
    """
    wanted = {name: value for name, value in filters.items() if value}
    if format not in ExportFormat.values:
        raise Invalid({"format": _("Choose csv or xlsx.")})
    if wanted.keys() - set(FILTERS) or wanted.get("state", "sent") not in PublicState.values:
        raise Invalid({"filters": _("Filter by state, code or variant.")})
    with transaction.atomic():
        export = Export.objects.create(
            campaign=campaign,
            format=format,
            filters=wanted,
            requested_by=by,
            expires_at=timezone.now() + KEPT,
        )
        agenda.append(EXPORT, str(export.pk))
    return export


def handle(export_id: UUID) -> None:
    """Make the file, or put it away when its day is over (the agenda's handler)."""
    if _claim(export_id):
        _make(Export.objects.select_related("campaign", "requested_by").get(pk=export_id))
        return
    old = Export.objects.filter(pk=export_id, expires_at__lte=timezone.now()).first()
    if old is not None:
        if old.file_key:
            files.delete(old.file_key)
        old.delete()


def opened(*, export_id: UUID) -> StoredFile:
    """The finished file; the caller has checked the rights anew.

    Raises:
        core.errors.NotFound: there is none, or its day is over.
        core.errors.Conflict: it is still being made, or could not be.
    """
    export = Export.objects.filter(pk=export_id, expires_at__gt=timezone.now()).first()
    if export is None:
        raise NotFound
    if export.state == ExportState.PENDING:
        raise Conflict("export_pending", _("The file is still being made."))
    if export.state == ExportState.FAILED:
        raise Conflict("export_failed", _("The file could not be made. Ask for it again."))
    return StoredFile(export.file_key, export.size, export.mime, export.sha256, export.filename)


def due(key: str | None) -> list[tuple[str, datetime]]:
    """Exports that are to be made, and files whose day ends (the agenda's selector)."""
    rows = Export.objects.all() if key is None else Export.objects.filter(pk=key)
    now = timezone.now()
    return [
        (str(pk), (claimed or now) if state == ExportState.PENDING else expires)
        for pk, state, claimed, expires in rows.values_list(
            "pk", "state", "claimed_until", "expires_at"
        )
    ]


def _claim(export_id: UUID) -> bool:
    """Whether it is ours to make; whoever dies over it loses it after a while."""
    now = timezone.now()
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    rows = Export.objects.filter(free, pk=export_id, state=ExportState.PENDING)
    return bool(rows.update(claimed_until=now + CLAIM))


def _make(export: Export) -> None:
    try:
        stored, count = write(export)
    except Exception:
        # It would fail again; better to say so than to try for ever in silence.
        log.exception("campaigns.export_failed", export=str(export.pk))
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
def _finish(export: Export, **changes: Any) -> None:
    for name, value in {**changes, "finished_at": timezone.now()}.items():
        setattr(export, name, value)
    export.save(update_fields=[*changes, "finished_at"])
    agenda.append(EXPORT, str(export.pk), export.expires_at)
    realtime.push(
        scope.required_company_id(), f"campaign:{export.campaign_id}", "exported", str(export.pk)
    )
    if export.requested_by is not None:
        is_done = export.state == ExportState.DONE
        notify(
            code=READY if is_done else FAILED,
            member=export.requested_by,
            data={"name": export.campaign.name},
            url=(
                reverse("campaign-export", args=[export.pk])
                if is_done
                else reverse("campaign", args=[export.campaign_id])
            ),
        )
