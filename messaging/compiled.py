"""A template rendered for a hundred thousand people: once with marks, then by joining texts.

`messaging.rendering.render` stays the one that knows how a template looks; here its answer for
marked values is taken apart, so each further message costs a few joins.
"""

import re
from collections.abc import Mapping

import orjson

from messaging.models import Template
from messaging.rendering import render

# Private-use characters: they mark the place of a value and occur in no text of people.
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK = re.compile(f"{_OPEN}([^{_CLOSE}]*){_CLOSE}")


class Compiled:
    """One template, ready to be filled."""

    def __init__(self, template: Template) -> None:
        marks = {one["name"]: f"{_OPEN}{one['name']}{_CLOSE}" for one in template.variables}
        text = orjson.dumps(render(template, marks)).decode()
        # Texts and names of variables by turns.
        self._pieces = _MARK.split(text)
        self._names = self._pieces[1::2]

    def render(self, values: Mapping[str, str]) -> str:
        """`Message.content` as JSON text; a variable without a value leaves nothing behind."""
        pieces = self._pieces.copy()
        pieces[1::2] = [_inside(values.get(name, "")) for name in self._names]
        return "".join(pieces)


def _inside(value: str) -> str:
    """The value as it stands inside a JSON string."""
    return orjson.dumps(value).decode()[1:-1]
