"""Rules about what a contact has: name, e-mail, phone, language, its age here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from django.db.models import (
    BooleanField,
    Exists,
    F,
    OuterRef,
    Q,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.db.models.lookups import (
    Exact,
    IContains,
    IExact,
    IStartsWith,
    Lookup,
)
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import scope
from crm import phones
from crm.audiences.registry import Context, Operator, Predicate, Rule, opposite, register
from crm.audiences.values import Choices, Day, Days, Nothing, Option, Words
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


def register_all() -> None:
    """Announce these rules."""
    register(Predicate("name", _("Name"), texts(_name), order=40))
    register(Predicate("email", _("E-mail"), _emails(), order=45))
    countries = Choices(_countries, known=_all_countries)
    register(Predicate("country", _("Country of the phone"), _phones(countries), order=50))
    register(Predicate("area_code", _("Area code"), _phones(Choices(_areas)), order=51))
    register(Predicate("language", _("Language"), _languages(), order=55))
    register(Predicate("created", _("Created"), _moments(), order=70))


def _name(rule: Rule) -> Combinable:
    return F("name")


def _compare(lookup: type[Lookup[Any]], subject: Subject) -> Callable[[Rule, Context], Q]:
    return lambda rule, context: Q(lookup(subject(rule), rule.value))


def surely(comparison: Lookup[Any]) -> Q:
    """The comparison as true or false: what compares to null would fit neither a rule nor its
    opposite, and nobody whom an exception does not speak of may be lost by it."""
    return Q(Coalesce(comparison, Value(False), output_field=BooleanField()))


def texts(subject: Subject) -> tuple[Operator, ...]:
    """What a text can be asked: is, contains, is empty, and their opposites."""
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


def company_zone() -> tzinfo:
    """Whose clock “today” goes by."""
    name = getattr(scope.current(), "timezone", "")
    return ZoneInfo(name) if name else timezone.get_current_timezone()


def _moments() -> tuple[Operator, ...]:
    """The day begins and ends by the company's clock, also in the API, which speaks UTC."""

    def start(value: str, days: int = 0) -> datetime:
        day = date.fromisoformat(value) + timedelta(days)
        return datetime.combine(day, time.min, tzinfo=company_zone())

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
