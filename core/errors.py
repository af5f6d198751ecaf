"""Errors that services raise and every surface (page, API, socket, task) knows how to show.

A message is one translated sentence that says what is wrong and what to do about it; a code is
stable and meant for programs. Nothing here knows HTTP beyond the number it maps to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field."""

    code: str
    message: str | Promise


class DomainError(Exception):
    """A rule said no. ``params`` fill ``%(name)s`` places of the message."""

    default_status = 400
    default_code = "refused"
    default_message: str | Promise = _("This is not possible right now.")

    def __init__(
        self,
        code: str | None = None,
        message: str | Promise | None = None,
        *,
        field: str | None = None,
        params: Mapping[str, Any] | None = None,
        status: int | None = None,
    ) -> None:
        self.code = code or self.default_code
        self.message = message or self.default_message
        self.field = field
        self.params = dict(params or {})
        self.status = status or self.default_status
        super().__init__(self.code)

    @property
    def text(self) -> str:
        """The sentence in the language that is active now."""
        return str(self.message) % self.params if self.params else str(self.message)

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"


class NotAllowed(DomainError):
    """The person is known but may not do this."""

    default_status = 403
    default_code = "not_allowed"
    default_message = _("You may not do this. Ask an administrator of the company.")


class NotFound(DomainError):
    """It does not exist, or not for this company: both look the same from outside."""

    default_status = 404
    default_code = "not_found"
    default_message = _("This does not exist or was removed. Check the address.")


class Conflict(DomainError):
    """The state has moved on, or another one like it is already there."""

    default_status = 409
    default_code = "conflict"
    default_message = _("This was changed meanwhile. Reload and try again.")


class Invalid(DomainError):
    """Some fields are not acceptable; ``errors`` says which and why.

    Values may be a sentence, a ``FieldError`` or a list of them; they are kept as lists of
    ``FieldError``. The empty field name means the whole object.
    """

    default_status = 422
    default_code = "invalid"
    default_message = _("Some fields need your attention.")

    def __init__(self, errors: Mapping[str, Any], **extra: Any) -> None:
        super().__init__(**extra)
        self.errors: dict[str, list[FieldError]] = {
            field: _field_errors(value) for field, value in errors.items()
        }


def _field_errors(value: Any) -> list[FieldError]:
    if isinstance(value, FieldError):
        return [value]
    if isinstance(value, str | Promise):
        return [FieldError("invalid", value)]
    if isinstance(value, Iterable):
        return [error for item in value for error in _field_errors(item)]
    raise TypeError(f"not a field error: {type(value).__name__}")


class TooMany(DomainError):
    """Over a limit; ``retry_after`` is in seconds."""

    default_status = 429
    default_code = "too_many"
    default_message = _("Too many requests. Wait a moment and try again.")

    def __init__(self, *args: Any, retry_after: float = 1.0, **extra: Any) -> None:
        super().__init__(*args, **extra)
        self.retry_after = retry_after


class Unavailable(DomainError):
    """Something we depend on does not answer now."""

    default_status = 503
    default_code = "unavailable"
    default_message = _("This is not available right now. Try again in a minute.")


class InvalidId(DomainError):
    """Not a public id of the expected kind."""

    default_code = "invalid_id"
    default_message = _("This is not a valid id. Ids of this kind start with “%(prefix)s_”.")

    def __init__(self, prefix: str) -> None:
        super().__init__(params={"prefix": prefix})
