"""Templates with their values: for people (what the message says) and for the wire.

Both look values up by name and put them in as they are; a value that holds braces stays text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crm.enums import IdentityKind
from crm.field_kinds import show
from crm.models import Contact, Identity
from crm.selectors import field_definition
from messaging.models import Template
from messaging.template_parts import (
    CODE_BUTTONS,
    LOCATION,
    MEDIA_HEADERS,
    NAMED,
    Component,
    button_name,
    buttons,
    fill,
    header_format,
    header_name,
    needs_value,
    part,
    placeholders,
    variables_of,
)
from messaging.template_shapes import BadShape

ATTRIBUTE = "attribute:"

Values = Mapping[str, str]
_Part = Callable[[Values], dict[str, Any]]
Filler = Callable[[Values], list[dict[str, Any]]]


def resolve_variables(
    template: Template, mapping: Mapping[str, Mapping[str, str]], contact: Contact
) -> tuple[dict[str, str], list[str]]:
    """The values of one contact's message.

    Args:
        mapping: for each variable `{"value": text}` or `{"field": "name", "fallback": text}`;
            fields are name, first_name, phone, email and attribute:<key>.
        contact: with its identities fetched (`crm.selectors.with_details`) when there are many.

    Returns:
        (values by variable, names of those that stay empty). An empty field takes the mapping's
        fallback, else the template's own.
    """
    values: dict[str, str] = {}
    for variable in template.variables or variables_of(template.components):
        name = variable["name"]
        source = mapping.get(name) or {}
        value = clean(source.get("value") or _field(contact, source.get("field") or ""))
        value = value or clean(source.get("fallback") or variable.get("fallback") or "")
        values[name] = value
    return values, [name for name, value in values.items() if not value]


def values_in(template: Template, given: Any) -> dict[str, Any]:
    """The values by variable, given by name (`{"1": "Ana"}`) or, as programs of before do, in the
    order of the body's placeholders (`["Ana", "7"]`).

    Raises:
        BadShape: they are neither, or there are more than placeholders.
    """
    if isinstance(given, Mapping):
        return {str(name): value for name, value in given.items()}
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise BadShape("an object by name, or a list in order")
    names = placeholders(str(part(template.components, "BODY").get("text") or ""))
    if all(map(str.isdecimal, names)):
        names.sort(key=int)
    if len(given) > len(names):
        raise BadShape("more values than the text has variables")
    return dict(zip(names, given, strict=False))


def render(template: Template, variables: Values) -> dict[str, Any]:
    """What the message says: `Message.content` of a template.

    Returns:
        `{"header": {"format": "TEXT", "text"} | {"format": "IMAGE" …, "link"} | None, "body",
        "footer", "buttons": [{"type", "text", "url"?, "phone"?, "code"?}]}`. A variable without a
        value shows its placeholder.
    """
    components = template.components
    return {
        "header": _shown_header(part(components, "HEADER"), variables),
        "body": fill(str(part(components, "BODY").get("text") or ""), _shown(variables)),
        "footer": str(part(components, "FOOTER").get("text") or ""),
        "buttons": [
            _shown_button(button, button_name(index, template.category), variables)
            for index, button in enumerate(buttons(components))
        ],
    }


def examples(template: Template) -> dict[str, str]:
    """The template's own examples as values, for previews."""
    return {one["name"]: one.get("example") or "" for one in template.variables}


def filler(template: Template) -> Filler:
    """What turns values into the `components` of a send: one for each part that takes values, in
    Meta's shape. Made once for all messages of a template.

    Source: Meta, "Send message templates". Files are named by link, or by the provider's handle
    when the value is one (digits).
    """
    named = template.parameter_format == NAMED
    found = [
        _wire_header(part(template.components, "HEADER"), named=named),
        _wire_body(template, named=named),
        *(
            _wire_button(index, button, button_name(index, template.category))
            for index, button in enumerate(buttons(template.components))
            if needs_value(button)
        ),
    ]
    parts = [one for one in found if one is not None]
    return lambda variables: [fill_in(variables) for fill_in in parts]


def clean(value: Any) -> str:
    """A value as one line, without runs of spaces: Meta refuses others (code 132012)."""
    return " ".join(str(value or "").split())


