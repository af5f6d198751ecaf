"""A campaign's states and which may follow which (delivery.md 2.2), and its smaller choices."""

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

# Nothing was planned yet: everything may be changed.
WAITING = (CampaignState.DRAFT, CampaignState.SCHEDULED)
# It is over: its rows stand, and it may be put into the archive.
ENDED = (CampaignState.COMPLETED, CampaignState.CANCELLED, CampaignState.FAILED)


class Step(TextChoices):
    """The steps in which people make a campaign."""

    AUDIENCE = "audience", _("Audience")
    MESSAGE = "message", _("Message")
    WHEN = "when", _("When")
    CHECK = "check", _("Check")
    SEND = "send", _("Send")


class Metric(TextChoices):
    """By what one variant is better than another."""

    READ = "read", _("Read")
    REPLIED = "replied", _("Replied")
    CLICKED = "clicked", _("Clicked")


class WinnerCode(TextChoices):
    """How a variant came to win."""

    BETTER = "better", _("Better by its numbers")
    TIE = "tie", _("As good as the other; the first one was taken")
    TOO_FEW = "too_few", _("A guess: too few people to be sure")
    PERSON = "person", _("Chosen by a person")


class NextStep(TextChoices):
    """What helps after a failure."""

    RESEND = "resend", _("Send again to these people")
    NUMBER = "number", _("Open the number")
    TEMPLATE = "template", _("Look at the template")
    CONTACTS = "contacts", _("See the contacts")
    BUDGET = "budget", _("Change the budget")
    WAIT = "wait", _("Wait; it goes on by itself")


class ExportFormat(TextChoices):
    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel"
