"""What is different between two definitions, as lines that people read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

ADDED, REMOVED = "added", "removed"
DEEPEST = 4  # that a page sets further in


@dataclass(frozen=True, slots=True)
class Line:
    """A card in words, as far in as it stands; `change` is empty where both have it."""

    text: str
    depth: int = 0
    change: str = ""


def differences(old: Sequence[Line], new: Sequence[Line]) -> list[Line]:
    """Both in one list, from the top of the flow to its end; nothing when they are the same."""
    lines = list(_merged(old, new))
    return lines if any(line.change for line in lines) else []


def _merged(old: Sequence[Line], new: Sequence[Line]) -> Iterator[Line]:
    for verb, start, end, from_, to in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if verb == "equal":
            yield from new[from_:to]
        else:
            yield from _as(REMOVED, old[start:end])
            yield from _as(ADDED, new[from_:to])


def _as(change: str, lines: Iterable[Line]) -> Iterator[Line]:
    return (Line(line.text, min(line.depth, DEEPEST), change) for line in lines)
