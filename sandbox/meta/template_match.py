"""Whether the parameters of a template message fit the template, as Meta judges it on sending."""

from __future__ import annotations

import re
from typing import Any

from sandbox.accounts import Account, Template
from sandbox.meta import template_text as text
from sandbox.meta.errors import GraphError, invalid, missing

_LONGEST_BODY = 1024
_LONGEST_HEADER = 60
_BAD_WHITESPACE = re.compile(r"[\n\t]| {5,}")
_MEDIA = frozenset({"IMAGE", "VIDEO", "DOCUMENT"})


def approved(account: Account, name: str, language: str) -> Template:
    """The template that may be sent. Raises GraphError 132001, 132015 or 132016."""
    found = [
        one
        for one in account.templates.values()
        if one["name"] == name and one["language"] == language
    ]
    for template in found:
        if template["status"] == "PAUSED":
            raise GraphError(132015, f"template name ({name}) in {language} is paused")
        if template["status"] == "DISABLED":
            raise GraphError(132016, f"template name ({name}) in {language} is disabled")
        if template["status"] == "APPROVED":
            return template
    raise GraphError(132001, f"template name ({name}) does not exist in {language}")


def check(template: Template, components: list[dict[str, Any]]) -> None:
    """Raise GraphError unless ``components`` fill ``template`` exactly."""
    _check_header(template, text.given(components, "HEADER"))
    body = text.component(template, "BODY") or {"text": ""}
    filled = _check_text("body", body["text"], text.given(components, "BODY"), template)
    if len(filled) > _LONGEST_BODY:
        raise GraphError(132005, f"Translated text too long: {len(filled)} > {_LONGEST_BODY}")
    for index, button in enumerate(text.buttons(template)):
        _check_button(index, button, text.given_to_button(components, index))


def _check_header(template: Template, parameters: list[dict[str, Any]]) -> None:
    header = text.component(template, "HEADER")
    style = (header or {}).get("format", "TEXT")
    if header is None or style == "TEXT":
        wanted = header["text"] if header else ""
        filled = _check_text("header", wanted, parameters, template)
        if header and len(filled) > _LONGEST_HEADER:
            raise GraphError(132005, f"header: text too long: {len(filled)} > {_LONGEST_HEADER}")
        return
    received = str(parameters[0].get("type", "")).upper() if parameters else "UNKNOWN"
    if received != style:
        raise GraphError(132012, f"header: Format mismatch, expected {style}, received {received}")
    source = parameters[0].get(style.lower()) or {}
    if style in _MEDIA and not (source.get("id") or source.get("link")):
        raise missing(f"header: {style.lower()} needs an id or a link")


def _check_text(
    place: str, wanted: str, parameters: list[dict[str, Any]], template: Template
) -> str:
    """The filled text. Raises GraphError when parameters are missing, surplus or unfit."""
    names = text.placeholders(wanted)
    if len(names) != len(parameters):
        raise GraphError(
            132000,
            f"{place}: number of localizable_params ({len(parameters)}) does not match the "
            f"expected number of params ({len(names)})",
        )
    for parameter in parameters:
        _check_value(place, parameter)
    if template.get("parameter_format") == "NAMED":
        received = {str(one.get("parameter_name", "")) for one in parameters}
        if received != set(names):
            raise GraphError(
                132012, f"{place}: Parameter name mismatch, expected {', '.join(names)}"
            )
    return text.fill(wanted, parameters)


def _check_value(place: str, parameter: dict[str, Any]) -> None:
    kind = parameter.get("type")
    if kind not in ("text", "currency", "date_time"):
        raise GraphError(
            132012, f"{place}: Format mismatch, expected TEXT, received {str(kind).upper()}"
        )
    value = text.parameter_text(parameter)
    if not value:
        raise missing("Parameter of type text is missing text value")
    if _BAD_WHITESPACE.search(value):
        raise invalid(
            "Invalid parameter",
            "Param text cannot have new-line/tab characters or more than 4 consecutive spaces",
        )


def _check_button(
    index: int, button: dict[str, Any], parameters: list[dict[str, Any]] | None
) -> None:
    kind = button["type"]
    dynamic = kind == "URL" and bool(text.placeholders(button.get("url", "")))
    if not dynamic and kind not in ("COPY_CODE", "OTP"):
        if parameters and kind != "QUICK_REPLY":
            raise GraphError(132000, f"buttons: Button at index {index} takes no parameter")
        return
    if not parameters:
        raise missing(
            f"buttons: Button at index {index} of type {kind.title()} requires a parameter"
        )
    value = parameters[0].get("coupon_code" if kind == "COPY_CODE" else "text")
    if not value:
        raise GraphError(132012, f"buttons: Button at index {index}: parameter has no value")
