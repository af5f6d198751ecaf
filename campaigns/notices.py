"""What people are told through their bell (team.notifications) about campaigns."""

from functools import partial

from django.utils.translation import gettext_lazy as _

from team.notifications import Kind

_run = partial(Kind, permission="campaigns.manage", area=_("Campaigns"))
_file = partial(Kind, permission="campaigns.view", area=_("Campaigns"))

KINDS = (
    _run(
        "campaign.completed",
        _("The campaign %(name)s is done."),
        "circle-check",
        _("A campaign is done"),
        "success",
    ),
    _run(
        "campaign.paused",
        _("The campaign %(name)s paused by itself."),
        "pause",
        _("A campaign paused by itself"),
        "warning",
    ),
    _run(
        "campaign.failed",
        _("The campaign %(name)s had nobody to go to."),
        "users",
        _("A campaign had nobody to go to"),
        "danger",
    ),
    _run(
        "campaign.not_started",
        _("The campaign %(name)s could not start."),
        "circle-alert",
        _("A campaign could not start"),
        "danger",
    ),
    _file(
        "export.ready",
        _("The file of %(name)s is ready."),
        "download",
        _("Your file is ready"),
        "success",
    ),
    _file(
        "export.failed",
        _("The file of %(name)s could not be made. Ask for it again."),
        "circle-alert",
        _("Your file could not be made"),
        "danger",
    ),
)
