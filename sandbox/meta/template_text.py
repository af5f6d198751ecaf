"""Templates as text: their placeholders, and what a message made from one reads like."""

from __future__ import annotations

import re
from typing import Any

from sandbox.accounts import Template

_PLACEHOLDER = re.compile(r"\{\{\s*([^{}\s]+)\s*\}\}")


def placeholders(text: str) -> list[str]:
    """The names (or numbers) in ``text``, in order, each once."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(text)))


def component(template: Template, kind: str) -> dict[str, Any] | None:
    """The template's HEADER, BODY, FOOTER or BUTTONS, if it has one."""
    found = (one for one in template["components"] if one["type"].upper() == kind)
    return next(found, None)


def buttons(template: Template) -> list[dict[str, Any]]:
    """The template's buttons in order."""
    holder = component(template, "BUTTONS")
    return holder["buttons"] if holder else []


def given(components: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """The parameters that a message gives for its header or body."""
    for one in components:
        if str(one.get("type", "")).upper() == kind:
            return one.get("parameters") or []
    return []


def given_to_button(components: list[dict[str, Any]], index: int) -> list[dict[str, Any]] | None:
    """The parameters that a message gives for the button at ``index``, None without any."""
    for one in components:
        if str(one.get("type", "")).lower() == "button" and str(one.get("index")) == str(index):
            return one.get("parameters") or []
    return None


def fill(text: str, parameters: list[dict[str, Any]]) -> str:
    """``text`` with its placeholders replaced, by name where parameters have names."""
    values = {
        str(one.get("parameter_name") or position): parameter_text(one)
        for position, one in enumerate(parameters, start=1)
    }
    return _PLACEHOLDER.sub(lambda match: values.get(match.group(1), match.group(0)), text)


def parameter_text(parameter: dict[str, Any]) -> str:
    """What a text, currency or date parameter reads like."""
    kind = parameter.get("type")
    if kind in ("currency", "date_time"):
        return str((parameter.get(kind) or {}).get("fallback_value", ""))
    return str(parameter.get("text", ""))
