"""Prices from a CSV file, all or nothing; a file imported twice changes nothing.

Columns by name: channel, provider, category, country, currency, price, effective_from,
effective_until, source, note; dates as 2026-10-01, prices with a point. A line whose kind and
first day exist already changes that price, so a file may end an old price and begin a new one.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Invalid
from messaging.rates import cards
from messaging.rates.models import Rate

_Item = tuple[int, Rate, dict[str, str]]  # line, its price, the values for it
KEY = ("channel", "provider", "category", "country", "currency", "effective_from")
COLUMNS = (*KEY, "price", "effective_until", "source", "note")
_MAY_BE_EMPTY = frozenset({"provider", "country", "effective_until", "source", "note"})


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    created: int
    updated: int


def import_rates(text: str) -> Imported:
    """Write the prices of a CSV file.

    Raises:
        core.errors.Invalid: under `file`, each line that cannot be taken, with what is wrong.
    """
    rows = list(_rows(text))
    known = {_key(rate): rate for rate in Rate.objects.all()}
    changed: list[_Item] = []
    new: list[_Item] = []
    for number, values in rows:
        rate = known.get(tuple(values[name] for name in KEY))
        (changed if rate else new).append((number, rate or Rate(), values))
    with transaction.atomic():
        # Old prices are ended before new ones begin.
        _write([*changed, *new])
        cards.forget_on_commit()
    return Imported(created=len(new), updated=len(changed))


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    missing = set(COLUMNS) - _MAY_BE_EMPTY - set(reader.fieldnames or ())
    if missing:
        names = ", ".join(sorted(missing))
        raise Invalid({"file": _("The file lacks these columns: %(names)s.") % {"names": names}})
    for number, line in enumerate(reader, start=2):
        yield number, {name: (line.get(name) or "").strip() for name in COLUMNS}


def _key(rate: Rate) -> tuple[str, ...]:
    return tuple(str(getattr(rate, name)) for name in KEY)


def _write(items: Iterable[_Item]) -> None:
    problems = []
    for number, rate, values in items:
        for name, value in values.items():
            setattr(rate, name, _value(name, value))
        try:
            rate.full_clean()
        except ValidationError as error:
            text = " ".join(error.messages)
            problems.append(_("Line %(number)s: %(text)s") % {"number": number, "text": text})
        else:
            rate.save()
    if problems:
        raise Invalid({"file": problems})


def _value(name: str, value: str) -> Any:
    return None if name == "effective_until" and not value else value
