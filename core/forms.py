"""How a service's "no" gets next to the fields of the form that asked."""

from django.core.exceptions import ValidationError
from django.forms import BaseForm

from core.errors import DomainError, Invalid


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
