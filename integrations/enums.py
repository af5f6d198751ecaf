from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class IntegrationState(TextChoices):
    CONNECTED = "connected", _("Connected")
    STOPPED = "stopped", _("Connect again")  # access was revoked: it waits for people
    DISCONNECTED = "disconnected", _("Not connected")


class PushKind(TextChoices):
    CONTACT = "contact", _("Contact")
    NOTE = "note", _("Note")


class PushState(TextChoices):
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")  # people may send it again
    DROPPED = "dropped", _("Not sent")  # nothing to send it about any more


class SyncState(TextChoices):
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    STOPPED = "stopped", _("Stopped")


class SyncTrigger(TextChoices):
    SCHEDULE = "schedule", _("By itself")
    MANUAL = "manual", _("By hand")


class NoteSight(TextChoices):
    PRIVATE = "private", _("Private: an editable note of your team")
    PUBLIC = "public", _("Public: a service message with our name")


class Thing(TextChoices):
    """What an external id is about."""

    CONTACT = "contact", _("Contact")
    LEAD = "lead", _("Lead")
