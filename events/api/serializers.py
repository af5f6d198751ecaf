"""The log, replays and dead letters as programs see them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.fields import PublicIdField
from events.enums import LetterAction, RunState
from events.log import Filters
from events.models import Event, LetterRun, Replay


class EventSerializer(serializers.Serializer[Event]):
    """Something that happened. `sequence` tells the order, with gaps."""

    id = PublicIdField("evt", source="uid")
    sequence = serializers.IntegerField()
    type = serializers.CharField()
    version = serializers.IntegerField()
    actor = serializers.CharField(help_text="`system`, `person:<id>`, `api_key:<id>` …")
    occurred_at = serializers.DateTimeField()
    data = serializers.DictField()  # type: ignore[assignment]


class TraceRowSerializer(serializers.Serializer[Any]):
    """A line of what became of an event."""

    title = serializers.CharField()
    state = serializers.CharField()
    detail = serializers.CharField()
    attempts = serializers.IntegerField()
    at = serializers.DateTimeField(allow_null=True)


class TraceSerializer(serializers.Serializer[Any]):
    """A part of it: subscribers, automations, endpoints, the post that it came from."""

    label = serializers.CharField()  # type: ignore[assignment]
    rows = TraceRowSerializer(many=True)


class EventDetailSerializer(EventSerializer):
    """An event and what became of it."""

    traces = serializers.SerializerMethodField()

    @extend_schema_field(TraceSerializer(many=True))
    def get_traces(self, event: Event) -> Any:
        parts = [{"label": label, "rows": rows} for label, rows in self.context["traces"]]
        return TraceSerializer(parts, many=True).data


class EventFilterSerializer(serializers.Serializer[Any]):
    """Which events; what is left out filters nothing."""

    type = serializers.CharField(
        required=False,
        max_length=400,
        help_text="A type, several with commas, or a group: `campaign.*`.",
    )
    actor = serializers.CharField(required=False, max_length=80)
    since = serializers.DateField(required=False, help_text="A day on the company's clock.")
    until = serializers.DateField(required=False, help_text="A day; it is meant too.")
    about = serializers.CharField(
        required=False,
        max_length=120,
        help_text="An id that the data name: `con_…`, the number of an order.",
    )
    q = serializers.CharField(
        required=False, max_length=80, help_text="Text in the data of the latest 10,000."
    )

    @property
    def filters(self) -> Filters:
        """As the log takes them."""
        return Filters.of(
            {
                name: str(self.validated_data[name])
                for name in FILTERS
                if name in self.validated_data
            }
        )


FILTERS = ("type", "actor", "since", "until", "about", "q")


class HowSerializer(serializers.Serializer[Any]):
    """To whom and how events are replayed."""

    subscribers = serializers.ListField(
        child=serializers.CharField(max_length=80),
        required=False,
        default=list,
        max_length=50,
        help_text="By name; whoever listens when left out.",
    )
    with_effects = serializers.BooleanField(
        default=False, help_text="Also those who have handled it do so once more."
    )
    sure = serializers.BooleanField(
        default=False, help_text="Must be true with effects: messages leave once more."
    )


class ReplayWriteSerializer(EventFilterSerializer, HowSerializer):
    """Which events are replayed, to whom and how."""


class ReplaySerializer(serializers.Serializer[Replay]):
    """How far it is."""

    id = PublicIdField("rpl")
    state = serializers.ChoiceField(choices=RunState.choices)
    with_effects = serializers.BooleanField()
    subscribers = serializers.ListField(child=serializers.CharField())
    total = serializers.IntegerField()
    done = serializers.IntegerField(help_text="Events gone through.")
    handed = serializers.IntegerField(help_text="Deliveries that are handled once more.")
    left = serializers.IntegerField(help_text="Deliveries left alone: done, or still waiting.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class LetterSerializer(serializers.Serializer[Any]):
    """Something that was given up."""

    key = serializers.CharField()
    title = serializers.CharField()
    of = serializers.CharField()
    error = serializers.CharField()
    attempts = serializers.IntegerField()
    at = serializers.DateTimeField()


class DeadLettersSerializer(serializers.Serializer[Any]):
    """Letters of a box that died of the same; the latest twenty of them."""

    box = serializers.CharField()
    cause = serializers.CharField(help_text="The error with # for what differs.")
    meaning = serializers.CharField()
    count = serializers.IntegerField()
    last_at = serializers.DateTimeField()
    letters = LetterSerializer(many=True)


class LetterActionSerializer(serializers.Serializer[Any]):
    """What is done with dead letters: those of `keys`, else all of a cause, else the whole box."""

    box = serializers.CharField(max_length=48)
    action = serializers.ChoiceField(choices=LetterAction.choices, default=LetterAction.REDRIVE)
    cause = serializers.CharField(
        required=False, default="", max_length=300, allow_blank=True, trim_whitespace=False
    )
    keys = serializers.ListField(
        child=serializers.CharField(max_length=64), required=False, default=list, max_length=500
    )


class LetterRunSerializer(serializers.Serializer[LetterRun]):
    """What was begun; few letters are done at once."""

    state = serializers.ChoiceField(choices=RunState.choices)
    total = serializers.IntegerField()
    done = serializers.IntegerField()
