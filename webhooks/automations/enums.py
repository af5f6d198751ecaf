"""States of automations, of their runs and of what a run did at each step."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AutomationState(TextChoices):
    DRAFT = "draft", _("Draft")  # never published
    ON = "on", _("On")
    OFF = "off", _("Off")


class RunState(TextChoices):
    RUNNING = "running", _("Running")
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")  # a step crashed five times
    STOPPED = "stopped", _("Stopped")  # by a step, by somebody, or switched off
    SKIPPED = "skipped", _("Skipped")  # a guard said no; nothing was done


LIVE = (RunState.RUNNING, RunState.WAITING)


class Outcome(TextChoices):
    """What came of one step of a run."""

    DONE = "done", _("Done")
    NOTHING = "nothing", _("Nothing to do")  # the tag was there already
    REFUSED = "refused", _("Not done")  # a rule said no: the gate, a missing value
    FAILED = "failed", _("Failed")
    WAITED = "waited", _("Waited")
    HELD = "held", _("Condition held")
    NOT_HELD = "not_held", _("Condition did not hold")
    STOPPED = "stopped", _("Stopped")


class DryRunState(TextChoices):
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class WhenOff(TextChoices):
    """What becomes of runs that wait when their automation is switched off."""

    GO_ON = "go_on", _("Runs that wait go on")
    STOP = "stop", _("Runs that wait stop")
