"""What Meta refuses when a template is created or edited.

Source of the limits and subcodes: Meta's "Message templates" reference; values of the texts are
ours in Meta's manner.
"""

from __future__ import annotations

import re
from typing import Any

from sandbox.meta.errors import GraphError
from sandbox.meta.template_text import placeholders

CATEGORIES = ("AUTHENTICATION", "MARKETING", "UTILITY")
_NAME = re.compile(r"[a-z0-9_]{1,512}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2,3})?")
_NUMBER = re.compile(r"[1-9]\d*")
_NAMED = re.compile(r"[a-z][a-z0-9_]*")
_AT_THE_EDGE = re.compile(r"^\s*\{\{[^{}]+\}\}|\{\{[^{}]+\}\}\s*[.!?]?\s*$")
_LIMITS = {"HEADER": 60, "BODY": 1024, "FOOTER": 60}
_FORMATS = ("TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION", "GIF")
_BUTTONS = frozenset(
    {"QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE", "OTP", "FLOW", "VOICE_CALL", "CATALOG"}
)
_LONGEST_LABEL = 25
_MOST_BUTTONS = 10
_WORDS_PER_VARIABLE = 3


def check(data: dict[str, Any]) -> None:
    """Raise GraphError (code 100 with a subcode) unless ``data`` would go into review."""
    if not _NAME.fullmatch(str(data.get("name", ""))):
        raise _refuse(2388023, "Invalid name", "Only lowercase letters, digits and underscores.")
    if not _LANGUAGE.fullmatch(str(data.get("language", ""))):
        raise _refuse(2388024, "Invalid language", "The language code is not known.")
    if data.get("category") not in CATEGORIES:
        raise _refuse(2388025, "Invalid category", f"Use one of {', '.join(CATEGORIES)}.")
    check_components(data)


def check_components(data: dict[str, Any]) -> None:
    """The part of ``check`` that editing repeats."""
    components = data.get("components")
    if not isinstance(components, list) or not components:
        raise _refuse(2388043, "Missing components", "A body is required.")
    kinds = [str(one.get("type", "")).upper() for one in components]
    if kinds.count("BODY") != 1 or len(set(kinds)) != len(kinds):
        raise _refuse(2388043, "Wrong components", "One body and at most one of each other kind.")
    named = str(data.get("parameter_format", "POSITIONAL")).upper() == "NAMED"
    authentication = data.get("category") == "AUTHENTICATION"
    for kind, one in zip(kinds, components, strict=True):
        if kind == "BUTTONS":
            _check_buttons(one.get("buttons") or [])
        elif kind in _LIMITS:
            if not (authentication and "text" not in one):
                _check_text(kind, one, named=named)
        else:
            raise _refuse(2388047, "Unknown component", f"{kind or 'Nothing'} is not one.")


def _check_text(kind: str, component: dict[str, Any], *, named: bool) -> None:
    style = str(component.get("format", "TEXT")).upper()
    if kind == "HEADER" and style != "TEXT":
        _check_media_header(style, component)
        return
    value = str(component.get("text") or "")
    if not value:
        raise _refuse(2388043, "Missing text", f"The {kind.lower()} has no text.")
    if len(value) > _LIMITS[kind]:
        raise _refuse(2388040, "Too long", f"{kind.lower()}: at most {_LIMITS[kind]} characters.")
    names = placeholders(value)
    if kind == "FOOTER" and names:
        raise _refuse(2388073, "Footer with variables", "The footer takes no variables.")
    if kind == "HEADER":
        _check_header_text(value, names)
    if names:
        _check_names(kind, names, named=named)
        _check_examples(kind, component, names)
    if kind == "BODY":
        _check_balance(value, names)


def _check_media_header(style: str, component: dict[str, Any]) -> None:
    if style not in _FORMATS:
        raise _refuse(2388047, "Unknown header format", f"{style} is not one.")
    example = component.get("example") or {}
    if style != "LOCATION" and not (example.get("header_handle") or example.get("header_url")):
        raise _refuse(2388043, "Missing example", f"A header of {style} needs a sample file.")


def _check_header_text(value: str, names: list[str]) -> None:
    if len(names) > 1:
        raise _refuse(2388047, "Too many variables", "The header takes one variable.")
    if re.search(r"[\n*]", value):
        raise _refuse(2388047, "Header formatting", "No new lines or formatting in the header.")


def _check_names(kind: str, names: list[str], *, named: bool) -> None:
    fits = _NAMED if named else _NUMBER
    if not all(fits.fullmatch(name) for name in names):
        raise _refuse(2388047, "Variable format", f"{kind.lower()}: variables are malformed.")
    if not named and sorted(map(int, names)) != list(range(1, len(names) + 1)):
        raise _refuse(2388047, "Variable order", f"{kind.lower()}: number them 1, 2, 3 …")


def _check_examples(kind: str, component: dict[str, Any], names: list[str]) -> None:
    example = component.get("example") or {}
    place = "header_text" if kind == "HEADER" else "body_text"
    values = example.get(f"{place}_named_params")
    if values is None:
        values = example.get(place) or []
        if values and isinstance(values[0], list):
            values = values[0]
    if len(values) != len(names):
        raise _refuse(2388043, "Missing examples", f"{kind.lower()}: one example per variable.")


def _check_balance(value: str, names: list[str]) -> None:
    if _AT_THE_EDGE.search(value):
        raise _refuse(2388299, "Variable at the edge", "Text cannot start or end with a variable.")
    words = len(value.split())
    if names and words < len(names) * _WORDS_PER_VARIABLE - 1:
        raise _refuse(2388293, "Too many variables", "Too many variables for so little text.")


def _check_buttons(buttons: list[dict[str, Any]]) -> None:
    if not 1 <= len(buttons) <= _MOST_BUTTONS:
        raise _refuse(2388047, "Buttons", f"Between 1 and {_MOST_BUTTONS} buttons.")
    for button in buttons:
        kind = str(button.get("type", "")).upper()
        if kind not in _BUTTONS:
            raise _refuse(2388047, "Unknown button", f"{kind or 'Nothing'} is not one.")
        if kind in ("QUICK_REPLY", "URL", "PHONE_NUMBER") and not button.get("text"):
            raise _refuse(2388043, "Missing label", "The button has no text.")
        if len(str(button.get("text", ""))) > _LONGEST_LABEL:
            raise _refuse(2388040, "Too long", f"buttons: at most {_LONGEST_LABEL} characters.")
        if kind == "URL" and placeholders(str(button.get("url", ""))) and not button.get("example"):
            raise _refuse(2388043, "Missing examples", "A dynamic address needs an example.")


def _refuse(subcode: int, title: str, text: str) -> GraphError:
    return GraphError(100, message="Invalid parameter", subcode=subcode, user=(title, text))
