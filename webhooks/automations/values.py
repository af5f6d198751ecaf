"""What fields of triggers, conditions and actions hold: how each is read, asked for and shown.

Most are `crm.audiences.values`, which pages know to ask for already; here are those that
automations alone have. What is kept is JSON that `read` accepts again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.ids import PublicId, uuid_of
from crm.audiences.values import (
    BadValue,
    Choice,
    Choices,
    Nothing,
    Number,
    Option,
    Rows,
    Text,
    Value,
    Words,
    id_of,
)
from webhooks.automations import placeholders

__all__ = [
    "BadValue",
    "Choice",
    "Choices",
    "Clock",
    "Duration",
    "Field",
    "Flag",
    "Keywords",
    "Line",
    "Money",
    "Nothing",
    "Number",
    "Option",
    "Row",
    "Rows",
    "Saying",
    "TemplateValues",
    "Text",
    "Value",
    "Words",
    "Zone",
    "seconds_of",
]

MOST_WORDS, WORD_LENGTH = 50, 100
MOST_CENTS = 10**12
UNITS = {"minutes": 60, "hours": 3600, "days": 86_400}
LONGEST = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a trigger, an action or a wait.

    Attributes:
        name: its key in the step's `params`.
        value: how it is read, asked for (`value.input`) and shown.
        is_required: a definition without it is not published.
        default: what a new step has.
        depends_on: the field whose choice decides about this one (a template's variables).
    """

    name: str
    label: Text
    value: Value
    is_required: bool = True
    help: Text = ""
    default: Any = None
    depends_on: str = ""


class Saying(Value):
    """A text with values in it: `Olá {{contact.first_name|cliente}}` (placeholders.py)."""

    input = "textarea"

    def __init__(self, limit: int = 4096) -> None:
        self.limit = limit

    def read(self, raw: Any) -> str:
        text = str(raw).strip() if isinstance(raw, str) else ""
        if not text:
            raise BadValue("required", _("Write a text."))
        if len(text) > self.limit or "\0" in text:
            raise BadValue("too_long", _("This text is too long."))
        unknown = placeholders.unknown(text)
        if unknown:
            raise BadValue(
                "placeholder_unknown",
                _("This value does not exist: %(name)s. Choose one from the menu.")
                % {"name": "{{" + unknown[0] + "}}"},
            )
        return text

    def words(self, value: str) -> str:
        return f"“{value}”"


class Line(Saying):
    """The same on one line."""

    input = "line"


class Duration(Value):
    """How long: `{"amount": 30, "unit": "minutes"}`."""

    input = "duration"

    def options(self) -> Sequence[Option]:
        return [
            Option("minutes", _("minutes")),
            Option("hours", _("hours")),
            Option("days", _("days")),
        ]

    def read(self, raw: Any) -> dict[str, Any]:
        given = raw if isinstance(raw, Mapping) else {}
        amount, unit = str(given.get("amount", "")).strip(), str(given.get("unit", ""))
        if not amount.isdecimal() or len(amount) > 6 or unit not in UNITS or int(amount) < 1:
            raise BadValue("duration", _("Write how long, such as 30 minutes."))
        if int(amount) * UNITS[unit] > LONGEST.total_seconds():
            raise BadValue("duration", _("Choose at most 365 days."))
        return {"amount": int(amount), "unit": unit}

    def words(self, value: Mapping[str, Any]) -> str:
        count = int(value["amount"])
        by_unit = {
            "minutes": ngettext("%(count)d minute", "%(count)d minutes", count),
            "hours": ngettext("%(count)d hour", "%(count)d hours", count),
            "days": ngettext("%(count)d day", "%(count)d days", count),
        }
        return by_unit[value["unit"]] % {"count": count}


def seconds_of(duration: Mapping[str, Any]) -> int:
    """A kept duration in seconds."""
    return int(duration["amount"]) * UNITS[duration["unit"]]


class Clock(Value):
    """A time of the day, kept as 09:00."""

    input = "clock"

    def read(self, raw: Any) -> str:
        try:
            return time.fromisoformat(str(raw).strip()).strftime("%H:%M")
        except ValueError:
            raise BadValue("clock", _("Write a time, such as 09:00.")) from None


