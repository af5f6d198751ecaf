"""Rules about the company's own fields; each kind of field has operators of its own.

What was written before a field had its kind still compares: texts that are numbers or dates count
as such, all others as nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, CharField, DecimalField, F, Func, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Concat, Left, Replace, Substr
from django.db.models.lookups import Exact, GreaterThan, In, LessThan, Lookup, Range, Regex
from django.utils.translation import gettext_lazy as _

from crm import selectors
from crm.audiences.registry import Context, Operator, Predicate, Rule, opposite, register
from crm.audiences.rules.fields import company_zone, surely, texts
from crm.audiences.values import Choices, Day, Days, Nothing, Number, Option
from crm.enums import FieldKind
from crm.models import FieldDefinition

NUMBER = r"^-?\d{1,15}([.,]\d{1,10})?$"
ISO_DAY = r"^\d{4}-\d{2}-\d{2}([T ].*)?$"
LOCAL_DAY = r"^\d{2}/\d{2}/\d{4}$"  # day first, as Brazil and most of the world write it
ORDER = 60


def register_all() -> None:
    """Announce these rules."""
    register(
        Predicate(
            "attribute",
            _("Field"),
            _free(),
            order=ORDER,
            arguments=_options,
            shaped=_shaped,
            kept=_of_kinds(),
        )
    )


def _options() -> Sequence[Option]:
    return [Option(key, label) for key, label in selectors.attribute_labels().items()]


def _shaped(key: str) -> Predicate | None:
    definition = selectors.field_definition(key)
    if definition is None:
        return None
    operators = (*_BY_KIND[FieldKind(definition.kind)](definition), *_emptiness())
    names = {one.name for one in operators}
    return Predicate(
        "attribute",
        definition.label,
        operators,
        order=ORDER,
        arguments=_options,
        kept=tuple(one for one in _free() if one.name not in names),
    )


def _free() -> tuple[Operator, ...]:
    """What a field without a kind can be asked: it may hold anything."""
    return (
        *texts(_text),
        Operator("greater", _("is greater than"), Number(), _number_is(GreaterThan)),
        Operator("less", _("is less than"), Number(), _number_is(LessThan)),
        Operator("before", _("is a date before"), Day(), _day_is(LessThan)),
        Operator("after", _("is a date after"), Day(), _day_is(GreaterThan)),
    )


def _of_kinds() -> tuple[Operator, ...]:
    """What fields of any kind can be asked. Conditions need no definition, so a rule goes on when
    its field is put away."""
    made = FieldDefinition(choices=[])
    every = {one.name: one for build in _BY_KIND.values() for one in build(made)}
    return tuple(every.values())


def _emptiness() -> tuple[Operator, ...]:
    return tuple(one for one in texts(_text) if one.name in ("empty", "not_empty"))


def _numbers(definition: FieldDefinition) -> tuple[Operator, ...]:
    same = Operator("equals", _("is"), Number(), _number_is(Exact))
    return (
        same,
        opposite(same, "equals_not", _("is not")),
        Operator("greater", _("is greater than"), Number(), _number_is(GreaterThan)),
        Operator("less", _("is less than"), Number(), _number_is(LessThan)),
    )


def _days(definition: FieldDefinition) -> tuple[Operator, ...]:
    return (
        Operator("on", _("is the day"), Day(), _day_is(Exact)),
        Operator("before", _("is before"), Day(), _day_is(LessThan)),
        Operator("after", _("is after"), Day(), _day_is(GreaterThan)),
        Operator("last_days", _("was in the last"), Days(), _near(-1)),
        Operator("next_days", _("is in the next"), Days(), _near(1)),
    )


def _choices(definition: FieldDefinition) -> tuple[Operator, ...]:
    options = Choices(lambda: (Option(one, one) for one in definition.choices))
    one = Operator("any_of", _("is one of"), options, lambda rule, context: _in(rule))
    return one, opposite(one, "none_of", _("is none of"))


def _answers(definition: FieldDefinition) -> tuple[Operator, ...]:
    return (
        Operator("yes", _("is yes"), Nothing(), lambda rule, context: _is(rule, "true")),
        Operator("no", _("is no"), Nothing(), lambda rule, context: _is(rule, "false")),
    )


def _plain(definition: FieldDefinition) -> tuple[Operator, ...]:
    return texts(_text)[:4]


def _text(rule: Rule) -> Combinable:
    # By name: Django's own transform takes a field called “2024” for a place in a list.
    text = Func(F("attributes"), Value(rule.argument), function="jsonb_extract_path_text")
    return Coalesce(text, Value(""), output_field=CharField())


def _number(rule: Rule) -> Combinable:
    """The field as a number; null when it is none."""
    text = _text(rule)
    value = Cast(
        Replace(text, Value(","), Value(".")), DecimalField(max_digits=30, decimal_places=10)
    )
    return Case(When(Regex(text, NUMBER), then=value), default=None)


def _day(rule: Rule) -> Combinable:
    """The field as 20261121, compared as a text: 31 February must not break a query."""
    text = _text(rule)
    iso = Replace(Left(text, 10), Value("-"), Value(""))
    local = Concat(Substr(text, 7, 4), Substr(text, 4, 2), Left(text, 2))
    return Case(
        When(Regex(text, ISO_DAY), then=iso),
        When(Regex(text, LOCAL_DAY), then=local),
        default=None,
        output_field=CharField(),
    )


def _number_is(lookup: type[Lookup[Any]]) -> Callable[[Rule, Context], Q]:
    return lambda rule, context: surely(lookup(_number(rule), rule.value))


def _day_is(lookup: type[Lookup[Any]]) -> Callable[[Rule, Context], Q]:
    return lambda rule, context: surely(lookup(_day(rule), _digits(rule.value)))


def _near(direction: int) -> Callable[[Rule, Context], Q]:
    """Between today, by the company's clock, and so many days before (-1) or after it (1)."""

    def condition(rule: Rule, context: Context) -> Q:
        today: date = context.now.astimezone(company_zone()).date()
        ends = sorted((today, today + direction * timedelta(days=rule.value)))
        return surely(Range(_day(rule), tuple(_digits(day.isoformat()) for day in ends)))

    return condition


def _digits(day: str) -> str:
    return day.replace("-", "")


def _is(rule: Rule, text: str) -> Q:
    return Q(Exact(_text(rule), text))


def _in(rule: Rule) -> Q:
    return Q(In(_text(rule), rule.value))


_BY_KIND: dict[FieldKind, Callable[[FieldDefinition], tuple[Operator, ...]]] = {
    FieldKind.TEXT: _plain,
    FieldKind.NUMBER: _numbers,
    FieldKind.MONEY: _numbers,
    FieldKind.DATE: _days,
    FieldKind.CHOICE: _choices,
    FieldKind.YES_NO: _answers,
}
