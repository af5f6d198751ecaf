from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class DeliveryState(TextChoices):
    PENDING = "pending", _("Waiting")
    DONE = "done", _("Done")
    DEAD = "dead", _("Given up")  # after five crashes; redriven by staff
    DROPPED = "dropped", _("Discarded")  # dead, and thrown away by staff


class RunState(TextChoices):
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    STOPPED = "stopped", _("Stopped")


class LetterAction(TextChoices):
    REDRIVE = "redrive", _("Try again")
    DISCARD = "discard", _("Discard")
