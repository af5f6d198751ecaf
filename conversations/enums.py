from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ConversationStatus(TextChoices):
    OPEN = "open", _("Open")
    PENDING = "pending", _("Pending")  # the team waits for somebody else: not for this customer
    SNOOZED = "snoozed", _("Snoozed")  # until a moment, or until the customer writes
    RESOLVED = "resolved", _("Resolved")


class ScheduledState(TextChoices):
    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class Priority(TextChoices):
    NONE = "none", _("No priority")
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")
    URGENT = "urgent", _("Urgent")


class AwaitedReply(TextChoices):
    """Which answer a customer waits for."""

    FIRST = "first", _("First reply")  # since they wrote to us anew
    NEXT = "next", _("Next reply")


class Sight(TextChoices):
    """Which conversations a role sees."""

    ALL = "all", _("All conversations")
    TEAMS = "teams", _("Their own, their teams' and those of no team")
    OWN = "own", _("Their own, and those of their teams that nobody has")
