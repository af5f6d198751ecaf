"""Making, changing and removing drafts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.enums import CampaignState
from campaigns.events import CampaignCreated
from campaigns.models import Campaign
from campaigns.services import states
from campaigns.variables import validate as validate_variables
from connections.models import Connection
from core.errors import Conflict, Invalid
from crm import audiences
from events.bus import publish
from messaging.enums import TemplateStatus
from messaging.models import Template
from messaging.services import streams
from team.models import Member

STREAM_KIND = "campaign"
EDITABLE = (CampaignState.DRAFT, CampaignState.SCHEDULED)


def create_campaign(
    *,
    name: str,
    connection: Connection,
    template: Template,
    variables: Mapping[str, Mapping[str, str]],
    audience: Mapping[str, Any],
    scheduled_at: datetime | None,
    by: Member | None,
    actor: str,
) -> Campaign:
    """Make a draft.

    Args:
        variables: for each variable of the template `{"value"}` or `{"field", "fallback"}`.
        audience: what crm.audiences understands.
        scheduled_at: when `start` is to begin; None for at once.

    Raises:
        core.errors.Invalid: a part does not fit; `errors` names the field and what to do.
    """
    fields = _checked(
        name=name,
        connection=connection,
        template=template,
        variables=variables,
        audience=audience,
        scheduled_at=scheduled_at,
    )
    with transaction.atomic():
        stream = streams.create(kind=STREAM_KIND)
        campaign = Campaign.objects.create(stream=stream, created_by=by, **fields)
        publish(CampaignCreated(campaign_id=campaign.pk, name=campaign.name), actor=actor)
    return campaign


def update_campaign(*, campaign: Campaign, actor: str, **changes: Any) -> Campaign:
    """Change a draft (or a campaign that only waits for its time); takes the fields of create.

    Raises:
        core.errors.Conflict: it has begun.
        core.errors.Invalid: as in create_campaign.
    """
    with transaction.atomic():
        current = states.locked(campaign.pk)
        if current.state not in EDITABLE:
            raise Conflict(
                "campaign_started",
                _("This campaign has begun; it can be paused or cancelled, not changed."),
            )
        fields = {
            name: changes.get(name, getattr(current, name))
            for name in ("name", "connection", "template", "variables", "audience", "scheduled_at")
        }
        for name, value in _checked(**fields).items():
            setattr(current, name, value)
        current.save(update_fields=[*fields, "updated_at"])
        if current.state == CampaignState.SCHEDULED:
            states.move(current, CampaignState.DRAFT, actor=actor)
    return current


def delete_campaign(*, campaign: Campaign) -> None:
    """Put a draft away.

    Raises:
        core.errors.Conflict: it has begun; its messages are part of the company's history.
    """
    with transaction.atomic():
        current = states.locked(campaign.pk)
        if current.state not in EDITABLE:
            raise Conflict(
                "campaign_started",
                _("This campaign has begun; its report stays. Cancel it to stop it."),
            )
        current.deleted_at = timezone.now()
        current.save(update_fields=["deleted_at"])


def _checked(
    *,
    name: str,
    connection: Connection,
    template: Template,
    variables: Mapping[str, Mapping[str, str]],
    audience: Mapping[str, Any],
    scheduled_at: datetime | None,
) -> dict[str, Any]:
    errors: dict[str, Any] = {}
    if not name.strip():
        errors["name"] = _("Give the campaign a name.")
    if connection.deleted_at is not None:
        errors["connection"] = _("This connection was removed. Choose another one.")
    if template.account_id != connection.account_id:
        errors["template"] = _("This template belongs to another account than the connection.")
    elif template.status != TemplateStatus.APPROVED:
        errors["template"] = _("This template is not approved, so WhatsApp would refuse it.")
    stored_audience: dict[str, Any] = {}
    try:
        validate_variables(template, variables)
    except Invalid as error:
        errors |= error.errors
    try:
        stored_audience = audiences.validate(dict(audience))
    except Invalid as error:
        errors |= error.errors
    if errors:
        raise Invalid(errors)
    return {
        "name": name.strip(),
        "connection": connection,
        "template": template,
        "variables": {key: dict(value) for key, value in variables.items()},
        "audience": stored_audience,
        "scheduled_at": scheduled_at,
    }
