"""Contacts between our words and Kommo's `custom_fields_values`.

Source: developers.kommo.com, "Contacts" and "Custom fields": phone and e-mail are multitext fields
with the codes PHONE and EMAIL, each value with an enum (WORK).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from integrations.providers.base import Card, RemoteContact, RemoteField

PHONE, EMAIL, WORK = "PHONE", "EMAIL", "WORK"
# Kinds whose value is a text or a number that we can write as it is.
WRITABLE = frozenset({"text", "textarea", "numeric", "url", "streetaddress", "monetary"})
TAG_LENGTH = 256


def contact_body(card: Card, there: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """A contact as `POST` and `PATCH /contacts` take it.

    Args:
        there: its `custom_fields_values` as they are; phones and e-mails that are none of ours
            stay behind ours.
    """
    values = [
        *_coded(PHONE, card.phones, there),
        *_coded(EMAIL, [card.email] if card.email else [], there),
    ]
    values += [
        {"field_id": int(pk), "values": [{"value": value}]} for pk, value in card.fields.items()
    ]
    body: dict[str, Any] = {"name": card.name} if card.name else {}
    if values:
        body["custom_fields_values"] = values
    if card.tags_added:
        body["tags_to_add"] = [{"name": name[:TAG_LENGTH]} for name in card.tags_added]
    if card.tags_removed:
        body["tags_to_delete"] = [{"name": name[:TAG_LENGTH]} for name in card.tags_removed]
    return body


def contact_of(data: Mapping[str, Any]) -> RemoteContact:
    """A contact of a list or of its own page."""
    embedded = data.get("_embedded") or {}
    values = list(data.get("custom_fields_values") or ())
    leads = sorted((int(lead["id"]) for lead in embedded.get("leads") or ()), reverse=True)
    return RemoteContact(
        id=str(data["id"]),
        name=str(data.get("name") or ""),
        phones=list(_texts(values, PHONE)),
        emails=list(_texts(values, EMAIL)),
        tags=[str(tag["name"]) for tag in embedded.get("tags") or ()],
        fields={
            str(one["field_id"]): str(first)
            for one in values
            if one.get("field_code") not in (PHONE, EMAIL) and (first := _first(one)) is not None
        },
        version=str(data.get("updated_at") or ""),
        changed_at=_moment(data.get("updated_at")),
        leads=[str(pk) for pk in leads],
    )


def fields_of(rows: list[Mapping[str, Any]]) -> list[RemoteField]:
    """Those of `GET /contacts/custom_fields` that a text can be written into."""
    return [
        RemoteField(id=str(row["id"]), label=str(row["name"]))
        for row in rows
        if row.get("type") in WRITABLE and row.get("code") not in (PHONE, EMAIL)
    ]


def local_digits(phone: str) -> str:
    """The digits without Brazil's country code, which people leave out."""
    digits = "".join(filter(str.isdigit, phone))
    return digits[2:] if digits.startswith("55") and len(digits) in (12, 13) else digits


def _coded(
    code: str, texts: Sequence[str], there: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    ours = {_plain(code, text) for text in texts}
    values = [{"value": text, "enum_code": WORK} for text in texts]
    values += [
        {name: value[name] for name in ("value", "enum_id", "enum_code") if value.get(name)}
        for one in there
        if one.get("field_code") == code
        for value in one.get("values") or ()
        if value.get("value") and _plain(code, str(value["value"])) not in ours
    ]
    return [{"field_code": code, "values": values}] if texts else []


def _plain(code: str, text: str) -> str:
    """What makes two spellings the same phone or e-mail."""
    return local_digits(text) if code == PHONE else text.strip().lower()


def _texts(values: list[Mapping[str, Any]], code: str) -> Iterator[str]:
    for one in values:
        if one.get("field_code") == code:
            yield from (str(value["value"]) for value in one["values"] if value.get("value"))


def _moment(seconds: Any) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) and seconds else None


def _first(field: Mapping[str, Any]) -> Any:
    return next((value.get("value") for value in field.get("values") or ()), None)
