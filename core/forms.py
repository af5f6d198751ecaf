"""How a service's "no" gets next to the fields of the form that asked."""

from typing import Any

from django.core.exceptions import ValidationError
from django.forms import BaseForm, DateTimeField, DateTimeInput

from core.errors import DomainError, Invalid

# As the browser's own picker writes it.
MOMENT = "%Y-%m-%dT%H:%M"


def moment_field(label: Any, *, required: bool = True) -> DateTimeField:
    """A date and time in the company's zone, with the browser's own picker."""
    picker = DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)
    return DateTimeField(label=label, required=required, widget=picker)


def show_error(form: BaseForm, error: DomainError) -> None:
    """Put a domain error on a bound form: beside the field it speaks of, else above the form."""
    if not isinstance(error, Invalid):
        form.add_error(_field_of(form, error.field), ValidationError(error.text, code=error.code))
        return
    for name, problems in error.errors.items():
        for problem in problems:
            form.add_error(
                _field_of(form, name), ValidationError(str(problem.message), code=problem.code)
            )


def _field_of(form: BaseForm, name: str | None) -> str | None:
    return name if name in form.fields else None
