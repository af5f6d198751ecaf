"""A message that a step sends, as the customer's phone will show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from campaigns.variables import label
from messaging import rendering, segments
from messaging.models import Template
from messaging.segments import Segments
from messaging.template_parts import variables_of
from webhooks.automations import placeholders
from webhooks.automations.builder.controls import Control, template_of
from webhooks.automations.builder.kinds import Kind
from webhooks.automations.builder.variables import Sample

SMS = "send_sms"


def preview_of(kind: Kind, controls: Sequence[Control], sample: Sample) -> dict[str, Any]:
    """What `automations/_preview.html` shows; empty for steps that write to nobody."""
    if kind.group != "messages" or not any(one.says for one in controls):
        return {}
    template = template_of(controls)
    if template is not None:
        return {"content": _of_template(template, controls, sample)}
    text = next((one.text for one in controls if one.input == "textarea"), None)
    if text is None:
        return {}
    body, _missing = placeholders.fill(text, sample.value_of)
    shown: dict[str, Any] = {"content": {"body": body}}
    if kind.kind == SMS:
        counted: Segments = segments.count(body)
        shown |= {"segments": counted, "channel": "sms"}
    return shown


def template_lines(controls: Sequence[Control]) -> list[dict[str, Any]]:
    """A line for each variable of the chosen template: its name in words, its text, an example."""
    template = template_of(controls)
    if template is None:
        return []
    given = next((one.parts for one in controls if one.parted), {})
    return [
        {
            "name": variable["name"],
            "label": label(variable, template.components),
            "text": given.get(variable["name"], ""),
            "example": variable.get("example") or "",
            "is_optional": bool(variable.get("fallback")),
        }
        for variable in _variables(template)
    ]


def _of_template(
    template: Template, controls: Sequence[Control], sample: Sample
) -> Mapping[str, Any]:
    values = rendering.examples(template)
    for line in template_lines(controls):
        filled, _missing = placeholders.fill(line["text"], sample.value_of)
        values[line["name"]] = filled or values.get(line["name"], "")
    return rendering.render(template, values)


def _variables(template: Template) -> Sequence[Mapping[str, str]]:
    return template.variables or variables_of(template.components)
