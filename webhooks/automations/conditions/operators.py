"""How conditions compare: texts, numbers, days, sets, yes and no."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.audiences.values import Choices, Day, Nothing, Number, Option, Text, Value, Words
from crm.search import fold
from webhooks.automations.registry import Operator
from webhooks.automations.values import Duration, Money, seconds_of


def texts() -> tuple[Operator, ...]:
    """What a text can be asked; capitals and accents do not count."""
    return (
        Operator("is", _("is"), Words(), operator.eq, read=_plain),
        Operator("is_not", _("is not"), Words(), operator.ne, read=_plain),
        Operator("contains", _("contains"), Words(), operator.contains, read=_plain),
        Operator(
            "contains_not",
            _("does not contain"),
            Words(),
            lambda seen, value: value not in seen,
            read=_plain,
        ),
        *emptiness(),
    )


def emptiness() -> tuple[Operator, ...]:
    return (
        Operator("empty", _("is empty"), Nothing(), lambda seen, value: seen in (None, "")),
        Operator(
            "not_empty", _("is filled in"), Nothing(), lambda seen, value: seen not in (None, "")
        ),
    )


def numbers(value: Value | None = None) -> tuple[Operator, ...]:
    """What a number can be asked; what is none fits nothing."""
    kind = value or Number()
    return (
        Operator("equals", _("is"), kind, _compared(operator.eq), read=_number),
        Operator("greater", _("is greater than"), kind, _compared(operator.gt), read=_number),
        Operator("less", _("is less than"), kind, _compared(operator.lt), read=_number),
        *emptiness(),
    )


def amounts() -> tuple[Operator, ...]:
    """The same of money in the minor unit."""
    return numbers(Money())


def days() -> tuple[Operator, ...]:
    """What a day can be asked, kept as 2026-11-22."""
    return (
        Operator("on", _("is the day"), Day(), lambda seen, value: _day(seen) == value),
        Operator(
            "before", _("is before"), Day(), lambda seen, value: bool(seen) and _day(seen) < value
        ),
        Operator(
            "after", _("is after"), Day(), lambda seen, value: bool(seen) and _day(seen) > value
        ),
        *emptiness(),
    )


def ages() -> tuple[Operator, ...]:
    """What an age in seconds can be asked; None is older than everything."""
    return (
        Operator(
            "newer",
            _("is newer than"),
            Duration(),
            lambda seen, value: seen is not None and seen < seconds_of(value),
        ),
        Operator(
            "older",
            _("is older than"),
            Duration(),
            lambda seen, value: seen is None or seen >= seconds_of(value),
        ),
    )


def sets(value: Value) -> tuple[Operator, ...]:
    """What a set of ids can be asked."""
    return (
        Operator("any_of", _("has any of"), value, lambda seen, wanted: bool({*seen} & {*wanted})),
        Operator("none_of", _("has none of"), value, lambda seen, wanted: not {*seen} & {*wanted}),
    )


def choices(options: Callable[[], Collection[Option]]) -> tuple[Operator, ...]:
    """What one of a few can be asked."""
    return (
        Operator(
            "any_of", _("is one of"), Choices(options), lambda seen, wanted: str(seen) in wanted
        ),
        Operator(
            "none_of",
            _("is none of"),
            Choices(options),
            lambda seen, wanted: str(seen) not in wanted,
        ),
        *emptiness(),
    )


def yes_no(yes: Text, no: Text, *, names: tuple[str, str] = ("yes", "no")) -> tuple[Operator, ...]:
    """What is so or is not."""
    return (
        Operator(names[0], yes, Nothing(), lambda seen, value: seen is True),
        Operator(names[1], no, Nothing(), lambda seen, value: seen is not True),
    )


def _plain(text: Any) -> str:
    return " ".join(fold("" if text is None else str(text)).split())


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value).replace(",", "."))
    except InvalidOperation:
        return None
    return None if number.is_nan() else number


def _compared(compare: Callable[[Decimal, Decimal], bool]) -> Callable[[Any, Any], bool]:
    def holds(seen: Decimal | None, value: Decimal | None) -> bool:
        return seen is not None and value is not None and compare(seen, value)

    return holds


def _day(seen: Any) -> str:
    return str(seen or "")[:10]
