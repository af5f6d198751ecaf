"""Automations: what a company wants to happen when something happened, and every run of it.

An automation is edited as a draft and published as a version, which never changes: a run keeps the
version that it began with. Waits are rows with a time, never timers.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from core.ids import uuid7
from crm.models import Contact
from team.models import Member
from webhooks.automations.enums import LIVE, AutomationState, DryRunState, Outcome, RunState


class Automation(models.Model):
    """When … if … do …, under a name. `draft` is what the builder edits; `current` is in force."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(_("name"), max_length=120)
    state = models.CharField(max_length=5, choices=AutomationState, default=AutomationState.DRAFT)
    draft = models.JSONField(default=dict)  # a definition, complete or not (definition.py)
    current = models.ForeignKey(
        "automations.Version", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # Of the version in force; empty while there is none.
    trigger_kind = models.CharField(max_length=32, blank=True)
    # Triggers that no event starts (a time, silence): when it looks next, and how far it came.
    clock_at = models.DateTimeField(null=True)
    clock_from = models.DateTimeField(null=True)  # what happened before is not looked at
    clock_cursor = models.UUIDField(null=True)
    switched_on_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("automation")
        verbose_name_plural = _("automations")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(
                fields=["clock_at"], condition=Q(clock_at__isnull=False), name="automation_clock"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Version(models.Model):
    """A definition as it was published; immutable."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    automation = models.ForeignKey(Automation, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    # Types of events that its runs wait for; they are heard while any of them may.
    waits_for = ArrayField(models.CharField(max_length=64), default=list)
    author = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    published_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["automation", "number"], name="version_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.number}"


class Listener(models.Model):
    """A type of event that starts an automation, while it is on: one look-up finds all that an
    event starts."""

    id = models.BigAutoField(primary_key=True)
    type = models.CharField(max_length=64)
    automation = models.ForeignKey(Automation, on_delete=models.CASCADE, related_name="listeners")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["type", "automation"], name="listener_once")]

    def __str__(self) -> str:
        return self.type


class Run(models.Model):
    """One going through of a version, for one contact (or none) and one event.

    An event starts an automation once for each contact, however often it is delivered; `event_run`
    counts how often staff asked for it once more, with its effects.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    automation = models.ForeignKey(Automation, on_delete=models.CASCADE, related_name="runs")
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="runs")
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, null=True, related_name="automation_runs"
    )
    event_uid = models.UUIDField()  # of a moment that no event told: made from what it was
    event_run = models.PositiveIntegerField(default=0)
    event_type = models.CharField(max_length=64)
    event_at = models.DateTimeField()
    data = models.JSONField(default=dict)  # the event's, as it was
    # What other events are about the same: "order:123", else "contact:<id>".
    correlation = models.CharField(max_length=200, blank=True)
    depth = models.PositiveSmallIntegerField(default=0)  # automations that led to it
    state = models.CharField(max_length=7, choices=RunState, default=RunState.RUNNING)
    position = models.CharField(max_length=16, blank=True)  # the step that comes next
    wake_at = models.DateTimeField(null=True)  # when somebody looks at it, at the latest
    waits_for = ArrayField(models.CharField(max_length=64), default=list)
    wait_until = models.DateTimeField(null=True)  # when the wait ends, come what may
    heard_from = models.DateTimeField(default=now)  # what the contact did before is not waited for
    attempts = models.PositiveSmallIntegerField(default=0)  # at this step
    code = models.CharField(max_length=48, blank=True)  # why it was skipped, stopped or failed
    error = models.CharField(max_length=500, blank=True)
    started_at = models.DateTimeField(default=now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs of automations")
        constraints = [
            models.UniqueConstraint(
                fields=["automation", "event_uid", "event_run", "contact"],
                nulls_distinct=False,
                name="run_once",
            )
        ]
        indexes = [
            models.Index(fields=["wake_at", "id"], condition=Q(state__in=LIVE), name="run_due"),
            models.Index(
                fields=["correlation"],
                condition=Q(state=RunState.WAITING) & ~Q(waits_for=[]),
                name="run_waits_for",
            ),
            models.Index(
                fields=["contact"],
                condition=Q(state=RunState.WAITING) & ~Q(waits_for=[]),
                name="run_waits_of",
            ),
            models.Index(fields=["automation", "-started_at", "-id"], name="run_newest"),
            models.Index(fields=["automation", "contact", "-started_at"], name="run_of_contact"),
            models.Index(fields=["automation", "correlation"], name="run_about"),
            models.Index(fields=["id"], condition=Q(state=RunState.FAILED), name="run_failed"),
        ]

    def __str__(self) -> str:
        return f"{self.automation_id} {self.state}"


class RunStep(models.Model):
    """A line of a run's log: what held with which values, what was done, or why not.

    Unique by run and step: what a step does commits together with its line, so never twice.
    """

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    step = models.CharField(max_length=16)  # its id in the version; "start" for the conditions
    kind = models.CharField(max_length=32)
    outcome = models.CharField(max_length=8, choices=Outcome)
    code = models.CharField(max_length=48, blank=True)
    # As JSON values: ids of what was made, the values that were seen (words.py makes sentences).
    said = models.JSONField(default=dict)
    at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["run", "step"], name="run_step_once")]

    def __str__(self) -> str:
        return f"{self.step} {self.outcome}"


