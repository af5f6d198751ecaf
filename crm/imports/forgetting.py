"""Refused rows of people who were erased: the reason stays, the cells do not."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Sequence
from typing import Any

from crm import phones
from crm.services import tombstones
from crm.services.contacts import EMAIL_LENGTH

LEAST_DIGITS = 8

Result = tuple[Any, ...]  # crm.imports.chunks.RESULT_FIELDS


def without_cells_of_erased(results: Sequence[Result]) -> list[Result]:
    """The same rows; those of which any cell is the phone, e-mail or id of somebody who was erased,
    as people write it, lose their cells."""
    if not tombstones.are_laid():
        return list(results)
    spelled = {number: _addresses(raw) for _, number, _, _, raw in results if raw}
    erased = tombstones.erased_among(set().union(*spelled.values()))
    return [
        (batch, number, contact, code, None if erased & spelled.get(number, set()) else raw)
        for batch, number, contact, code, raw in results
    ]


def _addresses(cells: Iterable[str]) -> set[str]:
    found = set()
    for cell in cells:
        text = cell.strip()
        if not text or len(text) > EMAIL_LENGTH:
            continue
        found |= {text, text.lower()}
        if len(re.sub(r"\D", "", text)) >= LEAST_DIGITS:
            with contextlib.suppress(phones.BadPhone):
                phone = phones.parse(text)
                found |= {phone.number, phone.alias} if phone.alias else {phone.number}
    return found
