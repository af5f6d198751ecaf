"""The parts of a template and the places in it that are filled.

A placeholder is `{{1}}` or `{{name}}` and nothing more: it is looked up, never evaluated.

How variables are called: those of the body by their own name ("1", "name"); a numbered one of the
header "header_1", since it is another value than the body's "1"; named ones are the same value
wherever they stand; a button's "button_1" (its place among the buttons, counted from one); a
header that is a file or a place "header_image", "header_video", "header_document",
"header_location". One-time codes fill body and button with one variable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from messaging.template_shapes import components_in

PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z0-9_]{1,64})\s*\}\}")
MEDIA_HEADERS = frozenset({"IMAGE", "VIDEO", "DOCUMENT"})
LOCATION = "LOCATION"
NAMED = "NAMED"
AUTHENTICATION = "AUTHENTICATION"
CODE_BUTTONS = frozenset({"COPY_CODE", "OTP"})
SENDABLE_PARTS = frozenset({"HEADER", "BODY", "FOOTER", "BUTTONS"})

Component = Mapping[str, Any]
Components = Sequence[Component]


@dataclass(frozen=True, slots=True)
class Variable:
    """One value that a message needs, as `Template.variables` keeps it.

    `where` is header, body or button:<index>; `type` is text, image, video, document, location or
    code (a coupon or one-time code).
    """

    name: str
    example: str = ""
    fallback: str = ""
    where: str = "body"
    type: str = "text"


def part(components: Components, kind: str) -> Component:
    """The component of that type; an empty one when there is none."""
    return next((one for one in _listed(components) if _type(one) == kind), {})


def buttons(components: Components) -> list[Component]:
    """The buttons in their order."""
    found = part(components, "BUTTONS").get("buttons")
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def unsendable_parts(components: Components) -> list[str]:
    """Types of parts that we can show but not fill (carousels, limited offers)."""
    return sorted({_type(one) for one in _listed(components)} - SENDABLE_PARTS)


def placeholders(text: str) -> list[str]:
    """The names in a text, each once, in order of appearance."""
    return list(_placeholders(text))


@lru_cache(maxsize=1_024)
def _placeholders(text: str) -> tuple[str, ...]:
    """A run asks it of one text for every message."""
    return tuple(dict.fromkeys(PLACEHOLDER.findall(text)))


def fill(text: str, value_of: Callable[[str], str]) -> str:
    """The text with every placeholder replaced by `value_of(name)`."""
    return PLACEHOLDER.sub(lambda match: value_of(match[1]), text)


def header_name(placeholder: str) -> str:
    """How a placeholder of the header is called among the template's variables."""
    return f"header_{placeholder}" if placeholder.isdecimal() else placeholder


def button_name(index: int, category: str) -> str:
    """How the value of a button is called; a one-time code is the body's first value."""
    return "1" if category == AUTHENTICATION else f"button_{index + 1}"


def needs_value(button: Component) -> bool:
    """Whether a button has a part that each message fills."""
    kind = _type(button)
    return kind in CODE_BUTTONS or (
        kind == "URL" and bool(placeholders(str(button.get("url") or "")))
    )


def variables_of(
    components: Components, *, category: str = "", known: Sequence[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """`Template.variables` for these components, each name once.

    Args:
        known: variables as they were; their fallbacks (ours, unknown to the provider) are kept.
    """
    fallbacks = {str(one.get("name")): str(one.get("fallback") or "") for one in known}
    found: dict[str, Variable] = {}
    for one in _all_variables(components, category):
        found.setdefault(one.name, one)
    return [{**asdict(one), "fallback": fallbacks.get(one.name, "")} for one in found.values()]


def _all_variables(components: Components, category: str) -> Iterator[Variable]:
    yield from _of_header(part(components, "HEADER"))
    body = part(components, "BODY")
    names = placeholders(str(body.get("text") or ""))
    if category == AUTHENTICATION and body and not names:
        names = ["1"]  # its text is the provider's own and always holds the code
    examples = examples_of(body, "body_text", names)
    for name in names:
        yield Variable(name, examples.get(name, ""))
    for index, button in enumerate(buttons(components)):
        if needs_value(button):
            kind = "code" if _type(button) in CODE_BUTTONS else "text"
            name = button_name(index, category)
            yield Variable(name, _button_example(button), where=f"button:{index}", type=kind)


def _of_header(header: Component) -> Iterator[Variable]:
    style = header_format(header)
    if style in MEDIA_HEADERS or style == LOCATION:
        kind = style.lower()
        yield Variable(f"header_{kind}", _media_example(header), where="header", type=kind)
        return
    names = placeholders(str(header.get("text") or ""))
    examples = examples_of(header, "header_text", names)
    for name in names:
        yield Variable(header_name(name), examples.get(name, ""), where="header")


def header_format(header: Component) -> str:
    """TEXT, IMAGE, VIDEO, DOCUMENT, LOCATION …; empty when there is no header."""
    return str(header.get("format") or "TEXT").upper() if header else ""


def examples_of(component: Component, key: str, names: Sequence[str]) -> dict[str, str]:
    """The examples of a part by placeholder: named as they say, others by their number."""
    example = component.get("example")
    example = example if isinstance(example, Mapping) else {}
    named = example.get(f"{key}_named_params")
    if isinstance(named, list):
        pairs = [one for one in named if isinstance(one, Mapping)]
        return {str(one.get("param_name")): str(one.get("example") or "") for one in pairs}
    values = example.get(key)
    if isinstance(values, list) and values and isinstance(values[0], list):
        values = values[0]
    if not isinstance(values, list):
        return {}
    ordered = sorted(names, key=int) if all(map(str.isdecimal, names)) else list(names)
    return dict(zip(ordered, map(str, values), strict=False))


def _media_example(header: Component) -> str:
    example = header.get("example")
    handles = example.get("header_handle") if isinstance(example, Mapping) else None
    return str(handles[0]) if isinstance(handles, list) and handles else ""


def _button_example(button: Component) -> str:
    """The example of the variable part alone: Meta gives the whole address."""
    example = button.get("example")
    value = str((example[0] if isinstance(example, list) and example else example) or "")
    prefix = PLACEHOLDER.split(str(button.get("url") or ""))[0]
    return value.removeprefix(prefix) if prefix else value


def _listed(components: Components) -> Components:
    """Rows of before keep a template as one object."""
    return components if isinstance(components, list | tuple) else components_in(components)


def _type(component: Component) -> str:
    return str(component.get("type") or "").upper()
