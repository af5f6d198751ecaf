"""What a campaign must hold before it may start, step by step.

Three steps have fields (`FIELDS`); each is judged alone, so that a wizard saves as it goes. Field
values are what the model keeps, with rows for `connection`, `connections`, `template`, `media`.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import variants
from campaigns.enums import Metric, Step
from campaigns.models import Campaign
from campaigns.variables import validate as validate_variables
from connections.models import Connection
from connections.selectors import tells_read
from core.errors import FieldError, Invalid
from core.ids import uuid_of
from crm import audiences
from messaging.enums import MediaState, TemplateStatus
from messaging.models import Media, Template
from messaging.template_parts import MEDIA_HEADERS, header_format, part

Fields = Mapping[str, Any]
Errors = dict[str, Any]


class NotReady(Invalid):
    """A campaign that may not start yet; `steps` says what each step still lacks."""

    default_code = "campaign_not_ready"

    def __init__(self, steps: Mapping[Step, Mapping[str, list[FieldError]]]) -> None:
        self.steps = {step: dict(errors) for step, errors in steps.items()}
        super().__init__(
            {field: found for errors in steps.values() for field, found in errors.items()},
            message=_("Some steps need your attention: %(steps)s."),
            params={"steps": ", ".join(str(step.label) for step in self.steps)},
        )


FIELDS: dict[Step, tuple[str, ...]] = {
    Step.AUDIENCE: ("name", "audience"),
    Step.MESSAGE: (
        *("connection", "connections", "template", "media", "variables"),
        *("variants", "winner_rule", "holdout_percent", "tracks_links"),
    ),
    Step.WHEN: (
        *("scheduled_at", "window", "local_time", "rate_per_minute", "expires_at"),
        *("budget", "currency"),
    ),
}
ALL_FIELDS = tuple(name for names in FIELDS.values() for name in names)
# What may still be changed while it is paused: what is said and how it goes, not to whom.
CONTENT = frozenset({"template", "media", "variables", "variants", "tracks_links"})
PACE = frozenset(
    {"name", "window", "local_time", "rate_per_minute", "expires_at", "budget", "currency"}
)

MIDNIGHT = time()  # as an end: of the day
MOST_PER_MINUTE = 60_000
MOST_HOLDOUT = 50
OLDEST, FURTHEST = datetime(2020, 1, 1, tzinfo=UTC), timedelta(days=731)  # of moments
LONGEST_TRIAL = 7 * 24 * 60  # minutes that a winner may be waited for


def step_of(field: str) -> Step:
    """The step that a field (`variables.nome` too) belongs to."""
    name = field.partition(".")[0]
    return next((step for step, names in FIELDS.items() if name in names), Step.CHECK)


def fields_of(campaign: Campaign) -> dict[str, Any]:
    """The fields as they stand, as `check` takes them."""
    found = {name: getattr(campaign, name) for name in ALL_FIELDS if name != "connections"}
    return {**found, "connections": list(campaign.connections.all())}


def problems(
    campaign: Campaign, steps: Iterable[Step] = tuple(FIELDS)
) -> dict[Step, dict[str, list[FieldError]]]:
    """What stands between a draft and its start: step → field → errors; empty when nothing.

    Args:
        steps: those to look at.
    """
    found: dict[Step, dict[str, list[FieldError]]] = {}
    fields = fields_of(campaign)
    for step in steps:
        try:
            check(fields, FIELDS[step])
        except Invalid as error:
            found[step] = error.errors
    return found


def check(fields: Fields, names: Iterable[str]) -> dict[str, Any]:
    """The named fields as they are stored.

    Args:
        fields: all fields of the draft, changed ones with their new value.
        names: those to check.

    Raises:
        core.errors.Invalid: by field; those of a variable under `variables.<name>`.
    """
    errors: Errors = {}
    cleaned: dict[str, Any] = {}
    for name in names:
        try:
            cleaned[name] = _CHECKS[name](fields)
        except Invalid as error:
            errors |= error.errors
    if errors:
        raise Invalid(errors)
    return cleaned


def fits(fields: Fields, name: str) -> bool:
    """Whether one field is as it must be."""
    try:
        check(fields, [name])
    except Invalid:
        return False
    return True


# --- audience


def _name(fields: Fields) -> str:
    name = " ".join(str(fields["name"] or "").split())
    if not name:
        raise _wrong("name", _("Give the campaign a name."), "name_missing")
    return name[:120]


def _audience(fields: Fields) -> dict[str, Any]:
    if not fields["audience"]:
        raise _wrong("audience", _("Say who gets it."), "audience_missing")
    return audiences.validate(dict(fields["audience"]))


# --- message


def _connection(fields: Fields) -> Connection:
    connection: Connection | None = fields["connection"]
    if connection is None:
        raise _wrong("connection", _("Choose the number it is sent from."), "connection_missing")
    if connection.deleted_at is not None:
        raise _wrong("connection", _("This connection was removed. Choose another one."))
    return connection


def _connections(fields: Fields) -> list[Connection]:
    """All numbers that share the work, the first among them; empty for one alone."""
    first: Connection | None = fields["connection"]
    chosen: list[Connection] = list(fields["connections"] or [])
    if not chosen or first is None:
        return []
    if any(one.deleted_at is not None for one in chosen):
        raise _wrong("connections", _("One of these connections was removed."))
    if {one.account_id for one in chosen} != {first.account_id}:
        raise _wrong("connections", _("Choose numbers of one account: they share its templates."))
    several = {one.pk: one for one in (first, *chosen)}
    return list(several.values()) if len(several) > 1 else []


def _template(fields: Fields) -> Template:
    template: Template | None = fields["template"]
    if template is None:
        raise _wrong("template", _("Choose the template."), "template_missing")
    _check_template(template, fields["connection"], "template")
    return template


def _check_template(template: Template, connection: Connection | None, field: str) -> None:
    if connection is not None and template.account_id != connection.account_id:
        message = _("This template belongs to another account than the connection.")
        raise _wrong(field, message, "template_other_account")
    if template.deleted_at is not None or template.status != TemplateStatus.APPROVED:
        message = _("This template is not approved, so WhatsApp would refuse it.")
        raise _wrong(field, message, "template_not_approved")


def _media(fields: Fields) -> Media | None:
    media: Media | None = fields["media"]
    if media is None:
        return None
    template: Template | None = fields["template"]
    wanted = header_format(part(template.components, "HEADER")) if template else ""
    if wanted not in MEDIA_HEADERS:
        raise _wrong("media", _("This template has no place for a file at the top."))
    if media.state != MediaState.READY or media.kind.upper() != wanted:
        raise _wrong("media", _("The template needs a file of another type at the top."))
    return media


def _variables(fields: Fields) -> dict[str, dict[str, Any]]:
    variables = {key: dict(value) for key, value in (fields["variables"] or {}).items()}
    if fields["template"] is not None:
        validate_variables(fields["template"], variables, has_media=fields["media"] is not None)
    return variables


def _variants(fields: Fields) -> list[dict[str, Any]]:
    """Normalised: keys "A", "B" … in order, weights, templates as UUID text."""
    given = list(fields["variants"] or [])
    if not given:
        return []
    if not 2 <= len(given) <= variants.MOST:
        raise _wrong("variants", _("Compare two to five variants."), "variants_number")
    keys = [chr(ord("A") + place) for place in range(len(given))]
    return [_variant(one, key, fields) for one, key in zip(given, keys, strict=True)]


def _variant(one: Mapping[str, Any], key: str, fields: Fields) -> dict[str, Any]:
    field = f"variants.{key}"
    template_id = uuid_of(str(one.get("template") or ""))
    template = Template.objects.filter(pk=template_id).first() if template_id else None
    if template is None:
        raise _wrong(field, _("Choose the template."), "template_missing")
    _check_template(template, fields["connection"], field)
    weight = one.get("weight", 50)
    if not isinstance(weight, int) or isinstance(weight, bool) or not 1 <= weight <= 100:
        raise _wrong(field, _("A share is a number from 1 to 100."), "variant_weight")
    variables = {name: dict(value) for name, value in (one.get("variables") or {}).items()}
    try:
        validate_variables(template, variables, has_media=fields["media"] is not None)
    except Invalid as error:
        raise Invalid({f"{field}.{name}": found for name, found in error.errors.items()}) from None
    return {"key": key, "template": str(template.pk), "variables": variables, "weight": weight}


def _winner_rule(fields: Fields) -> dict[str, Any]:
    rule = dict(fields["winner_rule"] or {})
    if not rule:
        return {}
    if not fields["variants"]:
        raise _wrong("winner_rule", _("A winner needs variants to choose from."))
    if rule.get("metric") not in Metric.values:
        raise _wrong("winner_rule", _("Say by what a variant is better: read, replied or clicked."))
    number: Connection | None = fields["connection"]
    if rule["metric"] == Metric.READ and number is not None and not tells_read(number):
        raise _wrong(
            "winner_rule", _("This channel does not tell who read it. Choose another sign.")
        )
    if not _within(rule.get("sample_percent"), 1, 99):
        raise _wrong("winner_rule", _("The sample is 1 to 99 percent of the audience."))
    if not _within(rule.get("after_minutes"), 1, LONGEST_TRIAL):
        raise _wrong("winner_rule", _("Wait between a minute and seven days for the winner."))
    return {name: rule[name] for name in ("metric", "sample_percent", "after_minutes")}


def _holdout(fields: Fields) -> int:
    percent = fields["holdout_percent"] or 0
    if not _within(percent, 0, MOST_HOLDOUT):
        raise _wrong("holdout_percent", _("Keep out at most 50 percent."))
    return int(percent)


# --- when


def _scheduled_at(fields: Fields) -> datetime | None:
    """A time that has passed is no error: it then starts at once."""
    return _sensible(fields, "scheduled_at")


def _sensible(fields: Fields, name: str) -> datetime | None:
    """A moment of the next two years, or gone by: other years are slips of the hand, and the first
    and the last that can be written have no place on a clock further east or west."""
    moment: datetime | None = fields[name]
    if moment is not None and not OLDEST <= moment <= timezone.now() + FURTHEST:
        raise _wrong(name, _("Choose a moment within the next two years."), "moment_far")
    return moment


def _window(fields: Fields) -> dict[str, Any]:
    window = dict(fields["window"] or {})
    if not window:
        return {}
    days = window.get("days")
    if not isinstance(days, list) or not days or not set(days) <= set(range(7)):
        raise _wrong("window", _("Choose at least one day of the week."), "window_days")
    try:
        opens, closes = time.fromisoformat(window["from"]), time.fromisoformat(window["to"])
    except (KeyError, TypeError, ValueError):
        raise _wrong("window", _("Give both times, such as 09:00 and 20:00.")) from None
    if closes != MIDNIGHT and opens >= closes:
        raise _wrong("window", _("The window closes before it opens."), "window_order")
    return {"days": sorted(set(days)), "from": f"{opens:%H:%M}", "to": f"{closes:%H:%M}"}


def _local_time(fields: Fields) -> bool:
    return bool(fields["local_time"])


def _rate(fields: Fields) -> int | None:
    rate = fields["rate_per_minute"]
    if rate is not None and not _within(rate, 1, MOST_PER_MINUTE):
        raise _wrong("rate_per_minute", _("Send between 1 and 60,000 a minute."))
    return rate if rate is None else int(rate)


def _expires_at(fields: Fields) -> datetime | None:
    ends = _sensible(fields, "expires_at")
    now = timezone.now()
    if ends is not None and ends <= max(now, fields["scheduled_at"] or now):
        raise _wrong("expires_at", _("It would be over before it starts. Choose a later time."))
    return ends


def _budget(fields: Fields) -> Decimal | None:
    budget: Decimal | None = fields["budget"]
    if budget is not None and budget <= 0:
        raise _wrong("budget", _("A budget is more than nothing; leave it empty for no limit."))
    return budget


def _currency(fields: Fields) -> str:
    currency = str(fields["currency"] or "").upper()
    if fields["budget"] is None:
        return ""
    if len(currency) != 3 or not currency.isalpha():
        raise _wrong("currency", _("Say the budget's currency, such as BRL."))
    return currency


_CHECKS: dict[str, Callable[[Fields], Any]] = {
    "name": _name,
    "audience": _audience,
    "connection": _connection,
    "connections": _connections,
    "template": _template,
    "media": _media,
    "variables": _variables,
    "variants": _variants,
    "winner_rule": _winner_rule,
    "holdout_percent": _holdout,
    "tracks_links": lambda fields: bool(fields["tracks_links"]),
    "scheduled_at": _scheduled_at,
    "window": _window,
    "local_time": _local_time,
    "rate_per_minute": _rate,
    "expires_at": _expires_at,
    "budget": _budget,
    "currency": _currency,
}


def _within(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _wrong(field: str, message: Any, code: str = "invalid") -> Invalid:
    return Invalid({field: FieldError(code, message)})
