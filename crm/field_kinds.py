"""The kinds of a company's own fields: what people and files write is read into one form.

What is kept is JSON: a text, a number (of kind number, at most 15 digits: what a double holds), a
text such as 1234.50 (money), a text such as 2026-11-21 (date), one of the choices, true or false.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.errors import FieldError
from crm.enums import FieldKind
from crm.models import FieldDefinition
from crm.search import fold

LARGEST, DECIMALS, CENTS = Decimal("1e15"), 10, 2
YEARS = range(1900, 2101)
YES = {"sim", "s", "yes", "y", "true", "verdadeiro", "si", "1", "x"}
NO = {"nao", "n", "no", "false", "falso", "0"}
# Codes, which are reasons of an import's rows too.
REASONS: dict[str, str | Promise] = {
    "field_number": _("This is no number. Write it such as 1234 or 10.5."),
    "field_ambiguous": _(
        "This can be read as thousands or as decimals. Write 1234 or 1.2340, without doubt."
    ),
    "field_money": _("This is no amount of money. Write it such as 1234.50."),
    "field_date": _("This is no date. Write it such as 2026-11-21 or 21/11/2026."),
    "field_choice": _("This is none of the choices of this field. Use one of them."),
    "field_yes_no": _("This is neither yes nor no. Write yes or no."),
}

_CURRENCY = re.compile(r"^(R\$|US\$|\$|€|BRL|USD|EUR)|(BRL|USD|EUR|€)$", re.IGNORECASE)
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:(?:\.\d{3})+(?:,\d+)?|(?:,\d{3})+(?:\.\d+)?)")
_PLAIN = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_AMBIGUOUS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?")
_LOCAL_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")  # day first


class BadField(ValueError):
    """The value does not fit its field; `code` is one of REASONS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def error(self) -> FieldError:
        """The same as forms and the API show it."""
        return FieldError(self.code, REASONS[self.code])


def read(definition: FieldDefinition, raw: Any) -> Any:
    """A value as it is kept; None when there is none.

    Args:
        raw: a text as people of Brazil or elsewhere write it, or what JSON has.

    Raises:
        BadField: it does not fit.
    """
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    return _READERS[FieldKind(definition.kind)](definition, raw)


def show(definition: FieldDefinition, value: Any) -> str:
    """A kept value as people read it, in the language that is active now.

    What was written before the field had a kind, and does not fit it, is shown as it stands.
    """
    try:
        kept = read(definition, value)
    except BadField:
        return str(value)
    return "" if kept is None else _SHOWERS.get(FieldKind(definition.kind), str)(kept)


def shown(
    attributes: Mapping[str, Any], definitions: Mapping[str, FieldDefinition]
) -> list[tuple[str, str]]:
    """A contact's fields as (name, text): the defined ones in their order, then the others."""
    defined = [
        (row.label, show(row, attributes[key]))
        for key, row in definitions.items()
        if key in attributes
    ]
    free = [(key, str(value)) for key, value in attributes.items() if key not in definitions]
    return defined + free


def choice_key(text: str) -> str:
    """What makes two choices the same: case, accents and spaces at the ends mean nothing."""
    return fold(text).strip()


def says_yes(raw: Any) -> bool:
    """Whether a word such as “sim” or “n” is a yes.

    Raises:
        BadField: it is neither yes nor no.
    """
    word = choice_key(str(raw))
    if word not in YES | NO:
        raise BadField("field_yes_no")
    return word in YES


def _text(definition: FieldDefinition, raw: Any) -> Any:
    return raw


def _number(definition: FieldDefinition, raw: Any) -> int | float:
    number = _decimal(raw, code="field_number")
    if number == number.to_integral_value():
        return int(number)
    kept = float(number)
    if Decimal(repr(kept)) != number:
        raise BadField("field_number")
    return kept


def _money(definition: FieldDefinition, raw: Any) -> str:
    amount = _decimal(raw, code="field_money")
    if amount != round(amount, CENTS):
        raise BadField("field_money")
    return f"{amount:.{CENTS}f}"


def _decimal(raw: Any, *, code: str) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        raise BadField(code)
    text = _plain(raw, code) if isinstance(raw, str) else str(raw)
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise BadField(code) from None
    if not number.is_finite() or abs(number) >= LARGEST or number != round(number, DECIMALS):
        raise BadField(code)
    return number


def _plain(raw: str, code: str) -> str:
    """A written number as Python reads it.

    “1.234” may be a thousand or one and a bit. Money has two decimals, so there it is a thousand;
    elsewhere nobody can know, and a wrong guess is wrong a thousand times.
    """
    text = re.sub(r"\s", "", raw)
    if code == "field_money":
        text = _CURRENCY.sub("", text)
    elif _AMBIGUOUS.fullmatch(text):
        raise BadField("field_ambiguous")
    if _GROUPED.fullmatch(text):
        thousands = next(char for char in text if char in ".,")
        return text.replace(thousands, "").replace(",", ".")
    if _PLAIN.fullmatch(text):
        return text.replace(",", ".")
    raise BadField(code)


def _date(definition: FieldDefinition, raw: Any) -> str:
    text = str(raw).strip()
    if match := _ISO_DAY.fullmatch(text):
        year, month, day = map(int, match.groups())
    elif match := _LOCAL_DAY.fullmatch(text):
        day, month, year = map(int, match.groups())
    else:
        raise BadField("field_date")
    try:
        found = date(year, month, day)
    except ValueError:
        raise BadField("field_date") from None
    if found.year not in YEARS:
        raise BadField("field_date")
    return found.isoformat()


def _choice(definition: FieldDefinition, raw: Any) -> str:
    wanted = choice_key(str(raw))
    known: Iterable[str] = definition.choices
    for one in known:
        if choice_key(one) == wanted:
            return one
    raise BadField("field_choice")


def _yes_no(definition: FieldDefinition, raw: Any) -> bool:
    return says_yes(raw)


_READERS: dict[FieldKind, Callable[[FieldDefinition, Any], Any]] = {
    FieldKind.TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _date,
    FieldKind.CHOICE: _choice,
    FieldKind.YES_NO: _yes_no,
    FieldKind.MONEY: _money,
}
_SHOWERS: dict[FieldKind, Callable[[Any], str]] = {
    FieldKind.NUMBER: lambda kept: number_format(Decimal(str(kept)), force_grouping=True),
    FieldKind.MONEY: lambda kept: number_format(Decimal(kept), CENTS, force_grouping=True),
    FieldKind.DATE: lambda kept: date_format(date.fromisoformat(kept), "SHORT_DATE_FORMAT"),
    FieldKind.YES_NO: lambda kept: gettext("Yes") if kept else gettext("No"),
}
