"""States of everything that is sent and received, and which may follow which.

Two axes, never one status column: DispatchState is ours and fenced by a claim; the delivery rank
is the provider's and only ever rises. What people and the API see is derived (PublicState).
"""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class Direction(TextChoices):
    IN = "in", _("Received")
    OUT = "out", _("Sent")
    INTERNAL = "internal", _("Internal")  # notes and system lines


class MessageKind(TextChoices):
    TEXT = "text", _("Text")
    TEMPLATE = "template", _("Template")
    IMAGE = "image", _("Image")
    VIDEO = "video", _("Video")
    AUDIO = "audio", _("Audio")
    DOCUMENT = "document", _("Document")
    STICKER = "sticker", _("Sticker")
    LOCATION = "location", _("Location")
    CONTACTS = "contacts", _("Contact card")
    INTERACTIVE = "interactive", _("Buttons or list")
    BUTTON = "button", _("Button reply")
    REACTION = "reaction", _("Reaction")
    NOTE = "note", _("Private note")
    SYSTEM = "system", _("System line")
    CALL = "call", _("Call")
    UNKNOWN = "unknown", _("Unsupported message")


class Origin(TextChoices):
    CAMPAIGN = "campaign", _("Campaign")
    AGENT = "agent", _("Team")
    API = "api", _("API")
    CUSTOMER = "customer", _("Customer")
    SYSTEM = "system", _("System")
    RULE = "rule", _("Automation")


class DispatchState(TextChoices):
    """delivery.md 2.3. Empty for what was never ours to send (inbound, notes)."""

    NONE = "", ""
    PLANNED = "planned", _("Planned")
    QUEUED = "queued", _("Queued")
    CLAIMED = "claimed", _("Claimed")
    SENDING = "sending", _("Sending")
    ACCEPTED = "accepted", _("Accepted")
    RETRY_WAIT = "retry_wait", _("Waiting to try again")
    REJECTED = "rejected", _("Rejected")
    UNKNOWN = "unknown", _("Awaiting confirmation")
    UNCONFIRMED = "unconfirmed", _("Not confirmed")
    SKIPPED = "skipped", _("Skipped")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")


TRANSITIONS: dict[DispatchState, frozenset[DispatchState]] = {
    DispatchState.PLANNED: frozenset(
        {
            DispatchState.CLAIMED,  # as soon as its run runs: that makes it queued
            DispatchState.CANCELLED,
            DispatchState.SKIPPED,
            DispatchState.EXPIRED,
        }
    ),
    DispatchState.QUEUED: frozenset(
        {
            DispatchState.CLAIMED,
            DispatchState.CANCELLED,
            DispatchState.SKIPPED,
            DispatchState.EXPIRED,
            # A receipt proves that an attempt we took for refused went through after all.
            DispatchState.ACCEPTED,
        }
    ),
    DispatchState.CLAIMED: frozenset(
        {
            DispatchState.SENDING,
            DispatchState.QUEUED,
            DispatchState.CANCELLED,
            DispatchState.SKIPPED,
            DispatchState.REJECTED,  # quarantined: whoever held it died, again and again
            DispatchState.ACCEPTED,
        }
    ),
    DispatchState.SENDING: frozenset(
        {
            DispatchState.ACCEPTED,
            DispatchState.REJECTED,
            DispatchState.RETRY_WAIT,
            DispatchState.UNKNOWN,
        }
    ),
    DispatchState.RETRY_WAIT: frozenset(
        {
            DispatchState.CLAIMED,
            DispatchState.REJECTED,
            DispatchState.CANCELLED,
            DispatchState.SKIPPED,
            DispatchState.EXPIRED,
            DispatchState.ACCEPTED,
        }
    ),
    # Again only by choice, once: Message.at_least_once.
    DispatchState.UNKNOWN: frozenset(
        {DispatchState.ACCEPTED, DispatchState.RETRY_WAIT, DispatchState.UNCONFIRMED}
    ),
    DispatchState.UNCONFIRMED: frozenset({DispatchState.ACCEPTED}),
}

# After so many deaths of its sender a claimed message is tried with no other beside it, and after
# so many it is tried no more.
SUSPECT_CRASHES = 2
POISON_CRASHES = 5

# What a sender may pick up when its time has come and, if it is of a run, while that runs.
CLAIMABLE = (DispatchState.PLANNED, DispatchState.QUEUED, DispatchState.RETRY_WAIT)
# What still stands between a campaign and its end.
OPEN_STATES = (
    DispatchState.PLANNED,
    DispatchState.QUEUED,
    DispatchState.CLAIMED,
    DispatchState.SENDING,
    DispatchState.RETRY_WAIT,
    DispatchState.UNKNOWN,
)


class Rank(IntegerChoices):
    """delivery.md 2.4: what the provider says became of it; it never falls."""

    NONE = 0, _("Accepted")
    SENT = 10, _("Sent")
    DELIVERED = 20, _("Delivered")
    READ = 30, _("Read")
    PLAYED = 40, _("Played")


class PublicState(TextChoices):
    """What pages and the API call a message's state, a partition."""

    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Sending")
    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    READ = "read", _("Read")
    FAILED = "failed", _("Failed")
    SKIPPED = "skipped", _("Skipped")
    CANCELLED = "cancelled", _("Cancelled")
    UNKNOWN = "unknown", _("Awaiting confirmation")
    RECEIVED = "received", _("Received")


class StreamState(TextChoices):
    """Whether messages of a run may go out now."""

    HELD = "held", _("Held")  # being prepared or scheduled
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    CLOSED = "closed", _("Closed")  # cancelled or completed: nothing leaves any more


class TemplateStatus(TextChoices):
    DRAFT = "DRAFT", _("Draft")  # ours, not yet sent to the provider
    PENDING = "PENDING", _("In review")
    APPROVED = "APPROVED", _("Approved")
    REJECTED = "REJECTED", _("Rejected")
    PAUSED = "PAUSED", _("Paused")
    DISABLED = "DISABLED", _("Disabled")
    IN_APPEAL = "IN_APPEAL", _("In appeal")
    REMOVED = "REMOVED", _("Removed at the provider")


class TemplateCategory(TextChoices):
    MARKETING = "MARKETING", _("Marketing")
    UTILITY = "UTILITY", _("Utility")
    AUTHENTICATION = "AUTHENTICATION", _("Authentication")


class MediaState(TextChoices):
    PENDING = "pending", _("Being fetched")
    READY = "ready", _("Ready")
    FAILED = "failed", _("Unavailable")


# Values of `Message.variant` that name no content.
HOLDOUT = "holdout"  # kept out of a run, to compare with
REST = "rest"  # planned, and not released before its content is decided
TEST = "test"  # a try before the run; belongs to no run