class Miss(models.Model):
    """An event that started nothing, and what did not hold; the last ones of each automation."""

    id = models.BigAutoField(primary_key=True)
    automation = models.ForeignKey(Automation, on_delete=models.CASCADE, related_name="misses")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, null=True, related_name="+")
    event_uid = models.UUIDField()
    event_type = models.CharField(max_length=64)
    code = models.CharField(max_length=48)  # "conditions", "keyword", a guard's
    said = models.JSONField(default=dict)
    at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = _("event that started nothing")
        verbose_name_plural = _("events that started nothing")
        indexes = [models.Index(fields=["automation", "-id"], name="miss_newest")]

    def __str__(self) -> str:
        return f"{self.automation_id} {self.code}"


class DryRun(models.Model):
    """What a definition would have done with the events of a period; nothing of it is done."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    automation = models.ForeignKey(Automation, on_delete=models.CASCADE, related_name="dry_runs")
    definition = models.JSONField()
    # What it is compared with: the version in force when it was asked for.
    against = models.ForeignKey(Version, on_delete=models.CASCADE, null=True, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()
    state = models.CharField(max_length=9, choices=DryRunState, default=DryRunState.RUNNING)
    total = models.PositiveIntegerField(default=0)  # events of the period that it looks at
    done = models.PositiveIntegerField(default=0)
    is_cut = models.BooleanField(default=False)  # the period holds more; the newest are looked at
    cursor = models.BigIntegerField(default=0)  # the last event's sequence
    # {"starts", "misses", "actions": {kind: n}, "refused": {code: n}, "differs", "only_new",
    # "only_old"}
    counts = models.JSONField(default=dict)
    error = models.CharField(max_length=300, blank=True)
    requested_by = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=now, editable=False)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("dry run")
        verbose_name_plural = _("dry runs")
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return self.state


class DryRunItem(models.Model):
    """One event (and contact) of a dry run: the lines of a log that nobody wrote."""

    id = models.BigAutoField(primary_key=True)
    dry_run = models.ForeignKey(DryRun, on_delete=models.CASCADE, related_name="items")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, null=True, related_name="+")
    event_uid = models.UUIDField()
    event_type = models.CharField(max_length=64)
    event_at = models.DateTimeField()
    starts = models.BooleanField()
    # Lines as `RunStep` keeps them: [{"step", "kind", "outcome", "code", "said", "at"}]
    lines = models.JSONField(default=list)
    # The same of the version in force, where that is another; null where there is none.
    old_starts = models.BooleanField(null=True)
    old_lines = models.JSONField(null=True)
    differs = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("event of a dry run")
        verbose_name_plural = _("events of dry runs")
        ordering = ["id"]
        indexes = [models.Index(fields=["dry_run", "id"], name="dry_run_items")]

    def __str__(self) -> str:
        return f"{self.event_type} {self.starts}"
