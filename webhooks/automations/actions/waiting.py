"""Steps that wait: for a while, until a time of the day, until something happens."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.audiences.values import Choices
from webhooks.automations import event_types
from webhooks.automations.registry import Params, Wait, add_wait
from webhooks.automations.scene import Scene
from webhooks.automations.values import Clock, Duration, Field, Zone, seconds_of, weekdays


def register_all() -> None:
    """Announce these waits."""
    add_wait(
        Wait(
            "wait",
            _("Wait"),
            "hourglass",
            lambda params: (
                gettext("Wait %(time)s")
                % {"time": Duration().words(params["for"]) if params.get("for") else "…"}
            ),
            lambda params, now, scene: now + timedelta(seconds=seconds_of(params["for"])),
            (Field("for", _("How long"), Duration(), default={"amount": 1, "unit": "hours"}),),
            order=10,
        )
    )
    add_wait(
        Wait(
            "wait_until",
            _("Wait until a time of the day"),
            "alarm-clock",
            _until_sentence,
            _next_time,
            (
                Field("at", _("At"), Clock(), default="09:00"),
                Field(
                    "days",
                    _("On"),
                    Choices(weekdays),
                    is_required=False,
                    help=_("Left empty, on any day."),
                ),
                Field("zone", _("Time zone"), Zone(), is_required=False),
            ),
            order=11,
        )
    )
    add_wait(
        Wait(
            "wait_event",
            _("Wait until something happens"),
            "bell-ring",
            _event_sentence,
            lambda params, now, scene: now + timedelta(seconds=seconds_of(params["within"])),
            (
                Field("types", _("What"), Choices(event_types.options)),
                Field(
                    "within",
                    _("For at most"),
                    Duration(),
                    default={"amount": 30, "unit": "minutes"},
                ),
            ),
            types=lambda params: params.get("types") or (),
            help=_("About the same order, or the same contact. Also if it came before."),
            order=12,
        )
    )


def _until_sentence(params: Params) -> str:
    text = gettext("Wait until %(at)s") % {"at": params.get("at", "…")}
    if not params.get("days"):
        return text
    return f"{text} ({Choices(weekdays).words(params['days'])})"


def _event_sentence(params: Params) -> str:
    return gettext("Wait for: %(what)s, for at most %(time)s") % {
        "what": event_types.labels(params.get("types") or ()),
        "time": Duration().words(params["within"]) if params.get("within") else "…",
    }


def _next_time(params: Params, now: datetime, scene: Scene) -> datetime:
    """The next such time behind now, on the contact's clock if it is known and none is given."""
    own = scene.contact.timezone if scene.contact is not None else ""
    zone = ZoneInfo(params.get("zone") or own or timezone.get_current_timezone_name())
    clock, days = time.fromisoformat(params["at"]), params.get("days") or ()
    day = now.astimezone(zone).date()
    for offset in range(9):
        date = day + timedelta(days=offset)
        moment = datetime.combine(date, clock, zone).astimezone(UTC)
        if moment > now and (not days or str(date.weekday()) in days):
            return moment
    raise AssertionError  # a week has all its days
