"""Closed lists of the team."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class TeamColor(TextChoices):
    GRAY = "gray", _("Gray")
    BLUE = "blue", _("Blue")
    GREEN = "green", _("Green")
    AMBER = "amber", _("Amber")
    RED = "red", _("Red")
    VIOLET = "violet", _("Violet")
    PINK = "pink", _("Pink")
    TEAL = "teal", _("Teal")


class Presence(TextChoices):
    """Whether somebody is there: a page is open, and its reader did something lately."""

    ONLINE = "online", _("Online")
    AWAY = "away", _("Away")
    OFFLINE = "offline", _("Offline")
