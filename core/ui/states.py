"""Colour and name of each state that the screens show."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_TONES: Mapping[str, str] = {
    "success": "accepted active approved completed connected delivered done green read replied "
    "sent verified",
    "info": "checking invited pending preparing queued scheduled sending snoozed",
    "primary": "open running",
    "warning": "expired held in_appeal limited paused skipped unknown waiting yellow",
    "danger": "dead disabled disconnected error failed red rejected revoked suspended",
}
_TONE_OF = {state: tone for tone, states in _TONES.items() for state in states.split()}

_LABELS: Mapping[str, Promise] = {
    "accepted": _("Accepted"),
    "active": _("Active"),
    "approved": _("Approved"),
    "cancelled": _("Cancelled"),
    "checking": _("Checking"),
    "completed": _("Completed"),
    "connected": _("Connected"),
    "dead": _("Given up"),
    "delivered": _("Delivered"),
    "disabled": _("Disabled"),
    "disconnected": _("Disconnected"),
    "done": _("Done"),
    "draft": _("Draft"),
    "error": _("Error"),
    "expired": _("Expired"),
    "failed": _("Failed"),
    "green": _("High"),
    "held": _("Held back"),
    "in_appeal": _("In appeal"),
    "invited": _("Invited"),
    "limited": _("Limited"),
    "open": _("Open"),
    "paused": _("Paused"),
    "pending": _("Pending"),
    "preparing": _("Preparing"),
    "queued": _("Queued"),
    "read": _("Read"),
    "red": _("Low"),
    "rejected": _("Rejected"),
    "replied": _("Replied"),
    "resolved": _("Resolved"),
    "revoked": _("Revoked"),
    "running": _("Running"),
    "scheduled": _("Scheduled"),
    "sending": _("Sending"),
    "sent": _("Sent"),
    "skipped": _("Skipped"),
    "snoozed": _("Snoozed"),
    "suspended": _("Suspended"),
    "unknown": _("Unconfirmed"),
    "verified": _("Verified"),
    "waiting": _("Waiting"),
    "yellow": _("Medium"),
}


def tone(state: str) -> str:
    """The badge tone of a state; ``neutral`` for states that say nothing good or bad."""
    return _TONE_OF.get(str(state).lower(), "neutral")


def state_label(state: str) -> str:
    """The state's name in the reader's language; an unlisted one is shown as written."""
    key = str(state).lower()
    return str(_LABELS.get(key, key.replace("_", " ").capitalize()))
