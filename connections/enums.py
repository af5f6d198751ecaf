from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ConnectionState(TextChoices):
    ACTIVE = "active", _("Connected")
    PAUSED = "paused", _("Paused")  # by staff or by a throttle; sends wait
    STOPPED = "stopped", _("Needs attention")  # the provider refuses us: token, ban, permission
    RELEASED = "released", _("Released")


class Quality(TextChoices):
    GREEN = "GREEN", _("High")
    YELLOW = "YELLOW", _("Medium")
    RED = "RED", _("Low")
    UNKNOWN = "UNKNOWN", _("Not rated yet")
