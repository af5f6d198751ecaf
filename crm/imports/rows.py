"""One row of a file: what it says about a contact, or why it is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from crm import field_kinds, phones
from crm.enums import IdentityKind, MatchBy
from crm.field_kinds import BadField
from crm.imports.mapping import ATTRIBUTE, CONSENT
from crm.imports.reader import MAX_BREAKS_IN_CELL, Row
from crm.models import FieldDefinition
from crm.services.contacts import ATTRIBUTE_LENGTH, EMAIL_LENGTH, NAME_LENGTH
from crm.services.identities import Known
from crm.services.tags import MAX_LENGTH as TAG_LENGTH


@dataclass(frozen=True, slots=True)
class Accepted:
    """A row that says who somebody is; `key` is what its contact is found by."""

    number: int
    key: Known
    phone: phones.Phone | None
    name: str = ""
    email: str = ""
    external_id: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    consent: bool | None = None  # None: the row says nothing about it
    attributes: dict[str, Any] = field(default_factory=dict)
    raw: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that does not; `code` is one of crm.imports.reasons.ROW_REASONS."""

    number: int
    code: str
    raw: Sequence[str]


def judge(
    row: Row,
    mapping: Mapping[str, str],
    definitions: Mapping[str, FieldDefinition] | None = None,
    match_by: str = MatchBy.PHONE,
) -> Accepted | Refused:
    """Read a row by the mapping. Cells beyond the header are ignored, missing ones are empty.

    Args:
        definitions: the company's own fields by key (`crm.selectors.field_definitions`).
        match_by: what the row must have, for its contact is found by it.
    """
    number, cells = row
    values = {
        target: cells[int(column)].strip()
        for column, target in mapping.items()
        if target and int(column) < len(cells)
    }
    try:
        return _accepted(number, cells, values, definitions or {}, MatchBy(match_by))
    except (_Unfit, BadField, phones.BadPhone) as error:
        return Refused(number=number, code=error.code, raw=cells)


class _Unfit(ValueError):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _accepted(
    number: int,
    cells: Sequence[str],
    values: Mapping[str, str],
    definitions: Mapping[str, FieldDefinition],
    match_by: MatchBy,
) -> Accepted:
    if any(cell.count("\n") > MAX_BREAKS_IN_CELL for cell in cells):
        raise _Unfit("quote_unclosed")
    needs_phone = match_by == MatchBy.PHONE or bool(values.get("phone"))
    phone = phones.parse(values.get("phone", "")) if needs_phone else None
    email = _email(values.get("email", ""))
    external_id = values.get("external_id", "")[:EMAIL_LENGTH]
    attributes = {
        target.removeprefix(ATTRIBUTE): value
        for target, value in values.items()
        if target.startswith(ATTRIBUTE) and value
    }
    if any(len(value) > ATTRIBUTE_LENGTH for value in attributes.values()):
        raise _Unfit("value_too_long")
    return Accepted(
        number=number,
        key=_key(match_by, phone, email, external_id),
        phone=phone,
        name=_name(values),
        email=email,
        external_id=external_id,
        language=values.get("language", "")[:8],
        tags=_tags(values.get("tags", "")),
        consent=field_kinds.says_yes(said) if (said := values.get(CONSENT)) else None,
        attributes=_typed(attributes, definitions),
        raw=cells,
    )


def _key(match_by: MatchBy, phone: phones.Phone | None, email: str, external_id: str) -> Known:
    if match_by == MatchBy.PHONE and phone is not None:
        return Known(IdentityKind.PHONE, phone.number)
    if match_by == MatchBy.EMAIL and email:
        return Known(IdentityKind.EMAIL, email)
    if match_by == MatchBy.EXTERNAL and external_id:
        return Known(IdentityKind.EXTERNAL, external_id)
    raise _Unfit(f"{match_by}_missing")


def _typed(
    attributes: Mapping[str, str], definitions: Mapping[str, FieldDefinition]
) -> dict[str, Any]:
    return {
        key: field_kinds.read(definitions[key], text) if key in definitions else text
        for key, text in attributes.items()
    }


def _name(values: Mapping[str, str]) -> str:
    parts = [values.get(target, "") for target in ("name", "first_name", "last_name")]
    name = " ".join(" ".join(parts).split())
    if len(name) > NAME_LENGTH:
        raise _Unfit("name_too_long")
    return name


def _email(text: str) -> str:
    if not text:
        return ""
    try:
        validate_email(text)
    except ValidationError:
        raise _Unfit("email_invalid") from None
    return text.lower()


def _tags(text: str) -> tuple[str, ...]:
    names = (name.strip()[:TAG_LENGTH] for name in re.split(r"[,;|]", text))
    return tuple(dict.fromkeys(name for name in names if name))
