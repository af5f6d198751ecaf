from __future__ import annotations

import pytest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from core import errors
from core.errors import FieldError


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.DomainError("any", "Any."), 400),
        (errors.InvalidId("con"), 400),
        (errors.NotAllowed(), 403),
        (errors.NotFound(), 404),
        (errors.Conflict(), 409),
        (errors.Invalid({}), 422),
        (errors.TooMany(retry_after=2.5), 429),
        (errors.Unavailable(), 503),
        (errors.DomainError("teapot", "No coffee.", status=418), 418),
    ],
)
def test_each_error_has_its_status(error: errors.DomainError, status: int) -> None:
    assert error.status == status


def test_the_sentence_is_filled_when_it_is_shown() -> None:
    error = errors.DomainError(
        "quota", "%(used)s of %(limit)s used.", params={"used": 3, "limit": 2}
    )
    assert error.text == "3 of 2 used."


def test_a_percent_sign_without_params_is_left_alone() -> None:
    assert errors.DomainError("full", "100% full.").text == "100% full."


def test_the_sentence_follows_the_language_that_is_active_when_it_is_shown() -> None:
    error = errors.DomainError("needed", _("This field is required."))
    with override("pt-br"):
        assert error.text == "Este campo é obrigatório."


def test_field_errors_are_lists_whatever_was_given() -> None:
    given = {
        "name": "Missing.",
        "tags": ["One.", FieldError("long", "Two.")],
        "": FieldError("x", "Y."),
    }
    assert errors.Invalid(given).errors == {
        "name": [FieldError("invalid", "Missing.")],
        "tags": [FieldError("invalid", "One."), FieldError("long", "Two.")],
        "": [FieldError("x", "Y.")],
    }


def test_a_field_error_that_is_no_text_is_a_programming_error() -> None:
    with pytest.raises(TypeError):
        errors.Invalid({"name": 42})
