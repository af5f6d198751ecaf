"""A template as people write it, and its translation to and from the provider's components."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from messaging.models import Template
from messaging.template_parts import (
    MEDIA_HEADERS,
    NAMED,
    button_name,
    buttons,
    header_format,
    header_name,
    needs_value,
    part,
    placeholders,
    unsendable_parts,
    variables_of,
)

POSITIONAL = "POSITIONAL"
QUICK_REPLY, URL, PHONE_NUMBER, COPY_CODE = "QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE"


@dataclass(frozen=True, slots=True)
class Button:
    """`value` is the address of a URL, the number of a phone, nothing for quick replies and
    codes, whose `text` people read (codes have a label of the provider's own)."""

    type: str
    text: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """`examples` and `fallbacks` are by variable, as `messaging.template_parts` calls them."""

    name: str
    language: str
    category: str
    body: str
    header: str = ""
    footer: str = ""
    buttons: Sequence[Button] = ()
    examples: Mapping[str, str] = field(default_factory=dict)
    fallbacks: Mapping[str, str] = field(default_factory=dict)

    @property
    def parameter_format(self) -> str:
        """NAMED as soon as a variable of header or body has a name."""
        names = [*placeholders(self.header), *placeholders(self.body)]
        return POSITIONAL if all(map(str.isdecimal, names)) else NAMED


def variable_names(draft: Draft) -> list[str]:
    """The variables of a draft in order of appearance."""
    names = [header_name(name) for name in placeholders(draft.header)]
    names += placeholders(draft.body)
    for index, button in enumerate(draft.buttons):
        if needs_value({"type": button.type, "url": button.value}):
            names.append(button_name(index, draft.category))
    return list(dict.fromkeys(names))


def components_of(draft: Draft) -> list[dict[str, Any]]:
    """The components to submit, with an example for each variable as the provider wants them."""
    is_named = draft.parameter_format == NAMED
    found: list[dict[str, Any]] = []
    if draft.header:
        called = {name: header_name(name) for name in placeholders(draft.header)}
        header = {"type": "HEADER", "format": "TEXT", "text": draft.header}
        found.append(header | _example("header_text", called, draft, is_named=is_named))
    called = {name: name for name in placeholders(draft.body)}
    body = {"type": "BODY", "text": draft.body}
    found.append(body | _example("body_text", called, draft, is_named=is_named))
    if draft.footer:
        found.append({"type": "FOOTER", "text": draft.footer})
    if draft.buttons:
        made = [_button(index, one, draft) for index, one in enumerate(draft.buttons)]
        found.append({"type": "BUTTONS", "buttons": made})
    return found


def draft_of(template: Template) -> Draft:
    """What people edit of a template. See `is_writable` for those that have more."""
    parts = template.components
    return Draft(
        name=template.name,
        language=template.language,
        category=template.category,
        header=str(part(parts, "HEADER").get("text") or ""),
        body=str(part(parts, "BODY").get("text") or ""),
        footer=str(part(parts, "FOOTER").get("text") or ""),
        buttons=[_button_draft(one) for one in buttons(parts)],
        examples={one["name"]: one.get("example") or "" for one in template.variables},
        fallbacks={one["name"]: one.get("fallback") or "" for one in template.variables},
    )


def draft_in(
    components: Sequence[Mapping[str, Any]], *, name: str, language: str, category: str
) -> Draft:
    """What components say, as people would write it; examples are those that stand in them."""
    kept = list(components)
    found = variables_of(kept, category=category)
    return draft_of(
        Template(name=name, language=language, category=category, components=kept, variables=found)
    )


def is_writable(template: Template) -> bool:
    """Whether a draft can hold all of it: files, places, forms and one-time codes are made in the
    provider's own tool and only shown here."""
    parts = template.components
    style = header_format(part(parts, "HEADER"))
    known = {QUICK_REPLY, URL, PHONE_NUMBER, COPY_CODE}
    return (
        not unsendable_parts(parts)
        and style not in MEDIA_HEADERS | {"LOCATION"}
        and template.category != "AUTHENTICATION"
        and {str(one.get("type")) for one in buttons(parts)} <= known
    )


def _example(
    key: str, called: Mapping[str, str], draft: Draft, *, is_named: bool
) -> dict[str, Any]:
    """The `example` of a text part; nothing for one without variables."""
    if not called:
        return {}
    values = {
        name: value
        for name, variable in called.items()
        if (value := draft.examples.get(variable, "").strip())
    }
    if is_named:
        pairs = [{"param_name": name, "example": value} for name, value in values.items()]
        return {"example": {f"{key}_named_params": pairs}}
    ordered = [values[name] for name in sorted(values, key=int)]
    return {"example": {key: [ordered] if key == "body_text" else ordered}}


def _button(index: int, button: Button, draft: Draft) -> dict[str, Any]:
    example = draft.examples.get(button_name(index, draft.category), "")
    if button.type == COPY_CODE:
        return {"type": COPY_CODE, "example": example}
    made: dict[str, Any] = {"type": button.type, "text": button.text}
    if button.type == PHONE_NUMBER:
        made["phone_number"] = button.value
    elif button.type == URL:
        made["url"] = button.value
        if placeholders(button.value):
            made["example"] = [button.value.partition("{{")[0] + example]
    return made


def _button_draft(button: Mapping[str, Any]) -> Button:
    value = button.get("url") or button.get("phone_number") or ""
    return Button(str(button.get("type") or ""), str(button.get("text") or ""), str(value))
