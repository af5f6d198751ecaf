"""Who is being erased, and the places that may hold a person without pointing at the contact.

Rows with a foreign key to Contact are `crm.lifecycle`'s. Everything else that may name a person (a
refused row of a file, a notification, what a provider posted) is a `Place`: apps register theirs
in AppConfig.ready(). Which they are, and what becomes of each: docs/decisions/22-erasing.md.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol, Self
from urllib.parse import quote_plus
from uuid import UUID

from django.db.models import F, Func, Model, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, Concat, Lower
from django.utils.functional import Promise

from core import files
from crm.phones import BRAZIL, BadPhone, parse_wa_id

# Shorter words and numbers are those of too many people.
LEAST_WORD = 5
LEAST_DIGITS = 8
BRAZILIAN_DIGITS = (12, 13)
WINDOW = 5_000


class Later(Exception):
    """Something holds the person's data at this moment (a send, an import): come back soon."""


@dataclass(frozen=True)
class Subject:
    """The person who is erased, in all spellings that rows may have.

    Attributes:
        contacts: the contact and those that were merged into it.
        addresses: phones, provider ids, e-mails, external ids.
        until: what came in later is of somebody who came back by themselves.
    """

    contacts: tuple[UUID, ...]
    addresses: tuple[str, ...]
    names: tuple[str, ...]
    until: datetime

    @classmethod
    def from_json(cls, data: dict[str, Any], until: datetime) -> Self:
        """What `as_json` made."""
        return cls(
            contacts=tuple(UUID(pk) for pk in data["contacts"]),
            addresses=tuple(data["addresses"]),
            names=tuple(data["names"]),
            until=until,
        )

    def as_json(self) -> dict[str, Any]:
        """As an erasure keeps it, encrypted, until it is done."""
        return {
            "contacts": [str(pk) for pk in self.contacts],
            "addresses": list(self.addresses),
            "names": list(self.names),
        }

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Digits to look for among the digits of a text, without Brazil's country code."""
        found = set()
        for address in self._spelled:
            digits = re.sub(r"\D", "", address)
            if not re.fullmatch(r"\+?[\d\s().-]+", address) or len(digits) < LEAST_DIGITS:
                continue
            is_brazilian = digits.startswith(BRAZIL) and len(digits) in BRAZILIAN_DIGITS
            found.add(digits[len(BRAZIL) :] if is_brazilian else digits)
        return frozenset(found)

    @cached_property
    def words(self) -> frozenset[str]:
        """Lower-case texts to look for: full names, e-mails, ids; and numbers as ids of messages
        hold them, base64 at a byte that is a multiple of three."""
        texts = {address for address in self.addresses if len(address) >= LEAST_WORD}
        texts |= {name for name in self.names if " " in name and len(name) >= LEAST_WORD}
        texts |= {quote_plus(text) for text in texts}
        for address in self._spelled:
            digits = re.sub(r"\D", "", address)
            if len(digits) >= LEAST_DIGITS:
                whole = digits[: len(digits) // 3 * 3]
                texts.add(base64.b64encode(whole.encode()).decode())
        return frozenset(text.lower() for text in texts)

    def is_in(self, text: str) -> bool:
        """Whether a text names the person."""
        digits, lowered = re.sub(r"\D", "", text), text.lower()
        return any(number in digits for number in self.numbers) or any(
            word in lowered for word in self.words
        )

    def named_in(self, rows: QuerySet[Any], columns: Iterable[str]) -> QuerySet[Any]:
        """The rows of which any of the columns (text or JSON) names the person."""
        parts = [part for name in columns for part in (Cast(F(name), TextField()), Value(" "))]
        told = Concat(*parts, output_field=TextField())
        digits = Func(
            told, Value(r"\D"), Value(""), Value("g"),
            function="regexp_replace", output_field=TextField(),
        )  # fmt: skip
        wanted = Q()
        for number in self.numbers:
            wanted |= Q(told_digits__contains=number)
        for word in self.words:
            wanted |= Q(told_text__contains=word)
        if not wanted:
            return rows.none()
        return rows.alias(told_text=Lower(told), told_digits=digits).filter(wanted)

    @cached_property
    def _spelled(self) -> set[str]:
        """The addresses, and numbers with and without the ninth digit."""
        spelled = set(self.addresses)
        for address in self.addresses:
            try:
                phone = parse_wa_id(address.removeprefix("+"))
            except BadPhone:
                continue
            spelled |= {phone.number, phone.alias} if phone.alias else {phone.number}
        return spelled


@dataclass(frozen=True, slots=True)
class Found:
    """What one batch came to: how many rows changed, and where to go on (None: at the end)."""

    count: int
    cursor: str | None


class Place(Protocol):
    """Rows or files that may name a person. `erase` does one bounded batch in the caller's
    transaction and may be repeated."""

    name: str
    label: str | Promise

    def erase(self, subject: Subject, cursor: str) -> Found:
        """One batch behind the cursor (empty: from the start).

        Raises:
            Later: something else has to end first.
        """
        ...


class Scan:
    """A table that is gone through by its key, five thousand rows at a time.

    Args:
        columns: texts and JSON that may name somebody.
        change: what is done to the rows that do; how many those were.
        rows: which rows may.
    """

    def __init__(
        self,
        model: type[Model],
        columns: Iterable[str],
        change: Callable[[QuerySet[Any], Subject], int],
        *,
        rows: Callable[[Subject], QuerySet[Any]] | None = None,
        label: str | Promise = "",
    ) -> None:
        self.model, self._columns, self._change = model, tuple(columns), change
        self._rows = rows or (lambda subject: model._default_manager.all())
        self.name = f"{model._meta.label}.{'+'.join(self._columns)}"
        self.label: str | Promise = label or model._meta.verbose_name_plural or ""

    def erase(self, subject: Subject, cursor: str) -> Found:
        """See `Place.erase`."""
        rows = self._rows(subject).order_by("pk")
        window = rows.filter(pk__gt=cursor) if cursor else rows
        pks = list(window.values_list("pk", flat=True)[:WINDOW])
        if not pks:
            return Found(0, None)
        here = rows.filter(pk__gte=pks[0], pk__lte=pks[-1])
        count = self._change(subject.named_in(here, self._columns).order_by(), subject)
        return Found(count, str(pks[-1]) if len(pks) == WINDOW else None)


class Files:
    """Files that somebody asked for and that live a day: those that may hold the person go now.

    Args:
        rows: the requests, with `state`, `file_key` and `created_at`.
        pending: the state in which one is being made.
    """

    def __init__(
        self,
        model: type[Model],
        rows: Callable[[Subject], QuerySet[Any]],
        *,
        pending: str,
        label: str | Promise,
    ) -> None:
        self.name, self.label = f"{model._meta.label}.file", label
        self._rows, self._pending = rows, pending

    def erase(self, subject: Subject, cursor: str) -> Found:
        """All at once: there are those of one day. See `Place.erase`."""
        rows = self._rows(subject).filter(created_at__lte=subject.until)
        if rows.filter(state=self._pending).exists():
            raise Later
        made = list(rows.select_for_update(of=("self",)))
        for row in made:
            if row.file_key:
                files.delete(row.file_key)
            row.delete()
        return Found(len(made), None)


def deleted(rows: QuerySet[Any], _subject: Subject) -> int:
    """A change for `Scan`: the rows go."""
    return rows.delete()[0]


def blanked(**values: Any) -> Callable[[QuerySet[Any], Subject], int]:
    """A change for `Scan`: the rows stay, with these values."""

    def change(rows: QuerySet[Any], _subject: Subject) -> int:
        pks = list(rows.values_list("pk", flat=True))
        return rows.model._default_manager.filter(pk__in=pks).update(**values)

    return change


_places: dict[str, Place] = {}


def add_place(place: Place) -> None:
    """Have a place searched whenever somebody is erased.

    Raises:
        ValueError: its name is taken.
    """
    if place.name in _places:
        raise ValueError(f"{place.name} is registered already")
    _places[place.name] = place


def places() -> list[Place]:
    """All of them, in the order of registration."""
    return list(_places.values())
