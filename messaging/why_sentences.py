"""What the gate saw, said with its numbers: one sentence for each code that has inputs."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import formats, timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from core.ui.formatting import money, number
from crm.enums import Channel
from messaging.enums import TemplateStatus
from messaging.hours import ALL_DAYS, Window, holiday_name, is_zone

Inputs = Mapping[str, Any]
# Zones whose city IANA spells without its accents.
_PLACES = {"America/Sao_Paulo": "São Paulo", "America/Noronha": "Fernando de Noronha"}


def sentence(verdict: Mapping[str, Any]) -> str:
    """The sentence for a stored verdict (`Message.trace`, or one of its `said`); empty where its
    code needs no numbers, or one of them is missing."""
    say = _SENTENCES.get(verdict.get("code", ""))
    inputs: Inputs = verdict.get("inputs", {})
    try:
        return say(inputs) if say else ""
    except (KeyError, ValueError):
        return ""  # stored by an older rule: the code's own sentence stands


def leaves(until: datetime, verdict: Mapping[str, Any]) -> str:
    """When it is looked at again, on the clock that holds it back (else the reader's)."""
    zone = verdict.get("inputs", {}).get("zone", "")
    if not is_zone(zone):
        return _("It is looked at again on %(moment)s.") % {"moment": _moment(until)}
    local = timezone.localtime(until, ZoneInfo(zone))
    words = {"moment": _moment(local, is_local=True), "place": _place(zone)}
    return _("It leaves on %(moment)s (time of %(place)s).") % words


def days_phrase(days: frozenset[int]) -> str:
    """Days of the week as people say them: “Monday to Saturday”, “every day”."""
    if days == ALL_DAYS:
        return _("every day")
    ordered = sorted(days)
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return _("%(first)s to %(last)s") % {
            "first": WEEKDAYS[ordered[0]],
            "last": WEEKDAYS[ordered[-1]],
        }
    return ", ".join(str(WEEKDAYS[day]) for day in ordered)


def _quiet_hours(inputs: Inputs) -> str:
    window, zone = Window.of(inputs["window"]), ZoneInfo(inputs["zone"])
    local = datetime.fromisoformat(inputs["at"]).astimezone(zone)
    place = _place(inputs["zone"])
    holiday = holiday_name(inputs.get("country", ""), local.date())
    if holiday:
        return _("It was a holiday in %(place)s: %(holiday)s.") % {
            "place": place,
            "holiday": holiday,
        }
    seen = _("It was %(day)s, %(time)s in %(place)s") % {
        "day": WEEKDAYS[local.weekday()],
        "time": formats.time_format(local.time(), "H:i"),
        "place": place,
    }
    rule = _("these messages go out %(from)s to %(to)s, %(days)s.") % {
        **window.rule,
        "days": days_phrase(window.days),
    }
    return f"{seen}; {rule}"


def _window_never(inputs: Inputs) -> str:
    if "expires_at" not in inputs:
        return _("There is no minute at which all clocks of this number allow it.")
    ends = timezone.localtime(datetime.fromisoformat(inputs["expires_at"]))
    late = _("Its time ended on %(moment)s, before the hours began.") % {"moment": _moment(ends)}
    return f"{_quiet_hours(inputs)} {late}"


def _frequency(inputs: Inputs) -> str:
    return _(
        "The contact got %(count)s marketing messages in the last %(days)s days; you allow "
        "%(limit)s."
    ) % {name: inputs[name] for name in ("count", "days", "limit")}


def _sms_cap(inputs: Inputs) -> str:
    return _("The contact got %(count)s SMS in the last 24 hours; you allow %(limit)s.") % {
        name: inputs[name] for name in ("count", "limit")
    }


def _sms_duplicate(inputs: Inputs) -> str:
    return _("The same text went to this number within the last %(hours)s hours.") % {
        "hours": number(inputs["hours"])
    }


def _text_too_long(inputs: Inputs) -> str:
    return _("It has %(length)s characters; this number sends %(limit)s at most.") % {
        name: number(inputs[name]) for name in ("length", "limit")
    }


def _budget(inputs: Inputs) -> str:
    words = {name: money(Decimal(inputs[name]), inputs["currency"]) for name in ("limit", "price")}
    if inputs["scope"] == "month":
        return _("It costs %(price)s, and the month's budget of %(limit)s is used up.") % words
    return _("It costs %(price)s, and the campaign's budget of %(limit)s is used up.") % words


def _tier(inputs: Inputs) -> str:
    return _(
        "WhatsApp lets this business write to %(limit)s new people within 24 hours, and that many "
        "were written to."
    ) % {"limit": number(inputs["limit"])}


def _no_consent(inputs: Inputs) -> str:
    channel = Channel(inputs["channel"]).label
    return _("There is no recorded permission to send marketing by %(channel)s.") % {
        "channel": channel
    }


def _template(inputs: Inputs) -> str:
    return _("The template %(name)s is not approved: %(status)s.") % {
        "name": inputs["template"],
        "status": TemplateStatus(inputs["status"]).label,
    }


_SENTENCES: dict[str, Callable[[Inputs], str]] = {
    "quiet_hours": _quiet_hours,
    "window_never": _window_never,
    "frequency_cap": _frequency,
    "sms_cap": _sms_cap,
    "sms_duplicate": _sms_duplicate,
    "text_too_long": _text_too_long,
    "budget_reached": _budget,
    "tier_limit": _tier,
    "no_consent": _no_consent,
    "template_not_approved": _template,
}


def _place(zone: str) -> str:
    return _PLACES.get(zone) or zone.rpartition("/")[2].replace("_", " ")


def _moment(at: datetime, *, is_local: bool = False) -> str:
    local = at if is_local else timezone.localtime(at)
    day = formats.date_format(local.date(), "MONTH_DAY_FORMAT")
    return f"{WEEKDAYS[local.weekday()]}, {day}, {formats.time_format(local.time(), 'H:i')}"
