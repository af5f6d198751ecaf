from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ConversationStatus(TextChoices):
    OPEN = "open", _("Open")
    RESOLVED = "resolved", _("Resolved")
