"""Choices of the platform: states of a company, roles of a member, kinds of routes."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CompanyState(TextChoices):
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")  # inbound is kept, sends are denied
    DELETED = "deleted", _("Deleted")


class Role(TextChoices):
    """What a person is in a company, strongest first; `permissions.py` says what each may do."""

    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Administrator")
    MANAGER = "manager", _("Manager")
    AGENT = "agent", _("Agent")
    VIEWER = "viewer", _("Viewer")


class RouteKind(TextChoices):
    """What an address of the outside world is: the number or the webhook of a company."""

    NUMBER = "number", _("Number at a provider")
    WEBHOOK = "webhook", _("Webhook address")


class RouteState(TextChoices):
    ACTIVE = "active", _("Active")
    RELEASED = "released", _("Released")  # free for another company; what arrives is parked
