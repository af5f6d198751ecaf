"""What members are told by automations, and what can be in trouble with one."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from events import incidents
from team import notifications

TOLD = "automation.told"
LOOP, FAILING = "automation.loop", "automation.failing"


def register() -> None:
    """Called once, from AppConfig.ready()."""
    notifications.register(
        notifications.Kind(
            code=TOLD,
            text="%(text)s",
            icon="workflow",
            label=_("An automation tells me something"),
        )
    )
    incidents.register(
        incidents.Kind(
            code=LOOP,
            text=_("Automation “%(name)s” is going in circles and was held."),
            advice=_("Look at what it does: it sets off what starts it again."),
            icon="repeat",
            tone="warning",
        )
    )
    incidents.register(
        incidents.Kind(
            code=FAILING,
            text=_("Automation “%(name)s” fails at a step."),
            advice=_("Open its runs to see the step and its cause."),
            icon="workflow",
        )
    )
