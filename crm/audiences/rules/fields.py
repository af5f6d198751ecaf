"""Rules about what a contact has: name, e-mail, phone, language, its own fields, its age here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DecimalField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Concat, Left, Replace, Substr
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    IContains,
    IExact,
    IStartsWith,
    LessThan,
    Lookup,
    Regex,
)
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import scope
from crm import phones, selectors
from crm.audiences.registry import Context, Operator, Predicate, Rule, opposite, register
from crm.audiences.values import Choices, Day, Days, Nothing, Number, Option, Words
from crm.enums import IdentityKind
from crm.models import Identity

# What a comparison looks at, for a rule: a text that is never null.
Subject = Callable[[Rule], Combinable]

LANGUAGES = (("pt", _("Portuguese")), ("en", _("English")), ("es", _("Spanish")))
# Those that are offered by name; the other country codes go by their region.
COUNTRIES = {
    "55": _("Brazil"), "54": _("Argentina"), "591": _("Bolivia"), "56": _("Chile"),
    "57": _("Colombia"), "593": _("Ecuador"), "52": _("Mexico"), "595": _("Paraguay"),
    "51": _("Peru"), "598": _("Uruguay"), "58": _("Venezuela"),
    "1": _("United States and Canada"), "351": _("Portugal"), "34": _("Spain"),
}  # fmt: skip
NUMBER = r"^-?\d{1,15}([.,]\d{1,10})?$"
ISO_DAY = r"^\d{4}-\d{2}-\d{2}([T ].*)?$"
LOCAL_DAY = r"^\d{2}/\d{2}/\d{4}$"  # day first, as Brazil and most of the world write it


def register_all() -> None:
    """Announce these rules."""
    register(Predicate("name", _("Name"), _texts(_name), order=40))
    register(Predicate("email", _("E-mail"), _emails(), order=45))
    countries = Choices(_countries, known=_all_countries)
    register(Predicate("country", _("Country of the phone"), _phones(countries), order=50))
    register(Predicate("area_code", _("Area code"), _phones(Choices(_areas)), order=51))
    register(Predicate("language", _("Language"), _languages(), order=55))
    register(
        Predicate(
            "attribute",
            _("Field"),
            (*_texts(_attribute), *_numbers(_attribute), *_days(_attribute)),
            order=60,
            arguments=_attribute_options,
        )
    )
    register(Predicate("created", _("Created"), _moments(), order=70))


def _name(rule: Rule) -> Combinable:
    return F("name")


def _attribute(rule: Rule) -> Combinable:
    # By name: Django's own transform takes a field called “2024” for a place in a list.
    text = Func(F("attributes"), Value(rule.argument), function="jsonb_extract_path_text")
    return Coalesce(text, Value(""), output_field=CharField())


def _attribute_options() -> Sequence[Option]:
    return [Option(key, key) for key in selectors.attribute_keys()]


def _compare(lookup: type[Lookup[Any]], subject: Subject) -> Callable[[Rule, Context], Q]:
    return lambda rule, context: Q(lookup(subject(rule), rule.value))


def _surely(comparison: Lookup[Any]) -> Q:
    """The comparison as true or false: what compares to null would fit neither a rule nor its
    opposite, and nobody whom an exception does not speak of may be lost by it."""
    return Q(Coalesce(comparison, Value(False), output_field=BooleanField()))


def _texts(subject: Subject) -> tuple[Operator, ...]:
    same = Operator("is", _("is"), Words(), _compare(IExact, subject))
    part = Operator("contains", _("contains"), Words(), _compare(IContains, subject))
    empty = Operator(
        "empty", _("is empty"), Nothing(), lambda rule, context: Q(Exact(subject(rule), ""))
    )
    return (
        same,
        opposite(same, "is_not", _("is not")),
        part,
        opposite(part, "contains_not", _("does not contain")),
        empty,
        opposite(empty, "not_empty", _("is filled in")),
    )


def _numbers(subject: Subject) -> tuple[Operator, ...]:
    def number(rule: Rule) -> Combinable:
        """The field as a number; null when it is none."""
        text = subject(rule)
        value = Cast(
            Replace(text, Value(","), Value(".")), DecimalField(max_digits=30, decimal_places=10)
        )
        return Case(When(Regex(text, NUMBER), then=value), default=None)

    def compared(lookup: type[Lookup[Any]]) -> Callable[[Rule, Context], Q]:
        return lambda rule, context: _surely(lookup(number(rule), rule.value))

    return (
        Operator("greater", _("is greater than"), Number(), compared(GreaterThan)),
        Operator("less", _("is less than"), Number(), compared(LessThan)),
    )


def _days(subject: Subject) -> tuple[Operator, ...]:
    def day(rule: Rule) -> Combinable:
        """The field as 20261121, compared as a text: 31 February must not break a query."""
        text = subject(rule)
        iso = Replace(Left(text, 10), Value("-"), Value(""))
        local = Concat(Substr(text, 7, 4), Substr(text, 4, 2), Left(text, 2))
        return Case(
            When(Regex(text, ISO_DAY), then=iso),
            When(Regex(text, LOCAL_DAY), then=local),
            default=None,
            output_field=CharField(),
        )

    def compared(lookup: type[Lookup[Any]]) -> Callable[[Rule, Context], Q]:
        return lambda rule, context: _surely(lookup(day(rule), rule.value.replace("-", "")))

    return (
        Operator("before", _("is a date before"), Day(), compared(LessThan)),
        Operator("after", _("is a date after"), Day(), compared(GreaterThan)),
    )


def _known_by(kind: str, *conditions: Q) -> Q:
    """There is an identity of the kind for which one of the conditions holds."""
    wanted = Q()
    for condition in conditions:
        wanted |= condition
    known = Identity.objects.held().filter(wanted, kind=kind, contact=OuterRef("pk"))
    return Q(Exists(known))


def _emails() -> tuple[Operator, ...]:
    def known(lookup: str) -> Callable[[Rule, Context], Q]:
        return lambda rule, context: _known_by(
            IdentityKind.EMAIL, Q(**{f"value__{lookup}": rule.value.lower()})
        )

    same = Operator("is", _("is"), Words(), known("exact"))
    part = Operator("contains", _("contains"), Words(), known("contains"))
    filled = Operator(
        "not_empty",
        _("is filled in"),
        Nothing(),
        lambda rule, context: _known_by(IdentityKind.EMAIL),
    )
    return (
        same,
        opposite(same, "is_not", _("is not")),
        part,
        opposite(part, "contains_not", _("does not contain")),
        opposite(filled, "empty", _("is empty")),
        filled,
    )


def _countries() -> Iterator[Option]:
    return (Option(f"+{code}", f"{name} (+{code})") for code, name in COUNTRIES.items())


def _all_countries() -> Iterator[Option]:
    yield from _countries()
    for number, regions in sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()):
        if str(number) not in COUNTRIES:
            yield Option(f"+{number}", f"{regions[0]} (+{number})")


def _areas() -> Iterator[Option]:
    return (Option(code, code) for code in sorted(phones.AREA_CODES))


def _phones(codes: Choices) -> tuple[Operator, ...]:
    def starts(rule: Rule, context: Context) -> Q:
        # An area code is Brazil's; a country code has its plus already.
        heads = [code if code.startswith("+") else f"+{phones.BRAZIL}{code}" for code in rule.value]
        return _known_by(IdentityKind.PHONE, *(Q(value__startswith=head) for head in heads))

    one = Operator("any_of", _("is one of"), codes, starts)
    return one, opposite(one, "none_of", _("is none of"))


def _languages() -> tuple[Operator, ...]:
    def speaks(rule: Rule, context: Context) -> Q:
        condition = Q()
        for code in rule.value:
            condition |= Q(IStartsWith(F("language"), code))
        return condition

    options = Choices(lambda: (Option(code, name) for code, name in LANGUAGES))
    one = Operator("any_of", _("is one of"), options, speaks)
    return one, opposite(one, "none_of", _("is none of"))


def _company_zone() -> tzinfo:
    name = getattr(scope.current(), "timezone", "")
    return ZoneInfo(name) if name else timezone.get_current_timezone()


def _moments() -> tuple[Operator, ...]:
    """The day begins and ends by the company's clock, also in the API, which speaks UTC."""

    def start(value: str, days: int = 0) -> datetime:
        day = date.fromisoformat(value) + timedelta(days)
        return datetime.combine(day, time.min, tzinfo=_company_zone())

    def within(rule: Rule, context: Context) -> Q:
        return Q(created_at__gte=context.now - timedelta(days=rule.value))

    recent = Operator("last_days", _("in the last"), Days(), within)
    return (
        recent,
        opposite(recent, "older_than_days", _("longer ago than")),
        Operator(
            "before", _("before"), Day(), lambda rule, context: Q(created_at__lt=start(rule.value))
        ),
        Operator(
            "after",
            _("after"),
            Day(),
            lambda rule, context: Q(created_at__gte=start(rule.value, 1)),
        ),
    )
