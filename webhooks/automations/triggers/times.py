"""Triggers that no event starts: silence, a date, the calendar. A clock finds their occasions.

What began before the automation was switched on starts nothing, and what the clock finds too late
(we were away) starts nothing either: a birthday is not wished for the day after.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from conversations.enums import ConversationStatus
from conversations.models import Conversation
from crm import audiences
from crm.audiences.rules.rows import SEGMENTS
from crm.audiences.values import Choice, Choices, Option
from crm.enums import FieldKind
from crm.models import Contact, Segment
from crm.selectors import field_definitions
from messaging.enums import Direction
from webhooks.automations.registry import Occasion, Params, Timing, Trigger, add_trigger
from webhooks.automations.values import Clock, Duration, Field, Flag, Zone, seconds_of, weekdays

PIECE = 500
# Silence is looked for so often, and what began longer ago than this is let go.
EVERY = timedelta(minutes=1)
LATE = timedelta(hours=24)
# A message that is written down this much after its time is still seen to be silent.
SETTLED = timedelta(minutes=2)
# A time of the day that was missed by more is skipped.
LATE_CLOCK = timedelta(hours=6)
US, CUSTOMER = "us", "customer"
ON, BEFORE, AFTER = "on", "before", "after"
CREATED = "created"
LONGEST_DAYS = 366


def register_all() -> None:
    """Announce these triggers."""
    _register_silence()
    _register_dates()
    _register_schedule()


def _register_silence() -> None:
    add_trigger(
        Trigger(
            "no_reply",
            _("No reply for a while"),
            "message-circle-off",
            "times",
            _silence_sentence,
            (
                Field("whose", _("Who does not reply"), Choice(_sides), default=CUSTOMER),
                Field("for", _("For"), Duration(), default={"amount": 1, "unit": "days"}),
            ),
            timing=Timing(lambda params, now: now + EVERY, _silent, _settled),
            help=_("Checked every minute, in open conversations."),
            order=40,
        )
    )


def _register_dates() -> None:
    add_trigger(
        Trigger(
            "date_field",
            _("A date of the contact"),
            "calendar-heart",
            "times",
            _date_sentence,
            (
                Field("field", _("Date"), Choice(_date_fields)),
                Field("when", _("When"), Choice(_sides_of_a_date), default=ON),
                Field("days", _("Days"), Days0(), is_required=False, default=0),
                Field("at", _("At"), Clock(), default="09:00"),
                Field(
                    "zone",
                    _("Time zone"),
                    Zone(),
                    is_required=False,
                    help=_("Left empty, the company's."),
                ),
                Field("yearly", _("Every year"), Flag(), is_required=False, default=False),
            ),
            timing=Timing(_next_clock, _on_date),
            help=_("A birthday, a renewal, so many days after somebody came."),
            order=50,
        )
    )


def _register_schedule() -> None:
    add_trigger(
        Trigger(
            "schedule",
            _("At fixed times"),
            "calendar-clock",
            "times",
            _schedule_sentence,
            (
                Field("days", _("Days"), Choices(weekdays)),
                Field("at", _("At"), Clock(), default="09:00"),
                Field("zone", _("Time zone"), Zone(), is_required=False),
                Field(
                    "segment",
                    _("For each contact of"),
                    SEGMENTS,
                    is_required=False,
                    help=_("Left empty, it runs once, for nobody in particular."),
                ),
            ),
            timing=Timing(_next_scheduled, _scheduled),
            needs_contact=False,
            order=60,
        )
    )


class Days0(Duration):
    """How many days, from 0."""

    input = "number"

    def read(self, raw: object) -> int:  # type: ignore[override]
        from crm.audiences.values import BadValue

        text = str(raw if raw is not None else "0").strip() or "0"
        if not text.isdecimal() or len(text) > 4 or int(text) > LONGEST_DAYS:
            raise BadValue("days", _("Write how many days, from 0 to 366."))
        return int(text)

    def words(self, value: int) -> str:  # type: ignore[override]
        return ngettext("%(count)d day", "%(count)d days", value) % {"count": value}


# --- silence


def _sides() -> Sequence[Option]:
    return (Option(CUSTOMER, _("The customer")), Option(US, _("Our team")))


def _silence_sentence(params: Params) -> str:
    how_long = Duration().words(params["for"]) if params.get("for") else "…"
    text = (
        gettext("Our team does not reply for %(time)s")
        if params.get("whose") == US
        else gettext("The customer does not reply for %(time)s")
    )
    return text % {"time": how_long}


def _silent(
    params: Params, now: datetime, since: datetime, after: UUID | None
) -> Sequence[Occasion]:
    """Conversations whose last word is so old, and was said since it was switched on."""
    latest = now - timedelta(seconds=seconds_of(params["for"]))
    earliest = max(since, latest - LATE)
    open_ones = Conversation.objects.exclude(status=ConversationStatus.RESOLVED)
    if params.get("whose") == US:
        rows = open_ones.filter(waiting_since__lte=latest, waiting_since__gte=earliest).annotate(
            silent_since=F("waiting_since")
        )
    else:
        rows = open_ones.filter(
            last_message__direction=Direction.OUT,
            last_message_at__lte=latest,
            last_message_at__gte=earliest,
        ).annotate(silent_since=F("last_message_at"))
    rows = rows.filter(contact__deleted_at=None)
    if after is not None:
        rows = rows.filter(contact__gt=after)
    found = rows.order_by("contact_id", "pk")[:PIECE]
    return [
        Occasion(
            row.contact_id,
            f"{row.pk}:{row.silent_since.isoformat()}",
            row.silent_since,
            {"conversation_id": str(row.pk), "contact_id": str(row.contact_id)},
        )
        for row in found
    ]


def _settled(params: Params, moment: datetime) -> datetime:
    return moment - timedelta(seconds=seconds_of(params["for"])) - SETTLED


# --- a date


def _sides_of_a_date() -> Sequence[Option]:
    return (
        Option(ON, _("on the day")),
        Option(BEFORE, _("days before")),
        Option(AFTER, _("days after")),
    )


def _date_fields() -> Iterator[Option]:
    yield Option(CREATED, _("Day of creation"))
    for key, definition in field_definitions().items():
        if definition.kind == FieldKind.DATE:
            yield Option(f"attribute.{key}", definition.label)


def _date_sentence(params: Params) -> str:
    fields = {option.value: str(option.label) for option in _date_fields()}
    name = fields.get(str(params.get("field")), str(params.get("field") or "…"))
    texts = {
        ON: gettext("On the day “%(name)s”, at %(at)s"),
        BEFORE: gettext("%(days)s before “%(name)s”, at %(at)s"),
        AFTER: gettext("%(days)s after “%(name)s”, at %(at)s"),
    }
    text = texts.get(str(params.get("when")), texts[ON])
    days = Days0().words(int(params.get("days") or 0))
    return text % {"name": name, "days": days, "at": params.get("at", "…")}


def _zone(params: Params) -> ZoneInfo:
    return ZoneInfo(params.get("zone") or timezone.get_current_timezone_name())


def _next_clock(params: Params, now: datetime) -> datetime:
    """The next time of the day that stands in the parameters, after a moment."""
    zone, clock = _zone(params), time.fromisoformat(params["at"])
    day = now.astimezone(zone).date()
    for offset in (0, 1, 2):
        moment = datetime.combine(day + timedelta(days=offset), clock, zone).astimezone(UTC)
        if moment > now:
            return moment
    raise AssertionError  # a day has no third morning


def _on_date(
    params: Params, now: datetime, since: datetime, after: UUID | None
) -> Sequence[Occasion]:
    """Contacts whose date is today, or so many days from it."""
    moment = _moment_of_today(params, now)
    if moment is None or moment < since:
        return []
    shift = int(params.get("days") or 0)
    days = {ON: 0, BEFORE: shift, AFTER: -shift}[str(params.get("when") or ON)]
    wanted = moment.astimezone(_zone(params)).date() + timedelta(days=days)
    rows = Contact.objects.alive().filter(_dated(params, wanted))
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return [
        Occasion(
            pk,
            f"{params['field']}:{wanted.isoformat()}:{moment.date().isoformat()}",
            moment,
            {"contact_id": str(pk), "date": wanted.isoformat()},
        )
        for pk in rows.order_by("pk").values_list("pk", flat=True)[:PIECE]
    ]


def _moment_of_today(params: Params, now: datetime) -> datetime | None:
    """The time of the day that just was; None if that is too long ago."""
    zone, clock = _zone(params), time.fromisoformat(params["at"])
    day = now.astimezone(zone).date()
    for offset in (0, 1):
        moment = datetime.combine(day - timedelta(days=offset), clock, zone).astimezone(UTC)
        if moment <= now:
            return moment if now - moment <= LATE_CLOCK else None
    return None


def _dated(params: Params, day: date) -> Q:
    """Contacts whose field is that day; of any year, if it comes every year."""
    field = str(params["field"])
    if field == CREATED:
        zone = _zone(params)
        start = datetime.combine(day, time(), zone)
        end = datetime.combine(day + timedelta(days=1), time(), zone)
        if not params.get("yearly"):
            return Q(created_at__gte=start, created_at__lt=end)
        return Q(created_at__month=day.month, created_at__day=day.day, created_at__lt=start)
    key = field.removeprefix("attribute.")
    if params.get("yearly"):
        return _ends_with(key, day)
    return Q(attributes__contains={key: day.isoformat()})


def _ends_with(key: str, day: date) -> Q:
    from django.db.models.fields.json import KeyTextTransform
    from django.db.models.lookups import EndsWith

    ends = [day.strftime("-%m-%d")]
    if (day.month, day.day) == (2, 28) and not _is_leap(day.year):
        ends.append("-02-29")  # whoever was born on that day has a birthday every year
    found = Q()
    for end in ends:
        found |= Q(EndsWith(KeyTextTransform(key, "attributes"), end))
    return found


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


# --- the calendar


def _schedule_sentence(params: Params) -> str:
    days = Choices(weekdays).words(params.get("days") or ())
    text = gettext("%(days)s, at %(at)s") % {"days": days, "at": params.get("at", "…")}
    if not params.get("segment"):
        return text
    return gettext("%(when)s, for each contact of %(audience)s") % {
        "when": text,
        "audience": SEGMENTS.words(params["segment"]),
    }


def _next_scheduled(params: Params, now: datetime) -> datetime:
    moment = now
    for _day in range(8):
        moment = _next_clock(params, moment)
        if str(moment.astimezone(_zone(params)).weekday()) in params["days"]:
            return moment
    return moment


def _scheduled(
    params: Params, now: datetime, since: datetime, after: UUID | None
) -> Sequence[Occasion]:
    moment = _moment_of_today(params, now)
    if moment is None or moment < since:
        return []
    if str(moment.astimezone(_zone(params)).weekday()) not in params["days"]:
        return []
    key = f"schedule:{moment.isoformat()}"
    segments = params.get("segment") or ()
    if not segments:
        return [] if after is not None else [Occasion(None, key, moment)]
    condition = Q(pk__in=[])
    context = audiences.Context(now=now)
    for segment in Segment.objects.filter(pk__in=segments):
        try:
            condition |= audiences.condition_of(segment.audience, context)
        except audiences.Unresolvable:
            continue
    rows = Contact.objects.alive().filter(condition)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return [
        Occasion(pk, key, moment, {"contact_id": str(pk)})
        for pk in rows.order_by("pk").values_list("pk", flat=True)[:PIECE]
    ]
