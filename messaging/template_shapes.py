"""The shapes in which templates arrive, read in one place.

A template is written as components, Meta's shape of today::

    [{"type": "BODY", "text": "Olá {{1}}"}, {"type": "FOOTER", "text": "Responda PARAR"}]

or in the older shape of one object, whose parts are plain texts::

    {"body": "Olá {{1}}", "header": "Aurora", "footer": "Responda PARAR", "buttons": [{…}]}

Whatever is stored or submitted is in the first; `template_parts.part` reads both, so that rows of
before are shown and sent like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Component = dict[str, Any]


class BadShape(ValueError):
    """Neither of the shapes; the text says what is missing."""


def components_in(shape: Any) -> list[Component]:
    """The components of a template in either shape; `{"components": …}` counts as its content.

    Raises:
        BadShape: it is of neither shape, or has no body.
    """
    if isinstance(shape, str):
        shape = {"body": shape}
    if isinstance(shape, Mapping):
        if "components" in shape:
            return components_in(shape["components"])
        return list(_legacy(shape))
    if not isinstance(shape, Sequence):
        raise BadShape("a list of components, or an object with a body")
    return [_current(one) for one in shape]


def _current(component: Any) -> Component:
    """A component with its type in capitals."""
    if not isinstance(component, Mapping) or not component.get("type"):
        raise BadShape("each component needs a type")
    return {**component, "type": str(component["type"]).upper()}


def _legacy(shape: Mapping[str, Any]) -> Sequence[Component]:
    body = shape.get("body")
    if not isinstance(body, str) or not body.strip():
        raise BadShape("a list of components, or an object with a body")
    made: list[Component] = []
    if header := shape.get("header"):
        made.append({"type": "HEADER", "format": "TEXT", "text": str(header)})
    made.append({"type": "BODY", "text": body})
    if footer := shape.get("footer"):
        made.append({"type": "FOOTER", "text": str(footer)})
    if buttons := shape.get("buttons"):
        made.append({"type": "BUTTONS", "buttons": list(buttons)})
    return made
