"""How a company works in its inbox, as programs read and change it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from conversations.enums import Sight
from conversations.hours_form import COUNTRIES
from conversations.models import BusinessHours, InboxSettings
from conversations.opening import write_slots
from conversations.services.away import MAX_TEXT
from conversations.services.inbox_settings import MAX_QUESTION

DAYS = [str(day) for day in range(7)]


class InboxSettingsSerializer(serializers.Serializer[InboxSettings]):
    """How far agents and viewers see; all others see all. What customers see of us."""

    agents_see = serializers.ChoiceField(choices=Sight.choices)
    viewers_see = serializers.ChoiceField(choices=Sight.choices)
    tells_reading = serializers.BooleanField(
        help_text="Whether customers see that theirs was read, and that somebody is typing."
    )
    first_reply_minutes = serializers.IntegerField(
        allow_null=True,
        help_text="Minutes of business hours within which the first answer is promised; null: "
        "nothing is. A team's own promise holds over it (`teams`).",
    )
    next_reply_minutes = serializers.IntegerField(
        allow_null=True, help_text="The same for every further answer."
    )
    asks_rating = serializers.BooleanField(
        help_text="Whether customers are asked for a rating when a conversation is resolved."
    )
    asks_rating_in_bulk = serializers.BooleanField(
        help_text="The same for those that are resolved many at once."
    )
    asks_rating_comment = serializers.BooleanField(
        help_text="Whether a comment is asked for with the thanks."
    )
    rating_question = serializers.CharField(
        max_length=MAX_QUESTION, allow_blank=True, help_text="Empty: the usual one."
    )
    rating_every_days = serializers.IntegerField(
        help_text="The same person is asked once in so many days."
    )


class WeekField(serializers.DictField):
    """By weekday (`0` is Monday), as people write it: `08:00-12:00, 13:00-18:00`."""

    child = serializers.CharField(allow_blank=True, max_length=200)

    def to_internal_value(self, data: Any) -> dict[str, str]:
        week = super().to_internal_value(data)
        if set(week) - set(DAYS):
            raise serializers.ValidationError(_("Name the days 0 (Monday) to 6 (Sunday)."))
        return dict(week)

    def to_representation(self, value: dict[str, Any]) -> dict[str, str]:
        return {day: write_slots(value[day]) for day in DAYS if value.get(day)}


class BusinessHoursSerializer(serializers.Serializer[BusinessHours]):
    """The week, holidays, and what is said outside it (`is_on`)."""

    is_on = serializers.BooleanField()
    hours = WeekField(source="slots")
    country = serializers.ChoiceField(
        choices=[code for code, _name in COUNTRIES],
        allow_blank=True,
        help_text="Whose national holidays are closed (ISO 3166).",
    )
    closed_days = serializers.ListField(child=serializers.DateField(), max_length=100)
    away_text = serializers.CharField(max_length=MAX_TEXT, allow_blank=True)