class Zone(Value):
    """A time zone by its IANA name; empty is the company's."""

    input = "zone"

    def read(self, raw: Any) -> str:
        name = str(raw or "").strip()
        try:
            return ZoneInfo(name).key if name else ""
        except (KeyError, ValueError, OSError):  # a name that is not known is a KeyError
            raise BadValue("zone", _("This time zone is not known.")) from None


class Money(Value):
    """An amount in the minor unit (centavos), kept as a whole number; asked for as 19,90."""

    input = "money"

    def read(self, raw: Any) -> int:
        if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < MOST_CENTS:
            return raw
        try:
            cents = Decimal(str(raw).strip().replace(",", ".")) * 100
            is_whole = cents == cents.to_integral_value() and abs(cents) < MOST_CENTS
        except InvalidOperation:
            is_whole = False
        if not is_whole:
            raise BadValue("money", _("Write an amount, such as 19.90."))
        return int(cents)

    def words(self, value: int) -> str:
        return placeholders.money(value, "")


class Flag(Value):
    """Yes or no."""

    input = "flag"

    def read(self, raw: Any) -> bool:
        return raw in (True, "true", "on", "1", 1)

    def words(self, value: bool) -> str:
        return str(_("yes") if value else _("no"))


class Keywords(Value):
    """Words or phrases, one a line or in a list."""

    input = "keywords"

    def read(self, raw: Any) -> list[str]:
        given = raw.splitlines() if isinstance(raw, str) else raw
        texts = [str(one).strip() for one in given] if isinstance(given, list | tuple) else []
        words = list(dict.fromkeys(text for text in texts if text))
        if not words:
            raise BadValue("required", _("Write at least one word."))
        if len(words) > MOST_WORDS or any(len(word) > WORD_LENGTH for word in words):
            raise BadValue("too_long", _("Write at most 50 words of at most 100 characters."))
        return words

    def words(self, value: Sequence[str]) -> str:
        return ", ".join(f"“{word}”" for word in value)


class Row(Value):
    """One row of the company: its public id or UUID.

    Args:
        rows: those that may be chosen.
        name: what people call one.
        offered: those of them that people are offered, where that is not all; what was chosen
            before stays chosen.
    """

    input = "choice"

    def __init__(
        self,
        rows: Callable[[], QuerySet[Any]],
        prefix: PublicId,
        *,
        name: Callable[[Any], str] = str,
        offered: Callable[[], QuerySet[Any]] | None = None,
    ) -> None:
        self._rows, self._prefix, self._name = rows, prefix, name
        self._offered = offered or rows

    def options(self) -> Sequence[Option]:
        return [self._option(row) for row in self._offered()[:500]]

    def chosen(self, value: str) -> Option | None:
        """What is chosen, also where it is not offered any more; None if it is gone."""
        row = self._rows().filter(pk=uuid_of(value)).first()
        return self._option(row) if row is not None else None

    def read(self, raw: Any) -> str:
        pk = raw if isinstance(raw, UUID) else id_of(self._prefix, str(raw or "").strip())
        if pk is None:
            raise BadValue("required", _("Choose one."))
        if not self._rows().filter(pk=pk).exists():
            raise BadValue("gone", _("This does not exist any more. Choose another."))
        return str(pk)

    def words(self, value: str) -> str:
        found = self.chosen(value)
        return str(found.label) if found else "—"

    def _option(self, row: Any) -> Option:
        return Option(str(row.pk), self._name(row))


class TemplateValues(Value):
    """A text with values in it for each variable of a template: `{"1": "{{contact.name}}"}`."""

    input = "template_values"

    def read(self, raw: Any) -> dict[str, str]:
        if raw in (None, ""):
            return {}
        if not isinstance(raw, Mapping):
            raise BadValue("template_values", _("Give a text for each variable."))
        saying = Line(1024)
        return {str(name): saying.read(text) for name, text in raw.items() if str(text).strip()}

    def words(self, value: Mapping[str, str]) -> str:
        return ", ".join(f"{name}: {text}" for name, text in value.items())


def weekdays() -> Iterable[Option]:
    """Monday is 0."""
    names = (
        _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"),
        _("Sunday"),
    )  # fmt: skip
    return [Option(str(number), name) for number, name in enumerate(names)]
