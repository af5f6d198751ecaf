"""Making, changing and putting away campaigns.

The fields, all optional but the name (`campaigns.drafts.FIELDS` says which step holds which):

    name, audience (what crm.audiences takes)
    connection, connections (rows; several numbers of one account), template (row), media (row or
    None: the header's file), variables (`campaigns.variables`), variants (`[{"template": id,
    "variables": {…}, "weight": 50}, …]`, keyed A, B … in that order; the first is also `template`
    and `variables`), winner_rule (`{"metric", "sample_percent", "after_minutes"}`),
    holdout_percent (0 to 50), tracks_links
    scheduled_at, window (`{"days": [0, …, 6], "from": "09:00", "to": "20:00"}`, Monday is 0),
    local_time (the window by the recipient's clock), rate_per_minute, expires_at, budget, currency
"""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import drafts
from campaigns.enums import ENDED, WAITING, CampaignState, Step
from campaigns.events import CampaignCreated
from campaigns.models import Campaign
from campaigns.services import states
from core.errors import Conflict
from core.ids import uuid_of
from events.bus import publish
from messaging.models import Template
from messaging.services import spending, streams
from team.models import Member

STREAM_KIND = "campaign"


def create_campaign(*, name: str, by: Member | None, actor: str, **fields: Any) -> Campaign:
    """Make a draft with a name and whatever else is known already; what is given must fit.

    Raises:
        core.errors.Invalid: a part does not fit; `errors` names the field and what to do.
        TypeError: there is no such field.
    """
    campaign = Campaign(name=name, created_by=by)
    cleaned = _cleaned(drafts.fields_of(campaign), {"name": name, **fields})
    with transaction.atomic():
        campaign.stream = streams.create(kind=STREAM_KIND)
        numbers = cleaned.pop("connections", [])
        for field, value in cleaned.items():
            setattr(campaign, field, value)
        campaign.save(force_insert=True)
        campaign.connections.set(numbers)
        states.set_pace(campaign)
        if campaign.budget is not None:
            _limit(campaign)
        publish(CampaignCreated(campaign_id=campaign.pk, name=campaign.name), actor=actor)
    return campaign


def update_campaign(*, campaign: Campaign, actor: str, **changes: Any) -> Campaign:
    """Change some fields; the others stay.

    A campaign that waits for its time becomes a draft again. One that was paused takes changes of
    its content and pace alone; what has not left is put together anew before it resumes.

    Raises:
        core.errors.Conflict: it is under way or over, or the field is settled by now.
        core.errors.Invalid: as in create_campaign.
    """
    with transaction.atomic():
        current = states.locked(campaign.pk)
        _refuse_settled(current, changes)
        _store(current, _cleaned(drafts.fields_of(current), changes))
        if current.state == CampaignState.SCHEDULED:
            states.move(current, CampaignState.DRAFT, actor=actor)
    return current


def save_draft(*, campaign: Campaign, step: Step, actor: str, **fields: Any) -> Campaign:
    """Save one step of the wizard: its fields, those left out as they stand, must be complete.

    Raises:
        core.errors.Invalid: a field of this step is missing or does not fit.
        core.errors.Conflict: as in update_campaign.
    """
    with transaction.atomic():
        current = update_campaign(campaign=campaign, actor=actor, **fields)
        drafts.check(drafts.fields_of(current), drafts.FIELDS[step])
    return current


def delete_campaign(*, campaign: Campaign) -> None:
    """Put a draft away.

    Raises:
        core.errors.Conflict: it has begun; its messages are part of the company's history.
    """
    with transaction.atomic():
        current = states.locked(campaign.pk)
        if current.state not in WAITING:
            raise Conflict(
                "campaign_started",
                _("This campaign has begun; its report stays. Cancel it to stop it."),
            )
        current.deleted_at = timezone.now()
        current.save(update_fields=["deleted_at"])


def archive(*, campaign: Campaign) -> Campaign:
    """Take a campaign that is over off the list; its report stays.

    Raises:
        core.errors.Conflict: it is not over.
    """
    with transaction.atomic():
        current = states.locked(campaign.pk)
        if current.state not in ENDED:
            raise Conflict("campaign_open", _("Only a campaign that is over can be archived."))
        current.archived_at = current.archived_at or timezone.now()
        current.save(update_fields=["archived_at"])
    return current


def unarchive(*, campaign: Campaign) -> Campaign:
    """Bring an archived campaign back to the list."""
    with transaction.atomic():
        current = states.locked(campaign.pk)
        current.archived_at = None
        current.save(update_fields=["archived_at"])
    return current


def _cleaned(current: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The changed fields as they are stored; what is still open (None) is not judged yet."""
    unknown = changes.keys() - set(drafts.ALL_FIELDS)
    if unknown:
        message = f"a campaign has no {', '.join(sorted(unknown))}"
        raise TypeError(message)
    changes = _with_first_variant(changes)
    fields = {**current, **changes}
    still_open = {name for name in ("connection", "template", "audience") if not fields[name]}
    cleaned = drafts.check(fields, [name for name in changes if name not in still_open])
    return {**{name: fields[name] for name in changes if name in still_open}, **cleaned}


def _with_first_variant(changes: dict[str, Any]) -> dict[str, Any]:
    """The first variant is the campaign's own template, which lists and older readers show."""
    first = next(iter(changes.get("variants") or []), None)
    if first is None:
        return changes
    template_id = uuid_of(str(first.get("template") or ""))
    template = Template.objects.filter(pk=template_id).first() if template_id else None
    return {**changes, "template": template, "variables": first.get("variables") or {}}


def _refuse_settled(campaign: Campaign, changes: dict[str, Any]) -> None:
    """What people of the audience have been told, or are being told, no longer changes."""
    if campaign.state in WAITING:
        return
    if campaign.state != CampaignState.PAUSED:
        raise Conflict(
            "campaign_started",
            _("This campaign has begun; pause it to change what has not left yet."),
        )
    regrouped = len(changes.get("variants", campaign.variants)) != len(campaign.variants)
    if regrouped or changes.keys() - drafts.CONTENT - drafts.PACE:
        raise Conflict(
            "campaign_settled",
            _("Who gets it and from which number is settled. Clone the campaign to change that."),
        )


def _store(campaign: Campaign, cleaned: dict[str, Any]) -> None:
    numbers = cleaned.pop("connections", None)
    for field, value in cleaned.items():
        setattr(campaign, field, value)
    changed = [*cleaned, "updated_at"]
    if cleaned.keys() & drafts.CONTENT:
        campaign.content_version += 1
        changed.append("content_version")
    campaign.save(update_fields=changed)
    if numbers is not None:
        campaign.connections.set(numbers)
    states.set_pace(campaign)
    if cleaned.keys() & {"budget", "currency"}:
        _limit(campaign)


def _limit(campaign: Campaign) -> None:
    spending.limit_run(
        stream_id=campaign.stream_id, budget=campaign.budget, currency=campaign.currency
    )
