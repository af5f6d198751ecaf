"""The form of a company's business hours."""

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from conversations.models import BusinessHours
from conversations.opening import write_slots

COUNTRIES = (
    ("", _("None")),
    ("AR", _("Argentina")),
    ("BR", _("Brazil")),
    ("CL", _("Chile")),
    ("CO", _("Colombia")),
    ("MX", _("Mexico")),
    ("PY", _("Paraguay")),
    ("PT", _("Portugal")),
    ("UY", _("Uruguay")),
)


class BusinessHoursForm(forms.Form):
    """A line of hours for each day, holidays, and what is said outside."""

    is_on = forms.BooleanField(
        label=_("Answer outside the hours"),
        required=False,
        help_text=_("Who writes then is told once a day that nobody is there."),
    )
    away_text = forms.CharField(
        label=_("Away message"),
        required=False,
        max_length=1024,
        widget=forms.Textarea(attrs={"rows": 3, "data-autosize": True}),
    )
    country = forms.ChoiceField(
        label=_("Closed on the national holidays of"), choices=COUNTRIES, required=False
    )
    closed_days = forms.CharField(
        label=_("Closed on these days too"),
        required=False,
        help_text=_("One date a line, such as 2026-12-24."),
        widget=forms.Textarea(attrs={"rows": 3, "data-autosize": True}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day, name in WEEKDAYS.items():
            self.fields[f"day_{day}"] = forms.CharField(
                label=name,
                required=False,
                max_length=200,
                widget=forms.TextInput(
                    attrs={"placeholder": "08:00-12:00, 13:00-18:00", "autocomplete": "off"}
                ),
            )

    @staticmethod
    def values_of(hours: BusinessHours) -> dict[str, Any]:
        days = {f"day_{day}": write_slots(hours.slots.get(str(day), ())) for day in WEEKDAYS}
        return {
            "is_on": hours.is_on,
            "away_text": hours.away_text,
            "country": hours.country,
            "closed_days": "\n".join(hours.closed_days),
            **days,
        }

    @property
    def values(self) -> dict[str, Any]:
        """What conversations.services.away.change takes; after is_valid()."""
        data = self.cleaned_data
        return {
            "is_on": data["is_on"],
            "away_text": data["away_text"],
            "country": data["country"],
            "closed_days": data["closed_days"].split(),
            "slots": {day: data[f"day_{day}"] for day in WEEKDAYS},
        }

    @property
    def days(self) -> list[forms.BoundField]:
        """The lines of the week."""
        return [self[f"day_{day}"] for day in WEEKDAYS]
