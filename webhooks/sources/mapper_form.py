"""What the mapper's page shows and sends: our fields, the sample's places, words for kinds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise

from core.errors import DomainError
from webhooks.sources import guessing, mapping, paths, values, words
from webhooks.sources.kinds import KIND_LABELS
from webhooks.sources.models import Source
from webhooks.sources.understood import Understood, understood

MOST_LEAVES = 300
MOST_KINDS = 30
VALUE_LENGTH = 80
FIELD, KIND, EXTRA_NAME, EXTRA_PATH = "field.", "kind.", "extra_name", "extra_path"
EXTRA_ROWS = 3


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value of the sample with its place; `parents` tell how deep it stands."""

    path: str
    name: str
    value: str
    depth: int


@dataclass(frozen=True, slots=True)
class Row:
    """One of our fields and the place that was chosen for it."""

    name: str
    label: str | Promise
    path: str
    value: str


@dataclass(frozen=True, slots=True)
class KindRow:
    """A word of the system and what we call it."""

    said: str
    kind: str


@dataclass(frozen=True, slots=True)
class Form:
    """The mapper as it stands."""

    leaves: list[Leaf]
    rows: list[Row]
    kinds: list[KindRow]
    choices: list[tuple[str, str | Promise]]
    unit: str
    always: str
    extras: list[tuple[str, str]]
    items: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What a sample would say: each thing in our words, or why not."""

    error: str = ""
    shown: list[Understood] = field(default_factory=list)


def form(
    source: Source, data: Any, *, chosen: Mapping[str, Any] | None, seen: Iterable[Any]
) -> Form:
    """The page for a sample: what was chosen, else what is kept, else a guess.

    Args:
        seen: data of recent posts, which tell what the system calls things.
    """
    current = chosen or source.mapping or (mapping.suggested(data) if data is not None else {})
    item = _item(data)
    fields = current.get("fields", {})
    kind_place = fields.get("kind", "")
    extras = list(current.get("extra", {}).items())
    return Form(
        leaves=_leaves(item),
        rows=[
            Row(one.name, one.label, place, _value(item, place))
            for one in mapping.TARGETS
            for place in [fields.get(one.name, "")]
        ],
        kinds=_kinds(kind_place, [item, *map(_item, seen)], current.get("kinds", {})),
        choices=[("", ""), *KIND_LABELS.items()],
        unit=current.get("unit", "major"),
        always=current.get("always", ""),
        extras=[*extras, *[("", "")] * EXTRA_ROWS],
        items=current.get("items", ""),
    )


def read(sent: QueryDict) -> dict[str, Any]:
    """What the page sent, as a mapping that is yet to be checked."""
    names, places = sent.getlist(EXTRA_NAME), sent.getlist(EXTRA_PATH)
    said, kinds = sent.getlist("said"), sent.getlist("said_kind")
    return {
        "items": sent.get("items", ""),
        "fields": {
            name.removeprefix(FIELD): value
            for name, value in sent.items()
            if name.startswith(FIELD) and value
        },
        "unit": sent.get("unit", "major"),
        "kinds": {word: kind for word, kind in zip(said, kinds, strict=False) if word and kind},
        "always": sent.get("always", ""),
        "extra": {
            name: place for name, place in zip(names, places, strict=False) if name and place
        },
    }


def tried(chosen: Mapping[str, Any], data: Any) -> Tried:
    """What a sample says by a mapping."""
    try:
        found = mapping.normalise(mapping.checked(chosen), data)
    except DomainError as error:
        return Tried(error=error.text)
    return Tried(shown=[understood(one) for one in found[:5]])


def _item(data: Any) -> Any:
    """The thing that is mapped: the first, where a post speaks of several."""
    if isinstance(data, list | dict):
        listed = guessing.items(data)
        return listed[0] if listed else data
    return data


def _leaves(item: Any) -> list[Leaf]:
    return [
        Leaf(paths.write(steps), str(steps[-1]) if steps else "", _short(value), len(steps))
        for steps, value in paths.leaves(item, most=MOST_LEAVES)
    ]


def _value(item: Any, place: str) -> str:
    found = paths.find(item, place) if place else paths.MISSING
    return "" if found is paths.MISSING else _short(found)


def _kinds(place: str, seen: Iterable[Any], kept: Mapping[str, str]) -> list[KindRow]:
    """What the system was seen to call things, with what we do; known words are filled in."""
    said = dict.fromkeys(kept)
    for item in seen:
        word = values.said(paths.find(item, place)) if place else ""
        if word:
            said.setdefault(word[:200])
    return [KindRow(one, kept.get(one) or words.kind_of(one)) for one in list(said)[:MOST_KINDS]]


def _short(value: Any) -> str:
    told = values.said(value) or ("" if value in (None, "") else str(value))
    return told if len(told) <= VALUE_LENGTH else f"{told[: VALUE_LENGTH - 1]}…"
