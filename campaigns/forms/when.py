"""The step "when": its beginning, the hours it may use, how fast, until when, for how much."""

from datetime import time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from core.forms import moment_field
from core.ui.formatting import currency_choices
from messaging.services import policies

NOW, LATER = "now", "later"
TIMES = [(NOW, _("As soon as I start it")), (LATER, _("At a date and time"))]
COMPANY, OWN = "company", "own"
HOURS = [(COMPANY, _("The company's sending hours")), (OWN, _("Hours of its own"))]
DAYS = [
    ("0", _("Mon")), ("1", _("Tue")), ("2", _("Wed")), ("3", _("Thu")),
    ("4", _("Fri")), ("5", _("Sat")), ("6", _("Sun")),
]  # fmt: skip
WORKING_DAYS = ["0", "1", "2", "3", "4", "5"]


def hour_field(label: Any) -> forms.TimeField:
    """An hour of the day, with the browser's own picker."""
    return forms.TimeField(
        label=label,
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )


class WhenForm(forms.Form):
    """`fields` is what the draft stores."""

    when = forms.ChoiceField(
        label=_("When it starts"), choices=TIMES, widget=forms.RadioSelect, initial=NOW
    )
    scheduled_at = moment_field(_("Date and time"), required=False)
    hours = forms.ChoiceField(
        label=_("At what hours"), choices=HOURS, widget=forms.RadioSelect, initial=COMPANY
    )
    days = forms.MultipleChoiceField(
        label=_("Days"), choices=DAYS, required=False, widget=forms.CheckboxSelectMultiple
    )
    hours_from = hour_field(_("From"))
    hours_to = hour_field(_("Until"))
    local_time = forms.BooleanField(
        label=_("By each contact's own clock"),
        required=False,
        help_text=_("A contact in Manaus gets it an hour later than one in São Paulo."),
    )
    rate_per_minute = forms.IntegerField(
        label=_("At most, messages a minute"),
        required=False,
        min_value=1,
        max_value=60_000,
        help_text=_("Empty: as fast as the number may. Slower gives your team time to answer."),
    )
    expires_at = moment_field(_("Do not send after"), required=False)
    budget = forms.DecimalField(
        label=_("Spend at most"),
        required=False,
        min_value=0,
        max_digits=14,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"class": "input"}),
    )
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=currency_choices(),
        required=False,
        widget=forms.Select(attrs={"class": "select"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = currency_choices(self.initial.get("currency", ""))
        self.fields["currency"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("when") == LATER:
            self._check_start(data.get("scheduled_at"))
        if data.get("hours") == OWN:
            self._check_hours(data)
        return data

    def _check_start(self, moment: Any) -> None:
        if moment is None and "scheduled_at" not in self.errors:
            self.add_error("scheduled_at", _("Say when it is to start."))
        elif moment is not None and moment <= timezone.now():
            self.add_error("scheduled_at", _("This moment has passed. Choose one ahead."))

    def _check_hours(self, data: dict[str, Any]) -> None:
        if not data.get("days"):
            self.add_error("days", _("Choose at least one day."))
        start, end = data.get("hours_from"), data.get("hours_to")
        for name, value in (("hours_from", start), ("hours_to", end)):
            if value is None and name not in self.errors:
                self.add_error(name, _("Give an hour."))
        if start is not None and end is not None and end <= start:
            self.add_error("hours_to", _("The end must be later than the beginning."))

    @property
    def fields_of_draft(self) -> dict[str, Any]:
        """What `save_draft` takes for this step."""
        data = self.cleaned_data
        return {
            "scheduled_at": data["scheduled_at"] if data["when"] == LATER else None,
            "window": self._window() if data["hours"] == OWN else {},
            "local_time": data["local_time"],
            "rate_per_minute": data["rate_per_minute"],
            "expires_at": data["expires_at"],
            "budget": data["budget"],
            "currency": data["currency"] if data["budget"] is not None else "",
        }

    def _window(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "days": sorted(int(day) for day in data["days"]),
            "from": data["hours_from"].strftime("%H:%M"),
            "to": data["hours_to"].strftime("%H:%M"),
        }


def initial_of(campaign: Campaign) -> dict[str, Any]:
    """The form's values for a draft."""
    window = campaign.window
    return {
        "when": LATER if campaign.scheduled_at else NOW,
        "scheduled_at": campaign.scheduled_at,
        "hours": OWN if window else COMPANY,
        "days": [str(day) for day in window.get("days", WORKING_DAYS)],
        "hours_from": _hour(window.get("from", "09:00")),
        "hours_to": _hour(window.get("to", "20:00")),
        "local_time": campaign.local_time,
        "rate_per_minute": campaign.rate_per_minute,
        "expires_at": campaign.expires_at,
        "budget": campaign.budget,
        "currency": campaign.currency or policies.current().currency,
    }


def _hour(text: str) -> time:
    return time.fromisoformat(text)
