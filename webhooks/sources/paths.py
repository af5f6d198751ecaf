"""Places in data as people read them: `customer.phones[0].number`, `["odd.name"]`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

Step = str | int
MISSING: Any = object()
LONGEST = 500
_PLAIN = re.compile(r"[^\W\d][\w-]*")
_STEP = re.compile(
    r"""\.?(?P<name>[^\W\d][\w-]*)|\[(?P<index>\d{1,6})\]|\[(?P<quoted>"(?:[^"\\]|\\.)*")\]"""
)


class BadPath(ValueError):
    """The text names no place."""


def parse(text: str) -> list[Step]:
    """The steps of a path; none for the whole.

    Raises:
        BadPath: it cannot be read.
    """
    steps: list[Step] = []
    place = 0
    if len(text) > LONGEST:
        raise BadPath(text[:LONGEST])
    while place < len(text):
        found = _STEP.match(text, place)
        if found is None or (text[place] == "." and not steps):
            raise BadPath(text)
        steps.append(_step(found))
        place = found.end()
    return steps


def write(steps: Sequence[Step]) -> str:
    """The path of these steps; `parse` gives them back."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step, ensure_ascii=False)}]"
    return text


def find(data: Any, path: str) -> Any:
    """What stands there; `MISSING` if nothing does or the path cannot be read."""
    try:
        steps = parse(path)
    except BadPath:
        return MISSING
    for step in steps:
        if not _has(data, step):
            return MISSING
        data = data[step]
    return data


def _has(data: Any, step: Step) -> bool:
    if isinstance(step, int):
        return isinstance(data, list) and step < len(data)
    return isinstance(data, dict) and step in data


def leaves(data: Any, *, most: int) -> Iterator[tuple[tuple[Step, ...], Any]]:
    """The values that are no objects or lists with their places, the first `most` of them, in the
    order in which they stand."""
    waiting: list[tuple[tuple[Step, ...], Any]] = [((), data)]
    while waiting and most > 0:
        steps, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*steps, name), item) for name, item in reversed(value.items())]
        elif isinstance(value, list):
            inside = [((*steps, index), item) for index, item in enumerate(value[:most])]
            waiting += reversed(inside)
        else:
            most -= 1
            yield steps, value


def _step(found: re.Match[str]) -> Step:
    if found["index"] is not None:
        return int(found["index"])
    if found["quoted"] is not None:
        try:
            return str(json.loads(found["quoted"]))
        except ValueError:
            raise BadPath(found["quoted"]) from None
    return found["name"]
