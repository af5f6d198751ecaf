from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class DeliveryState(TextChoices):
    PENDING = "pending", _("Waiting")
    DONE = "done", _("Done")
    DEAD = "dead", _("Given up")  # after five crashes; redriven by staff
