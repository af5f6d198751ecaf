from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class EndpointState(TextChoices):
    """Whether something is sent to an address."""

    ACTIVE = "active", _("Active")
    INACTIVE = "inactive", _("Switched off")  # somebody switched it off
    DISABLED = "disabled", _("Disabled")  # we gave up on it: Endpoint.cause says why


class EndpointOrigin(TextChoices):
    """Who made it: a person or program of the company, or a subscription over REST hooks."""

    MANUAL = "manual", _("By hand")
    REST_HOOK = "rest_hook", _("REST hook")


class Cause(TextChoices):
    """Why we disabled an endpoint."""

    FAILING = "failing", _("Nothing but failures for five days")
    GONE = "gone", _("It answered 410: gone for good")


class DispatchState(TextChoices):
    """Where an event is on its way to one endpoint."""

    PENDING = "pending", _("Waiting")
    SENDING = "sending", _("Sending")
    DELIVERED = "delivered", _("Delivered")
    WAITING = "waiting", _("Will be tried again")
    DEAD = "dead", _("Not delivered")
    HELD = "held", _("Held back")  # its endpoint is off; kept to be sent later
    CANCELLED = "cancelled", _("Cancelled")  # its endpoint is gone, or what it said


class Failure(TextChoices):
    """Why an attempt failed."""

    STATUS = "status", _("The address answered with an error.")
    REDIRECT = "redirect", _("The address redirects. Write the final address.")
    TIMEOUT = "timeout", _("No answer in 15 seconds.")
    NO_CONNECTION = "no_connection", _("No connection could be made.")
    BLOCKED = "blocked", _("The address is not allowed: it is not on the public internet.")
    BROKEN = "broken", _("The connection broke before the answer was complete.")
    INTERRUPTED = "interrupted", _("Our sender ended while it was sending.")
    # Nothing was attempted: there is nothing left to send.
    ERASED = "erased", _("Whom it was about was erased, and with them what it said.")


# What the sender still has to see to, in the order of a row's life.
OPEN = (DispatchState.PENDING, DispatchState.WAITING, DispatchState.SENDING)
CLAIMABLE = (DispatchState.PENDING, DispatchState.WAITING)
# What can be sent once more by hand.
REDRIVABLE = (DispatchState.DEAD, DispatchState.HELD)
