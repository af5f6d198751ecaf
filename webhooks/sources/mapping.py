"""A company's own description of a system's posts: which place holds what.

Kept as JSON: {"items": path of a list or "", "fields": {field: path}, "unit": "major" | "minor",
"kinds": {what the system calls it: our type}, "always": a type, "extra": {name: path}}.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import FieldError, Invalid
from webhooks.sources import guessing, paths, values, words
from webhooks.sources.normalised import KINDS, OWN, Normalised

MOST_KINDS, MOST_EXTRA = 100, 20
NAME_LENGTH = 60
UNITS = ("major", "minor")


@dataclass(frozen=True, slots=True)
class Target:
    """A field that a place may be mapped to."""

    name: str
    label: str | Promise


TARGETS = (
    Target("kind", _("What happened")),
    Target("phone", _("Phone")),
    Target("name", _("Name")),
    Target("email", _("E-mail")),
    Target("order_id", _("Order number")),
    Target("amount", _("Amount")),
    Target("product", _("Product")),
    Target("pix_code", _("PIX code")),
    Target("link", _("Link")),
    Target("expires_at", _("Valid until")),
    Target("occurred_at", _("When it happened")),
    Target("event_id", _("Id of the event")),
)
NAMES = tuple(target.name for target in TARGETS)


def suggested(data: Any) -> dict[str, Any]:
    """A mapping to start from, by how a sample's fields are called."""
    item = guessing.items(data)[0] if guessing.items(data) else None
    found = {name: place for name, place in guessing.places(item).items() if name in NAMES}
    said = values.said(paths.find(item, found["kind"])) if "kind" in found else ""
    kind = words.kind_of(said)
    return {
        "items": "",
        "fields": found,
        "unit": "minor" if guessing.in_minor(found.get("amount", "")) else "major",
        "kinds": {said: kind} if kind else {},
        "always": "",
        "extra": {},
    }


def checked(given: Any) -> dict[str, Any]:
    """The mapping as it is kept.

    Raises:
        core.errors.Invalid: what cannot be read, by `fields.phone`, `kinds`, …
    """
    if not isinstance(given, Mapping):
        raise Invalid({"mapping": _refused()})
    errors: dict[str, FieldError] = {}
    fields = _places(given.get("fields"), "fields", errors, most=len(NAMES))
    errors |= {f"fields.{name}": _refused() for name in fields if name not in NAMES}
    extra = _places(given.get("extra"), "extra", errors, most=MOST_EXTRA)
    kinds = _kinds(given.get("kinds"), errors)
    unit = given.get("unit") or "major"
    if unit not in UNITS:
        errors["unit"] = _refused()
    always = given.get("always") or ""
    if always and always not in KINDS:
        errors["always"] = _refused()
    place = given.get("items") or ""
    if not _is_path(place):
        errors["items"] = _refused()
    if errors:
        raise Invalid(errors)
    return {
        "items": place, "fields": fields, "unit": unit, "kinds": kinds, "always": always,
        "extra": extra,
    }  # fmt: skip


def normalise(mapping: Mapping[str, Any], data: Any) -> list[Normalised]:
    """What a post says by this mapping."""
    place = mapping.get("items", "")
    whole = paths.find(data, place) if place else data
    if isinstance(whole, list):
        listed = whole[: guessing.MOST_ITEMS]
    else:
        listed = guessing.items(whole) if not place else [whole]
    return [_normalised(mapping, item) for item in listed if isinstance(item, dict)]


def _normalised(mapping: Mapping[str, Any], item: dict[str, Any]) -> Normalised:
    fields = mapping.get("fields", {})

    def at(name: str) -> Any:
        found = paths.find(item, fields[name]) if fields.get(name) else None
        return None if found is paths.MISSING else found

    own_kind = values.said(at("kind"))
    kind = _kind(mapping, own_kind)
    read_amount = values.from_minor if mapping.get("unit") == "minor" else values.from_major
    event_id, order_id = values.said(at("event_id")), values.said(at("order_id"))
    extra = {name: values.text(item, place) for name, place in mapping.get("extra", {}).items()}
    return Normalised(
        kind=kind,
        own_kind=own_kind,
        key=event_id or (f"{order_id}:{kind}:{own_kind}" if order_id and kind else ""),
        name=values.said(at("name")),
        phone=values.said(at("phone")),
        email=values.said(at("email")),
        order_id=order_id,
        amount=read_amount(at("amount")),
        product=values.said(at("product")),
        pix_code=values.said(at("pix_code")),
        link=values.said(at("link")),
        expires_at=values.moment(at("expires_at")),
        occurred_at=values.moment(at("occurred_at")),
        fields={name: told for name, told in extra.items() if told},
    )


def _kind(mapping: Mapping[str, Any], own_kind: str) -> str:
    """By the table that somebody made; else a word that everybody uses; else what always holds."""
    kinds = mapping.get("kinds", {})
    if own_kind in kinds:
        return str(kinds[own_kind])
    if not own_kind:
        return str(mapping.get("always", ""))
    return words.kind_of(own_kind) or mapping.get("always", "") or OWN


def _places(given: Any, field: str, errors: dict[str, FieldError], *, most: int) -> dict[str, str]:
    found: dict[str, str] = {}
    members = dict(given) if isinstance(given, Mapping) else {}
    if len(members) > most:
        errors[field] = _refused()
    for name, place in list(members.items())[:most]:
        label = str(name).strip()[:NAME_LENGTH]
        if not place or not label:
            continue
        if not isinstance(place, str) or not _is_path(place):
            errors[f"{field}.{label}"] = _refused()
        else:
            found[label] = place
    return found


def _kinds(given: Any, errors: dict[str, FieldError]) -> dict[str, str]:
    members = dict(given) if isinstance(given, Mapping) else {}
    known = {str(said)[:200]: kind for said, kind in members.items() if kind in KINDS}
    if len(members) > MOST_KINDS or any(kind and kind not in KINDS for kind in members.values()):
        errors["kinds"] = _refused()
    return known


def _is_path(place: Any) -> bool:
    try:
        paths.parse(place)
    except (paths.BadPath, TypeError):
        return False
    return True


def _refused() -> FieldError:
    return FieldError("mapping_invalid", _("This cannot be read. Choose the value in the sample."))
