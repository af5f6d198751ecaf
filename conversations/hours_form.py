"""The form of a company's business hours."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from conversations.models import BusinessHours
from conversations.opening import read_slots, write_slots
from conversations.services.away import HOW_HOURS_ARE_WRITTEN

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


def written(day: date) -> str:
    """A date as the reader's country writes it."""
    return date_format(day, "SHORT_DATE_FORMAT")


def _example() -> dict[str, str]:
    return {"date": written(timezone.localdate().replace(month=12, day=24))}


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
        widget=forms.Textarea(attrs={"rows": 3, "data-autosize": True}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["closed_days"].help_text = _("One date a line, such as %(date)s.") % _example()
        for day, name in WEEKDAYS.items():
            self.fields[f"day_{day}"] = forms.CharField(
                label=name,
                required=False,
                max_length=200,
                widget=forms.TextInput(
                    attrs={
                        "placeholder": pgettext_lazy("business hours", "Closed"),
                        "autocomplete": "off",
                    }
                ),
            )

    def clean(self) -> None:
        """Each day's hours: all that does not fit is said at once."""
        for day in WEEKDAYS:
            try:
                read_slots(self.cleaned_data.get(f"day_{day}", ""))
            except ValueError:
                self.add_error(f"day_{day}", HOW_HOURS_ARE_WRITTEN)

    def clean_closed_days(self) -> list[str]:
        """As ISO dates; they may be written so, or as the reader's country writes dates."""
        field = forms.DateField()
        try:
            days = [field.to_python(day) for day in self.cleaned_data["closed_days"].split()]
        except ValidationError as error:
            raise ValidationError(
                _("Write one date a line, such as %(date)s."), params=_example()
            ) from error
        return [day.isoformat() for day in days if day is not None]

    @staticmethod
    def values_of(hours: BusinessHours) -> dict[str, Any]:
        days = {f"day_{day}": write_slots(hours.slots.get(str(day), ())) for day in WEEKDAYS}
        return {
            "is_on": hours.is_on,
            "away_text": hours.away_text,
            "country": hours.country,
            "closed_days": "\n".join(written(date.fromisoformat(day)) for day in hours.closed_days),
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
            "closed_days": data["closed_days"],
            "slots": {day: data[f"day_{day}"] for day in WEEKDAYS},
        }

    @property
    def days(self) -> list[forms.BoundField]:
        """The lines of the week."""
        return [self[f"day_{day}"] for day in WEEKDAYS]
