"""The form of the sending rules: hours, how often, money, consent."""

from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from core.ui.formatting import currency_choices
from crm.enums import Purpose
from messaging.models import SendingPolicy
from messaging.services.policies import RECOMMENDED

_CENT = Decimal("0.01")
_USUAL = RECOMMENDED


def _switch(purpose: Any) -> forms.BooleanField:
    return forms.BooleanField(label=purpose, required=False)


def _days() -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        label=_("Days"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


def _hour(label: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label, required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )


class SendingPolicyForm(forms.Form):
    """What `messaging.services.policies.change` takes; `values` after it is valid."""

    marketing = _switch(_("Marketing only at certain hours"))
    marketing_days = _days()
    marketing_from = _hour(_("From"))
    marketing_to = _hour(_("Until"))
    service = _switch(_("Service templates only at certain hours"))
    service_days = _days()
    service_from = _hour(_("From"))
    service_to = _hour(_("Until"))
    skip_holidays = forms.BooleanField(
        label=_("Not on holidays"),
        required=False,
        help_text=_("National holidays of the contact's country."),
    )
    cap_messages = forms.IntegerField(
        label=_("Marketing messages to one contact, at most"), required=False, min_value=1
    )
    cap_days = forms.IntegerField(label=_("In so many days"), min_value=1, max_value=365)
    sms_per_day = forms.IntegerField(
        label=_("SMS to one contact in 24 hours, at most"), required=False, min_value=1
    )
    sms_guard_hours = forms.IntegerField(
        label=_("Same SMS to one number again after, in hours"),
        min_value=1,
        max_value=1_000,
    )
    monthly_budget = forms.DecimalField(
        label=_("Monthly budget"), required=False, min_value=0, max_digits=14, decimal_places=2
    )
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=currency_choices(),
        help_text=_("Only what is charged in this currency counts."),
    )
    requires_opt_in = forms.BooleanField(
        label=_("Marketing needs a recorded opt-in"),
        required=False,
        help_text=_(
            "Switched off, marketing also goes to contacts who never said yes. WhatsApp forbids "
            "that, and people block and report you; who changed it stands in the event log."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = currency_choices(self.initial.get("currency", ""))
        self.fields["currency"].choices = choices  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(policy: SendingPolicy) -> dict[str, Any]:
        """The form's values for a policy; hours that are off show the usual ones."""
        initial = {
            name: getattr(policy, name)
            for name in ("skip_holidays", "cap_messages", "cap_days", "sms_per_day")
        }
        initial |= {
            name: getattr(policy, name)
            for name in ("sms_guard_hours", "currency", "requires_opt_in")
        }
        budget = policy.monthly_budget
        initial["monthly_budget"] = None if budget is None else budget.quantize(_CENT)
        for purpose in Purpose.values:
            rule = policy.windows.get(purpose)
            initial |= _shown(purpose, rule or _USUAL, is_on=rule is not None)
        return initial

    @property
    def values(self) -> dict[str, Any]:
        """The policy's fields, from a valid form."""
        data = self.cleaned_data
        purposes = [purpose for purpose in Purpose.values if data[purpose]]
        return {
            "windows": {purpose: _rule(purpose, data) for purpose in purposes},
            **{name: data[name] for name in data if hasattr(SendingPolicy, name)},
        }

    def clean(self) -> dict[str, Any]:
        """Each window's mistake beside its own field; the service judges all of them once more."""
        data = super().clean() or {}
        for purpose in (purpose for purpose in Purpose.values if data.get(purpose)):
            if not data.get(f"{purpose}_days"):
                self.add_error(f"{purpose}_days", _("Choose at least one day."))
            start, end = data.get(f"{purpose}_from"), data.get(f"{purpose}_to")
            if not (start and end) or time.min < end <= start:
                self.add_error(f"{purpose}_to", _("Choose an end that is later than the start."))
        return data


def _shown(purpose: str, rule: Mapping[str, Any], *, is_on: bool) -> dict[str, Any]:
    return {
        purpose: is_on,
        f"{purpose}_days": rule["days"],
        f"{purpose}_from": time.fromisoformat(rule["from"]),
        f"{purpose}_to": time.fromisoformat(rule["to"]),
    }


def _rule(purpose: str, data: Mapping[str, Any]) -> dict[str, Any]:
    start, end = data[f"{purpose}_from"], data[f"{purpose}_to"]
    return {
        "days": data[f"{purpose}_days"],
        "from": f"{start:%H:%M}" if start else "",
        "to": f"{end:%H:%M}" if end else "",
    }
