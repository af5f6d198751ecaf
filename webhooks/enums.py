from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ItemState(TextChoices):
    RECEIVED = "received", _("Received")
    PROCESSED = "processed", _("Processed")
    IGNORED = "ignored", _("Not used")  # a kind that we do not know: kept, visible, replayable
    RETRY = "retry", _("Trying again")
    DEAD = "dead", _("Given up")
