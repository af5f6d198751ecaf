from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class EnvelopeState(TextChoices):
    RECEIVED = "received", _("Received")
    SPLIT = "split", _("Handed over")  # every item has its row in its company (or is parked)
    DEAD = "dead", _("Given up")  # could not be read after five tries


class ParkedReason(TextChoices):
    UNKNOWN_NUMBER = "unknown_number", _("No company has this number")
    RELEASED = "released", _("The number was released")
    UNREADABLE = "unreadable", _("Not in the provider's shape")
