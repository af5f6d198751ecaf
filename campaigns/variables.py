"""What fills a template's variables: `{"value": text}`, the same for everybody, or
`{"field": name, "fallback": text}`, a field of each contact.

Where the field is empty the fallback stands in, else the template's own. A contact for whom
nothing is left is not written to (`variable_missing`); `{"field": name, "skip_if_empty": true}`
says so outright and passes over the template's fallback.
"""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.errors import FieldError, Invalid
from messaging.models import Template
from messaging.template_parts import Components, buttons

FIELDS = {
    "name": _("Name"),
    "first_name": _("First name"),
    "phone": _("Phone"),
    "email": _("E-mail"),
}
ATTRIBUTE = "attribute:"
LONGEST = 500
# Files of a header are named by a public link (messaging.rendering.components_for_wire).
LINKS = {
    "header_image": _("Picture at the top (link)"),
    "header_video": _("Video at the top (link)"),
    "header_document": _("Document at the top (link)"),
}
_NO_FILE = {
    "header_image": _("Upload a picture or give a link."),
    "header_video": _("Upload a video or give a link."),
    "header_document": _("Upload a document or give a link."),
}
_is_link = URLValidator(schemes=["http", "https"])


def label(variable: Mapping[str, str], components: Components) -> str | Promise:
    """What people read above a variable: its name, or what it fills where the name is ours."""
    name, where = variable["name"], variable.get("where", "body")
    if name in LINKS:
        return LINKS[name]
    if where.startswith("button"):
        return _button_label(variable, int(where.partition(":")[2] or 0), components)
    if where == "header":
        return _("Header: %(name)s") % {"name": name.removeprefix("header_")}
    return _("Variable %(name)s") % {"name": name}


def _button_label(variable: Mapping[str, str], place: int, components: Components) -> str | Promise:
    shown = buttons(components)[place : place + 1]
    words = {"button": (shown[0].get("text") if shown else "") or variable["name"]}
    if variable.get("type") == "code":
        return _("Code that the button “%(button)s” copies") % words
    return _("Button “%(button)s”: what follows at the end of its link") % words


def validate(
    template: Template, variables: Mapping[str, Mapping[str, Any]], *, has_media: bool = False
) -> None:
    """Check that every variable of the template is filled and nothing else is.

    Args:
        has_media: the campaign brings the header's file; a link to one is not asked for.

    Raises:
        core.errors.Invalid: `variables.<name>` for each one that is missing, unknown or malformed.
    """
    names = [variable["name"] for variable in template.variables]
    wanted = [name for name in names if not (has_media and name in LINKS)]
    errors = {
        f"variables.{name}": error
        for name in wanted
        if (error := _error_of(name, variables.get(name))) is not None
    }
    unknown = FieldError("variable_unknown", _("The template has no such variable."))
    errors |= {f"variables.{name}": unknown for name in variables if name not in names}
    if errors:
        raise Invalid(errors)


def _error_of(name: str, source: Mapping[str, Any] | None) -> FieldError | None:
    if name in LINKS and (source is None or not _is_filled(source)):
        return FieldError(
            "variable_missing" if source is None else "variable_empty", _NO_FILE[name]
        )
    if source is None:
        message = _("Say what to put here: a text or a field of the contact.")
        return FieldError("variable_missing", message)
    if not _is_filled(source):
        message = _("Give a text, or a field of the contact (with a fallback if you like).")
        return FieldError("variable_empty", message)
    if source.get("skip_if_empty") and source.get("fallback"):
        message = _("Either leave such contacts out or give a text for them, not both.")
        return FieldError("variable_fallback", message)
    if any(len(str(source.get(part, ""))) > LONGEST for part in ("value", "field", "fallback")):
        return FieldError("variable_too_long", _("Use at most 500 characters."))
    if name in LINKS and "field" not in source and not _links(source["value"]):
        message = _("Give a public link that starts with https://.")
        return FieldError("variable_no_link", message)
    return None


def _is_filled(source: Mapping[str, Any]) -> bool:
    if "field" in source:
        field = source["field"]
        return field in FIELDS or (field.startswith(ATTRIBUTE) and field != ATTRIBUTE)
    return bool(str(source.get("value", "")).strip())


def _links(value: str) -> bool:
    """A link, or the handle of a file that the provider has already (digits)."""
    if value.isdecimal():
        return True
    try:
        _is_link(value)
    except ValidationError:
        return False
    return True
