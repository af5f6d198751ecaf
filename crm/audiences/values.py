"""What stands behind a rule's operator: read from anybody, asked for and shown by pages.

What is kept of a value is JSON that `read` accepts again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.errors import FieldError, InvalidId
from core.ids import PublicId, uuid_of

Text = str | Promise

MAX_TEXT = 200
MAX_CHOSEN = 200
OPTIONS_SHOWN = 500
MAX_DAYS, MAX_DIGITS = 3650, 9
LARGEST, DECIMALS = Decimal("1e15"), 10  # of a number
YEARS = range(1900, 2101)  # of a date


class BadValue(ValueError):
    """The value does not fit its rule; `error` says why, and what to do."""

    def __init__(self, code: str, message: Text) -> None:
        super().__init__(code)
        self.error = FieldError(code, message)


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose."""

    value: str
    label: Text


class Value:
    """The value of a rule. Subclasses say how it is read.

    Attributes:
        input: how a page asks for it: none, text, number, date, days, choice or choices.
    """

    input: ClassVar[str]

    def read(self, raw: Any) -> Any:
        """The value as it is kept.

        Raises:
            BadValue: it does not fit.
        """
        raise NotImplementedError

    def options(self) -> Sequence[Option]:
        """What there is to choose; empty when it is written freely."""
        return ()

    def words(self, value: Any) -> str:
        """A kept value as a sentence has it."""
        return str(value)


class Nothing(Value):
    """The operator says it all: “is empty”."""

    input = "none"

    def read(self, raw: Any) -> None:
        if raw not in (None, "", []):
            raise BadValue("rule_value", _("This takes no value. Leave it out."))

    def words(self, value: Any) -> str:
        return ""


class Words(Value):
    """A text."""

    input = "text"

    def read(self, raw: Any) -> str:
        text = str(raw).strip() if isinstance(raw, str | int | float) else ""
        if not text:
            raise BadValue("rule_value", _("Write what to compare with."))
        if len(text) > MAX_TEXT or "\0" in text or not text.isprintable():
            raise BadValue("rule_value", _("Write a plain text of at most 200 characters."))
        return text

    def words(self, value: str) -> str:
        return f"“{value}”"


class Number(Value):
    """A number, kept as a text so that no digit is lost."""

    input = "number"

    def read(self, raw: Any) -> str:
        try:
            number = Decimal(str(raw).strip().replace(",", "."))
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or abs(number) >= LARGEST or number.adjusted() < -DECIMALS:
            raise BadValue("rule_value", _("Write a number, such as 10 or 10.5."))
        return format(number.normalize(), "f")


class Day(Value):
    """A calendar day, kept as 2026-11-21."""

    input = "date"

    def read(self, raw: Any) -> str:
        try:
            day = date.fromisoformat(str(raw).strip())
        except ValueError:
            day = date.min
        if day.year not in YEARS:
            raise BadValue("rule_value", _("Write a date, such as 2026-11-21."))
        return day.isoformat()

    def words(self, value: str) -> str:
        return date_format(date.fromisoformat(value), "SHORT_DATE_FORMAT")


class Days(Value):
    """How many days."""

    input = "days"

    def read(self, raw: Any) -> int:
        text = str(raw).strip()
        if not text.isdecimal() or len(text) > MAX_DIGITS or not 1 <= int(text) <= MAX_DAYS:
            raise BadValue("rule_value", _("Write how many days, from 1 to 3650."))
        return int(text)

    def words(self, value: int) -> str:
        return ngettext("%(count)d day", "%(count)d days", value) % {"count": value}


class Choice(Value):
    """One of a few.

    Args:
        options: what people are offered.
        known: what is read and named besides, when that is more.
    """

    input = "choice"

    def __init__(
        self,
        options: Callable[[], Iterable[Option]],
        *,
        known: Callable[[], Iterable[Option]] | None = None,
    ) -> None:
        self._options, self._known = options, known or options

    def options(self) -> Sequence[Option]:
        return list(self._options())

    def read(self, raw: Any) -> str:
        return _known([str(raw)], list(self._known()))[0]

    def words(self, value: str) -> str:
        return _labels([value], list(self._known()))


class Choices(Choice):
    """Any of a few; a single one may stand without a list."""

    input = "choices"

    def read(self, raw: Any) -> list[str]:  # type: ignore[override]
        return _known(listed(raw), list(self._known()))

    def words(self, value: Sequence[str]) -> str:
        return _labels(value, list(self._known()))


class Rows(Value):
    """Rows of the company: their public ids, UUIDs, or what `named` knows them by.

    Args:
        rows: those that may be chosen.
        label: the field that names a row to people.
        offered: which of them people are shown.
        named: other texts that stand for a row, each with the row's id.
    """

    input = "choices"

    def __init__(
        self,
        rows: Callable[[], QuerySet[Any]],
        prefix: PublicId,
        *,
        label: str = "name",
        offered: Q = Q(),  # noqa: B008 -- never changed
        named: Callable[[Sequence[str]], Mapping[str, UUID]] | None = None,
    ) -> None:
        self._rows, self._prefix, self._label = rows, prefix, label
        self._offered, self._named = offered, named

    def options(self) -> Sequence[Option]:
        found = self._rows().filter(self._offered).values_list("pk", self._label)[:OPTIONS_SHOWN]
        return [Option(str(pk), name) for pk, name in found]

    def read(self, raw: Any) -> list[str]:
        texts = listed(raw)
        named = self._named(texts) if self._named else {}
        ids = {text: named.get(text) or id_of(self._prefix, text) for text in texts}
        known = set(
            self._rows()
            .filter(pk__in=[pk for pk in ids.values() if pk])
            .values_list("pk", flat=True)
        )
        missing = [text for text, pk in ids.items() if pk not in known]
        if missing:
            raise BadValue(
                "audience_unknown",
                _("This does not exist (any more): %(names)s. Choose another.")
                % {"names": ", ".join(missing[:5])},
            )
        return list(dict.fromkeys(str(pk) for pk in ids.values()))

    def words(self, value: Sequence[str]) -> str:
        names = dict(self._rows().filter(pk__in=value).values_list("pk", self._label))
        return ", ".join(str(names.get(uuid_of(pk), "—")) for pk in value)


def listed(raw: Any) -> list[str]:
    """The texts of a list, or of a single value.

    Raises:
        BadValue: there is none, or there are too many.
    """
    items = raw if isinstance(raw, list | tuple) else [raw]
    texts = list(dict.fromkeys(str(item).strip() for item in items if item not in (None, "")))
    if not texts:
        raise BadValue("audience_empty", _("Choose at least one."))
    if len(texts) > MAX_CHOSEN:
        raise BadValue("audience_too_long", _("Choose at most 200."))
    return texts


def id_of(prefix: PublicId, text: str) -> UUID | None:
    """The id that a text spells, as a public id or a UUID; None for anything else."""
    try:
        return prefix.decode(text) if text.startswith(f"{prefix.prefix}_") else uuid_of(text)
    except InvalidId:
        return None


def _known(texts: Sequence[str], options: Sequence[Option]) -> list[str]:
    offered = {option.value for option in options}
    wrong = [text for text in texts if text not in offered]
    if wrong:
        raise BadValue(
            "rule_value",
            _("This is not to be chosen here: %(names)s. Use one of: %(known)s.")
            % {"names": ", ".join(wrong[:5]), "known": ", ".join(sorted(offered)[:20])},
        )
    return list(texts)


def _labels(values: Sequence[str], options: Sequence[Option]) -> str:
    labels = {option.value: str(option.label) for option in options}
    return ", ".join(labels.get(value, value) for value in values)
