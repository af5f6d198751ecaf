"""What fills a template's variables: a fixed value, or a field of each contact with a fallback."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from core.errors import FieldError, Invalid
from messaging.models import Template

FIELDS = {
    "name": _("Name"),
    "first_name": _("First name"),
    "phone": _("Phone"),
    "email": _("E-mail"),
}
ATTRIBUTE = "attribute:"


def validate(template: Template, variables: Mapping[str, Mapping[str, str]]) -> None:
    """Check that every variable of the template is filled and nothing else is.

    Raises:
        core.errors.Invalid: `variables.<name>` for each one that is missing, unknown or malformed.
    """
    wanted = [variable["name"] for variable in template.variables]
    errors: dict[str, FieldError] = {}
    for name in wanted:
        source = variables.get(name)
        if source is None:
            message = _("Say what to put here: a text or a field of the contact.")
            errors[f"variables.{name}"] = FieldError("variable_missing", message)
        elif not _is_filled(source):
            message = _("Give a text, or a field of the contact (with a fallback if you like).")
            errors[f"variables.{name}"] = FieldError("variable_empty", message)
    for name in variables:
        if name not in wanted:
            message = _("The template has no such variable.")
            errors[f"variables.{name}"] = FieldError("variable_unknown", message)
    if errors:
        raise Invalid(errors)


def _is_filled(source: Mapping[str, str]) -> bool:
    if "field" in source:
        field = source["field"]
        return field in FIELDS or (field.startswith(ATTRIBUTE) and field != ATTRIBUTE)
    return bool(str(source.get("value", "")).strip())
