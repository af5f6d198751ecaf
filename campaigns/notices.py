"""What people are told through their bell (team.notifications) about campaigns."""

from django.utils.translation import gettext_lazy as _

from team.notifications import Kind, Text


def _told(code: str, label: Text, text: Text, icon: str, tone: str) -> Kind:
    permission = "campaigns.manage" if code.startswith("campaign.") else "campaigns.view"
    return Kind(code, text, icon, label, tone, permission=permission, area=_("Campaigns"))


KINDS = (
    _told(
        "campaign.completed",
        _("A campaign is done"),
        _("The campaign %(name)s is done."),
        "circle-check",
        "success",
    ),
    _told(
        "campaign.paused",
        _("A campaign paused by itself"),
        _("The campaign %(name)s paused by itself."),
        "pause",
        "warning",
    ),
    _told(
        "campaign.failed",
        _("A campaign had nobody to go to"),
        _("The campaign %(name)s had nobody to go to."),
        "users",
        "danger",
    ),
    _told(
        "campaign.not_started",
        _("A campaign could not start"),
        _("The campaign %(name)s could not start."),
        "circle-alert",
        "danger",
    ),
    _told(
        "export.ready",
        _("Your file is ready"),
        _("The file of %(name)s is ready."),
        "download",
        "success",
    ),
    _told(
        "export.failed",
        _("Your file could not be made"),
        _("The file of %(name)s could not be made. Ask for it again."),
        "circle-alert",
        "danger",
    ),
)
