"""Automations as programs see them (docs/api.md)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import PublicIdField
from webhooks.automations import definition as definitions
from webhooks.automations import words
from webhooks.automations.enums import (
    AutomationState,
    DryRunState,
    Outcome,
    RunState,
    WhenOff,
)
from webhooks.automations.models import Automation, Miss, Run, RunStep
from webhooks.automations.selectors import Activity


class AutomationActivitySerializer(serializers.Serializer[Any]):
    """Runs of the last day and week, those under way, those of the week that failed."""

    today = serializers.IntegerField()
    week = serializers.IntegerField()
    waiting = serializers.IntegerField()
    failing = serializers.IntegerField()
    last_at = serializers.DateTimeField(allow_null=True)


class AutomationProblemSerializer(serializers.Serializer[Any]):
    """What keeps a draft from being published, and where: `steps.<id>.params.text`."""

    place = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class AutomationSerializer(serializers.Serializer[Any]):
    """An automation. `draft` is edited, `version` is in force."""

    id = PublicIdField("aut", source="pk", read_only=True)
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=AutomationState.choices)
    version = serializers.SerializerMethodField()
    draft = serializers.JSONField()
    problems = serializers.SerializerMethodField()
    activity = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_version(self, automation: Automation) -> int | None:
        return automation.current.number if automation.current else None

    @extend_schema_field(AutomationProblemSerializer(many=True))
    def get_problems(self, automation: Automation) -> list[dict[str, str]]:
        if not self.context.get("exact"):
            return []
        return [
            {"place": place, "code": error.code, "message": str(error.message)}
            for place, error in definitions.problems(automation.draft).items()
        ]

    @extend_schema_field(AutomationActivitySerializer)
    def get_activity(self, automation: Automation) -> Any:
        found: dict[Any, Activity] = self.context.get("activity", {})
        return AutomationActivitySerializer(found.get(automation.pk, Activity())).data


class AutomationWriteSerializer(serializers.Serializer[Any]):
    """`definition` becomes the draft: webhooks/automations/definition.py says its format, and
    `GET /automations/catalogue/` what there is to choose."""

    name = serializers.CharField(max_length=120)
    definition = serializers.JSONField(required=False)
    ready_made = serializers.CharField(
        required=False, write_only=True, help_text="Begin with one of the catalogue's ready_made."
    )


class SwitchOffSerializer(serializers.Serializer[Any]):
    """What becomes of the runs that wait."""

    waiting = serializers.ChoiceField(choices=WhenOff.choices, default=WhenOff.GO_ON)


class AutomationVersionSerializer(serializers.Serializer[Any]):
    """A definition as it was published."""

    id = PublicIdField("auv", source="pk", read_only=True)
    number = serializers.IntegerField()
    definition = serializers.JSONField()
    published_at = serializers.DateTimeField()


class AutomationRunSerializer(serializers.Serializer[Any]):
    """One going through, for one contact and event."""

    id = PublicIdField("run", source="pk", read_only=True)
    automation = PublicIdField("aut", source="automation_id")
    version = serializers.IntegerField(source="version.number")
    contact = PublicIdField("con", source="contact_id", allow_null=True)
    event = PublicIdField("evt", source="event_uid")
    event_type = serializers.CharField()
    state = serializers.ChoiceField(choices=RunState.choices)
    code = serializers.CharField(allow_blank=True)
    reason = serializers.SerializerMethodField()
    waits_for = serializers.ListField(child=serializers.CharField())
    wait_until = serializers.DateTimeField(allow_null=True)
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def get_reason(self, run: Run) -> str:
        return words.reason(run.code)


class RunLineSerializer(serializers.Serializer[Any]):
    """A line of the log: what held with which values, what was done, or why not."""

    step = serializers.CharField()
    kind = serializers.CharField()
    outcome = serializers.ChoiceField(choices=Outcome.choices)
    code = serializers.CharField(allow_blank=True)
    said = serializers.JSONField()
    at = serializers.DateTimeField()
    title = serializers.SerializerMethodField()
    detail = serializers.SerializerMethodField()

    def get_title(self, row: Any) -> str:
        return words.line(row, self.context.get("definition")).title

    def get_detail(self, row: Any) -> str:
        return words.line(row, self.context.get("definition")).detail


class AutomationRunDetailSerializer(AutomationRunSerializer):
    """A run with its log."""

    data = serializers.JSONField()  # type: ignore[assignment]
    steps = serializers.SerializerMethodField()

    @extend_schema_field(RunLineSerializer(many=True))
    def get_steps(self, run: Run) -> Any:
        steps: list[RunStep] = list(run.steps.all())
        context = {"definition": run.version.definition}
        return RunLineSerializer(steps, many=True, context=context).data


class AutomationMissSerializer(serializers.Serializer[Any]):
    """An event that started nothing, and why."""

    event = PublicIdField("evt", source="event_uid")
    event_type = serializers.CharField()
    contact = PublicIdField("con", source="contact_id", allow_null=True)
    code = serializers.CharField()
    reason = serializers.SerializerMethodField()
    said = serializers.JSONField()
    at = serializers.DateTimeField()

    def get_reason(self, miss: Miss) -> str:
        return words.reason(miss.code, miss.said)


class DryRunWriteSerializer(serializers.Serializer[Any]):
    """The period, the last seven days if left out; the draft is tried unless another is given."""

    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    definition = serializers.JSONField(required=False)


class DryRunSerializer(serializers.Serializer[Any]):
    """A dry run, its progress and what it came to."""

    id = PublicIdField("dry", source="pk", read_only=True)
    automation = PublicIdField("aut", source="automation_id")
    state = serializers.ChoiceField(choices=DryRunState.choices)
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    total = serializers.IntegerField()
    done = serializers.IntegerField()
    is_cut = serializers.BooleanField()
    counts = serializers.JSONField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class DryRunItemSerializer(serializers.Serializer[Any]):
    """One event: what would have been done, and what the version in force would have."""

    event = PublicIdField("evt", source="event_uid")
    event_type = serializers.CharField()
    event_at = serializers.DateTimeField()
    contact = PublicIdField("con", source="contact_id", allow_null=True)
    starts = serializers.BooleanField()
    lines = serializers.JSONField()
    old_starts = serializers.BooleanField(allow_null=True)
    old_lines = serializers.JSONField(allow_null=True)
    differs = serializers.BooleanField()


class OptionSerializer(serializers.Serializer[Any]):
    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class CatalogueFieldSerializer(serializers.Serializer[Any]):
    """A field of `params`."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    input = serializers.CharField(source="value.input")
    required = serializers.BooleanField(source="is_required")  # type: ignore[assignment]
    default = serializers.JSONField(allow_null=True)
    options = OptionSerializer(many=True, source="value.options")


