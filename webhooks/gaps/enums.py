from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Noun(TextChoices):
    """What is listened to."""

    CONNECTION = "connection", _("Number")
    SOURCE = "source", _("Source")


class Measure(TextChoices):
    """What is counted of it."""

    MESSAGES = "messages", _("Messages received")
    STATUSES = "statuses", _("Statuses of what was sent")
    POSTS = "posts", _("Posts of any kind")  # the heartbeat: whatever came
