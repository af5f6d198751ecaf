"""How a company wants to send: hours, caps, money, consent. One row, changed on one page.

A company without the row has no wishes and sends at any hour; the preflight warns it when marketing
would leave outside the recommended hours (`is_recommended`).
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Invalid
from crm.enums import Purpose
from events import bus
from messaging.hours import MIDNIGHT, Clock, Window
from messaging.models import SendingPolicy
from messaging.policy_events import SendingPolicyChanged
from team.models import Member

# Domain rule 8: marketing by day and not on Sundays; what serves the customer goes at any hour.
# Recommended, not imposed: a company decides, and is told before each campaign.
RECOMMENDED = {"days": [0, 1, 2, 3, 4, 5], "from": "09:00", "to": "20:00"}
FIELDS = (
    *("windows", "skip_holidays", "cap_messages", "cap_days", "sms_per_day", "sms_guard_hours"),
    *("monthly_budget", "currency", "requires_opt_in"),
)


def current() -> SendingPolicy:
    """The company's policy; one without wishes when there is none."""
    return SendingPolicy.objects.first() or SendingPolicy()


def is_recommended(at: datetime) -> bool:
    """Whether marketing may well go out at this moment, on the company's clock."""
    return Clock(timezone.get_current_timezone_name(), Window.of(RECOMMENDED)).opening(at) == at


@transaction.atomic
def change(*, by: Member | None, actor: str, **values: Any) -> SendingPolicy:
    """Change some of the rules; what was and what is are told, so that the log can answer who
    allowed marketing without opt-in.

    Args:
        values: fields of `FIELDS`; the others stay as they are.
        by: None for a program.

    Raises:
        core.errors.Invalid: a value does not fit; `errors` says which.
    """
    policy = SendingPolicy.objects.select_for_update().first() or SendingPolicy()
    before = {name: getattr(policy, name) for name in values}
    for name, value in _checked(values).items():
        setattr(policy, name, value)
    policy.updated_by = by
    policy.save()
    changed = {name: before[name] for name in values if before[name] != getattr(policy, name)}
    if changed:
        bus.publish(
            SendingPolicyChanged(
                before={name: _plain(value) for name, value in changed.items()},
                after={name: _plain(getattr(policy, name)) for name in changed},
            ),
            actor=actor,
        )
    return policy


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    errors: dict[str, Any] = {}
    found = dict(values)
    if "windows" in values:
        found["windows"] = _windows(values["windows"], errors)
    if "currency" in values:
        found["currency"] = str(values["currency"]).upper()
        if len(found["currency"]) != 3 or not found["currency"].isalpha():
            errors["currency"] = _("Write the currency as three letters, such as BRL.")
    for name in ("cap_messages", "cap_days", "sms_per_day", "sms_guard_hours"):
        if values.get(name) is not None and not 1 <= values[name] <= 1_000:
            errors[name] = _("Choose a number from 1 to 1,000, or leave it empty.")
    if values.get("monthly_budget") is not None and values["monthly_budget"] < 0:
        errors["monthly_budget"] = _("A budget cannot be negative.")
    if errors:
        raise Invalid(errors)
    return found


def _windows(windows: Mapping[str, Any], errors: dict[str, Any]) -> dict[str, Any]:
    """Windows by purpose, each as it is stored; an unknown purpose or an odd hour is refused."""
    found = {}
    for purpose, rule in windows.items():
        if purpose not in Purpose.values:
            errors["windows"] = _("Choose the hours of marketing or of service messages.")
        elif rule:
            window = _window(rule)
            if window is None:
                errors["windows"] = _(
                    "Choose at least one day, and an end that is later than the beginning."
                )
            else:
                found[purpose] = window.rule
    return found


def _window(rule: Mapping[str, Any]) -> Window | None:
    try:
        window = Window.of(rule)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    days_fit = bool(rule.get("days")) and window.days <= frozenset(range(7))
    return window if days_fit and 0 <= window.start < window.end <= MIDNIGHT else None


def _plain(value: Any) -> Any:
    """As an event stores it."""
    return str(value) if isinstance(value, Decimal) else value