class CataloguePartSerializer(serializers.Serializer[Any]):
    """A trigger, an action or a wait."""

    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    help = serializers.CharField()
    fields_ = CatalogueFieldSerializer(many=True)

    def get_fields(self) -> dict[str, Any]:
        """`fields` is a word of the serializer's own."""
        found = super().get_fields()
        return {**{name: found[name] for name in ("kind", "label", "help")},
                "fields": found["fields_"]}  # fmt: skip


class CatalogueOperatorSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    input = serializers.CharField(source="value.input")


class CatalogueConditionSerializer(serializers.Serializer[Any]):
    """A condition; where `arguments` are given, one stands behind a colon: `event:amount`."""

    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    operators = CatalogueOperatorSerializer(many=True)
    arguments = serializers.SerializerMethodField()

    @extend_schema_field(OptionSerializer(many=True))
    def get_arguments(self, condition: Any) -> Any:
        found = condition.arguments() if condition.arguments else []
        return OptionSerializer(found, many=True).data


class ReadyMadeSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    text = serializers.CharField()


class AutomationCatalogueSerializer(serializers.Serializer[Any]):
    """All that automations can be made of."""

    triggers = CataloguePartSerializer(many=True)
    conditions = CatalogueConditionSerializer(many=True)
    actions = CataloguePartSerializer(many=True)
    waits = CataloguePartSerializer(many=True)
    events = OptionSerializer(many=True)
    ready_made = ReadyMadeSerializer(many=True)
