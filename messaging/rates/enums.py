from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RateCategory(TextChoices):
    """What a message is charged as (domain-rules 2)."""

    MARKETING = "marketing", _("Marketing")
    UTILITY = "utility", _("Utility")
    UTILITY_WINDOW = "utility_window", _("Utility, in an open conversation")
    AUTHENTICATION = "authentication", _("Authentication")
    SERVICE = "service", _("Service (answers)")
    SMS = "sms", _("SMS, for each part")
