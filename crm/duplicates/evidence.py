"""What two contacts have in common, found by indexes (crm.match_keys): for some hundred contacts at
once, a handful of statements whatever the number of contacts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Expression, OuterRef, Q, QuerySet

from crm import match_keys, phones
from crm.enums import FieldKind, IdentityKind, Likeness
from crm.match_keys import CPF
from crm.models import Contact, Identity
from crm.name_order import NAME_ORDER
from crm.search import words
from crm.selectors import field_definitions

# What more contacts than this have in common tells none of them apart: the reception's phone as an
# external id, "Maria da Silva".
TOO_COMMON = 20
LAST_DIGITS = 8
LEAST_WORDS = 2  # of a name that is compared
Pair = tuple[UUID, UUID]

PHONE, MAILBOX, DOCUMENT, EXTERNAL = "phone", "mailbox", CPF, "external_id"
NAME_AND_DIGITS, NAME_AND_MAIL = "name_and_digits", "name_and_mail"
NAME_AND_DATE, NAME_AND_FIELD = "name_and_date", "name_and_field"
LIKENESS: Mapping[str, Likeness] = {
    PHONE: Likeness.CERTAIN,
    MAILBOX: Likeness.CERTAIN,
    DOCUMENT: Likeness.CERTAIN,
    EXTERNAL: Likeness.LIKELY,
    NAME_AND_DIGITS: Likeness.LIKELY,
    NAME_AND_MAIL: Likeness.LIKELY,
    NAME_AND_DATE: Likeness.LIKELY,
    NAME_AND_FIELD: Likeness.POSSIBLE,
}


@dataclass(slots=True)
class _Seen:
    """What is compared of a contact whose name somebody else has too."""

    attributes: dict[str, Any]
    digits: set[str] = field(default_factory=set)
    mails: set[str] = field(default_factory=set)


def likeness(codes: Iterable[str]) -> Likeness:
    """As sure as the best of the evidence."""
    return max(LIKENESS[code] for code in codes)


def find(contact_ids: Collection[UUID]) -> dict[Pair, list[str]]:
    """Who else each of these living contacts may be: pairs, the older contact first, with codes."""
    found: dict[Pair, set[str]] = defaultdict(set)
    for code, one, others in _sharing(contact_ids):
        for other in others:
            found[_pair(one, other)].add(code)
    for pair, codes in _of_one_name(contact_ids):
        found[pair] |= codes
    return {pair: sorted(codes, key=list(LIKENESS).index) for pair, codes in found.items()}


def _pair(one: UUID, other: UUID) -> Pair:
    return (one, other) if one < other else (other, one)


def _sharing(contact_ids: Collection[UUID]) -> Iterator[tuple[str, UUID, list[UUID]]]:
    """Contacts with the others that have the same key, by code."""
    held = Identity.objects.held().filter(contact__in=contact_ids)
    yield from _by_number(held)
    yield from _by_key(MAILBOX, held, match_keys.MAILBOX, match_keys.IS_GMAIL)
    yield from _by_key(EXTERNAL, held, match_keys.EXTERNAL, match_keys.IS_EXTERNAL)
    people = Contact.objects.filter(match_keys.HAS_DOCUMENT)
    mine = people.filter(pk__in=contact_ids).alias(key=match_keys.DOCUMENT)
    same = people.alias(key=match_keys.DOCUMENT).filter(key=OuterRef("key"))
    for pk, cpf, others in mine.annotate(
        cpf=match_keys.DOCUMENT, others=ArraySubquery(same.values("pk")[: TOO_COMMON + 1])
    ).values_list("pk", "cpf", "others"):
        if is_cpf(cpf):
            yield from _others(DOCUMENT, pk, others)


def _by_key(
    code: str, held: QuerySet[Identity], key: Expression, condition: Q
) -> Iterator[tuple[str, UUID, list[UUID]]]:
    same = Identity.objects.filter(condition).alias(key=key).filter(key=OuterRef("key"))
    others = ArraySubquery(same.values("contact_id")[: TOO_COMMON + 1])
    rows = held.filter(condition).alias(key=key).annotate(others=others)
    for contact_id, found in rows.values_list("contact_id", "others"):
        yield from _others(code, contact_id, found)


def _by_number(held: QuerySet[Identity]) -> Iterator[tuple[str, UUID, list[UUID]]]:
    """The same number as a phone, as a WhatsApp id, with and without the ninth digit."""
    numbers = held.filter(kind__in=(IdentityKind.PHONE, IdentityKind.WA_ID))
    wanted: dict[str, set[UUID]] = defaultdict(set)
    for contact_id, value in numbers.values_list("contact_id", "value"):
        for spelling in _spellings(value):
            wanted[spelling].add(contact_id)
    rows = Identity.objects.held().filter(
        kind__in=(IdentityKind.PHONE, IdentityKind.WA_ID), value__in=wanted
    )
    for contact_id, value in rows.values_list("contact_id", "value"):
        yield from _others(PHONE, contact_id, wanted[value])


def _spellings(number: str) -> set[str]:
    """All that one number may be stored as."""
    digits = number.removeprefix("+")
    try:
        phone = phones.parse_wa_id(digits)
    except phones.BadPhone:
        return {digits, f"+{digits}"}
    spelled = {phone.number, phone.alias} if phone.alias else {phone.number}
    return spelled | {one.removeprefix("+") for one in spelled}


def _others(
    code: str, contact_id: UUID, found: Collection[UUID]
) -> Iterator[tuple[str, UUID, list[UUID]]]:
    others = sorted(set(found) - {contact_id})
    if others and len(others) < TOO_COMMON:
        yield code, contact_id, others


def _of_one_name(contact_ids: Collection[UUID]) -> Iterator[tuple[Pair, set[str]]]:
    """Pairs with one name, as far as they have something else in common."""
    pairs = _with_the_same_name(contact_ids)
    seen = _seen({pk for pair in pairs for pk in pair})
    dates = {
        key for key, row in field_definitions().items() if row.kind == FieldKind.DATE
    } if pairs else set()  # fmt: skip
    for one, other in pairs:
        codes = _in_common(seen[one], seen[other], dates)
        if codes:
            yield (one, other), codes


def _with_the_same_name(contact_ids: Collection[UUID]) -> set[Pair]:
    alive = Contact.objects.alive()
    same = alive.alias(key=NAME_ORDER).filter(key=OuterRef("key")).order_by("pk")
    rows = alive.filter(pk__in=contact_ids).exclude(name="").alias(key=NAME_ORDER)
    found = rows.annotate(others=ArraySubquery(same.values("pk")[: TOO_COMMON + 1]))
    return {
        _pair(pk, other)
        for pk, name, others in found.values_list("pk", "name", "others")
        if len(words(name)) >= LEAST_WORDS and len(others) <= TOO_COMMON
        for other in others
        if other != pk
    }


def _seen(contact_ids: Collection[UUID]) -> dict[UUID, _Seen]:
    rows = Contact.objects.filter(pk__in=contact_ids).values_list("pk", "attributes")
    seen = {pk: _Seen(attributes) for pk, attributes in rows}
    held = Identity.objects.held().filter(contact__in=contact_ids)
    for contact_id, kind, value in held.values_list("contact_id", "kind", "value"):
        if kind == IdentityKind.EMAIL:
            seen[contact_id].mails.add(value.partition("@")[0])
        elif kind in (IdentityKind.PHONE, IdentityKind.WA_ID):
            seen[contact_id].digits.add(value[-LAST_DIGITS:])
    return seen


def _in_common(one: _Seen, other: _Seen, dates: Collection[str]) -> set[str]:
    codes = set()
    if one.digits & other.digits:
        codes.add(NAME_AND_DIGITS)
    if one.mails & other.mails:
        codes.add(NAME_AND_MAIL)
    for key in shared_fields(one.attributes, other.attributes):
        codes.add(NAME_AND_DATE if key in dates else NAME_AND_FIELD)
    return codes


def shared_fields(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Keys of the fields that say the same of two contacts; what is empty says nothing."""
    return [
        key
        for key, value in one.items()
        if value not in (None, "", False) and other.get(key) == value
    ]


def is_cpf(digits: str) -> bool:
    """Whether eleven digits are a CPF: the last two are computed from the others (Receita Federal,
    modulo 11), and repeated digits are none."""
    if len(digits) != 11 or len(set(digits)) == 1:
        return False
    numbers = [int(digit) for digit in digits]
    for length in (9, 10):
        weighed = sum(number * (length + 1 - at) for at, number in enumerate(numbers[:length]))
        if weighed * 10 % 11 % 10 != numbers[length]:
            return False
    return True
