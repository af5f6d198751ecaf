"""A campaign's recipients as a file: asked for, made in the background, fetched within a day."""

from datetime import timedelta

import structlog
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns.agenda import EXPORT
from campaigns.enums import ExportFormat
from campaigns.models import Campaign, Export
from campaigns.sheets import write
from core import realtime, scope
from core.errors import Invalid
from crm.enums import ExportState
from crm.exports.making import Making
from messaging.enums import PublicState
from team.models import Member
from team.services.notifications import notify

log = structlog.get_logger(__name__)

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
        return MAKING.request(campaign=campaign, format=format, filters=wanted, requested_by=by)


def _tell(export: Export) -> None:
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


MAKING = Making(
    model=Export,
    kind=EXPORT,
    claim=timedelta(minutes=10),
    write=lambda export: write(export),
    tell=_tell,
)
handle, due, opened = MAKING.handle, MAKING.due, MAKING.opened
