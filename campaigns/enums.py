"""A campaign's states and which may follow which (delivery.md 2.2)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CampaignState(TextChoices):
    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")
    PREPARING = "preparing", _("Preparing")
    RUNNING = "running", _("Sending")
    PAUSED = "paused", _("Paused")
    COMPLETED = "completed", _("Completed")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Failed")


TRANSITIONS: dict[CampaignState, frozenset[CampaignState]] = {
    CampaignState.DRAFT: frozenset({CampaignState.SCHEDULED, CampaignState.PREPARING}),
    CampaignState.SCHEDULED: frozenset(
        {CampaignState.DRAFT, CampaignState.PREPARING, CampaignState.CANCELLED}
    ),
    CampaignState.PREPARING: frozenset(
        {
            CampaignState.RUNNING,
            CampaignState.PAUSED,
            CampaignState.CANCELLED,
            CampaignState.FAILED,
        }
    ),
    CampaignState.RUNNING: frozenset(
        {CampaignState.PAUSED, CampaignState.COMPLETED, CampaignState.CANCELLED}
    ),
    CampaignState.PAUSED: frozenset(
        {CampaignState.PREPARING, CampaignState.RUNNING, CampaignState.CANCELLED}
    ),
    CampaignState.COMPLETED: frozenset(),
    CampaignState.CANCELLED: frozenset(),
    CampaignState.FAILED: frozenset(),
}