def _field(contact: Contact, field: str) -> Any:
    if field.startswith(ATTRIBUTE):
        key = field.removeprefix(ATTRIBUTE)
        value, definition = contact.attributes.get(key), field_definition(key)
        return show(definition, value) if definition else value
    reader = _FIELDS.get(field)
    return reader(contact) if reader else ""


def _identity(contact: Contact, kind: str) -> str:
    """The first canonical identity of a kind; many contacts come from crm's `with_details`."""
    held = getattr(contact, "held_identities", None)
    if held is None:
        held = Identity.objects.held().filter(contact=contact, alias_of=None).order_by("created_at")
    return next((one.value for one in held if one.kind == kind), "")


_FIELDS: dict[str, Callable[[Contact], str]] = {
    "name": lambda contact: contact.name,
    "first_name": lambda contact: contact.name.partition(" ")[0],
    "phone": lambda contact: _identity(contact, IdentityKind.PHONE),
    "email": lambda contact: _identity(contact, IdentityKind.EMAIL),
}


def _shown(variables: Values, called: Callable[[str], str] = str) -> Callable[[str], str]:
    return lambda name: variables.get(called(name)) or f"{{{{{name}}}}}"


def _shown_header(header: Component, variables: Values) -> dict[str, str] | None:
    style = header_format(header)
    if not style:
        return None
    if style == "TEXT":
        text = fill(str(header.get("text") or ""), _shown(variables, header_name))
        return {"format": style, "text": text}
    return {"format": style, "link": variables.get(f"header_{style.lower()}", "")}


def _shown_button(button: Component, name: str, variables: Values) -> dict[str, str]:
    kind = str(button.get("type") or "").upper()
    shown = {"type": kind, "text": str(button.get("text") or "")}
    if kind == "URL":
        value = variables.get(name, "")
        shown["url"] = fill(str(button.get("url") or ""), lambda _: value)
    elif kind == "PHONE_NUMBER":
        shown["phone"] = str(button.get("phone_number") or "")
    elif kind in CODE_BUTTONS:
        shown["code"] = variables.get(name, "")
    return shown


def _wire_header(header: Component, *, named: bool) -> _Part | None:
    style = header_format(header)
    kind = style.lower()
    if style in MEDIA_HEADERS:
        return _wire_object("header", kind, f"header_{kind}", _media_source)
    if style == LOCATION:
        return _wire_object("header", kind, "header_location", _place)
    names = placeholders(str(header.get("text") or ""))
    return _wire_text("header", names, called=header_name, named=named)


def _wire_body(template: Template, *, named: bool) -> _Part | None:
    text = str(part(template.components, "BODY").get("text") or "")
    names = placeholders(text)
    if not names and any(one["name"] == "1" for one in template.variables):
        names = ["1"]  # a one-time code in a text of the provider's own
    return _wire_text("body", names, called=str, named=named)


def _wire_object(
    component: str, kind: str, key: str, shape: Callable[[str], dict[str, str]]
) -> _Part:
    return lambda variables: {
        "type": component,
        "parameters": [{"type": kind, kind: shape(variables.get(key, ""))}],
    }


def _wire_text(
    component: str, names: list[str], *, called: Callable[[str], str], named: bool
) -> _Part | None:
    """Numbered values go in the order of their numbers, named ones carry their name."""
    if not names:
        return None
    ordered = names if named else sorted(names, key=_number)
    keys = [
        (called(name), {"type": "text", **({"parameter_name": name} if named else {})})
        for name in ordered
    ]
    return lambda variables: {
        "type": component,
        "parameters": [{**shared, "text": clean(variables.get(key))} for key, shared in keys],
    }


def _wire_button(index: int, button: Component, key: str) -> _Part:
    is_coupon = str(button.get("type") or "").upper() == "COPY_CODE"
    kind = "coupon_code" if is_coupon else "text"
    return lambda variables: {
        "type": "button",
        "sub_type": "copy_code" if is_coupon else "url",
        "index": str(index),
        "parameters": [{"type": kind, kind: clean(variables.get(key))}],
    }


def _media_source(value: str) -> dict[str, str]:
    return {"id": value} if value.isdecimal() else {"link": value}


def _place(value: str) -> dict[str, str]:
    """`latitude, longitude, name, address` (the last two may be missing)."""
    names = ("latitude", "longitude", "name", "address")
    return dict(zip(names, (one.strip() for one in value.split(",", 3)), strict=False))


def _number(name: str) -> tuple[int, str]:
    return (int(name), "") if name.isdecimal() else (0, name)
