"""New campaigns out of old ones: a clone, and one more try for those who may be tried again."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from campaigns import drafts, report
from campaigns.enums import ENDED, CampaignState
from campaigns.models import Campaign
from campaigns.services.campaigns import create_campaign
from core.errors import Conflict
from team.models import Member

# What belongs to the one run that it was made for.
_OF_THE_RUN = ("scheduled_at", "expires_at")


@transaction.atomic
def clone(*, campaign: Campaign, by: Member | None, actor: str) -> Campaign:
    """A draft with the same audience, content and pace, and no time.

    What no longer fits (a removed number, a template without approval) is left open.
    """
    fields = _fitting(_fields(campaign))
    name = _("%(name)s (copy)") % {"name": campaign.name[:110]}
    copy = create_campaign(**{**fields, "name": name}, by=by, actor=actor)
    return _linked(copy, cloned_from=campaign)


@transaction.atomic
def resend(
    *, campaign: Campaign, codes: Collection[str], by: Member | None, actor: str
) -> Campaign:
    """A draft for those whom the campaign did not reach for these reasons, and nobody else.

    Its rows point at the ones they replace (`Message.resend_of`). Nothing that may have been sent
    is sent again: unclear ones are no part of it.

    Args:
        codes: reasons (`report.failures` names those that may be tried again); all such if empty.

    Raises:
        core.errors.Conflict: it is still under way, or there is nobody to try again.
    """
    if campaign.state not in (*ENDED, CampaignState.PAUSED):
        raise Conflict("campaign_open", _("Wait until the campaign is over, or pause it."))
    wanted = sorted(set(codes) or report.resendable_codes(campaign))
    if not report.resendable(campaign, wanted).exists():
        raise Conflict("nobody_to_resend", _("There is nobody who may be tried again."))
    rule = {
        "kind": "resend_of",
        "op": "is",
        "value": {"campaign": str(campaign.pk), "codes": wanted},
    }
    fields = _fitting(_fields(campaign)) | {
        "name": _("%(name)s (again)") % {"name": campaign.name[:110]},
        "audience": {"join": "all", "include": [rule], "exclude": []},
        "holdout_percent": 0,
    }
    copy = create_campaign(**fields, by=by, actor=actor)
    return _linked(copy, resend_of=campaign)


def _fields(campaign: Campaign) -> dict[str, Any]:
    found = drafts.fields_of(campaign)
    return {name: value for name, value in found.items() if name not in _OF_THE_RUN}


def _fitting(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields that a draft may still hold."""
    return {
        name: value for name, value in fields.items() if name == "name" or drafts.fits(fields, name)
    }


def _linked(copy: Campaign, **origin: Campaign) -> Campaign:
    for field, campaign in origin.items():
        setattr(copy, field, campaign)
    copy.save(update_fields=[*origin])
    return copy
