"""One shape for every error of the API: RFC 9457, ``application/problem+json``.

    {"type": "urn:problem:invalid", "title": "…", "status": 422, "detail": "…", "code": "invalid",
     "errors": [{"field": "contacts.0.phone", "code": "invalid", "detail": "…"}],
     "request_id": "…"}

Field errors are 422, unreadable requests 400. What we did not expect is logged and answered with
nothing but the request's id.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.signals import got_request_exception
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core import errors
from core.errors import DomainError

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
OBJECT_FIELDS = frozenset({"non_field_errors", "__all__", "detail"})


def problem(
    status: int, code: str, detail: str, *, field_errors: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """The body of an error answer."""
    return {
        "type": f"urn:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "errors": field_errors or [],
        "request_id": structlog.contextvars.get_contextvars().get("request_id"),
    }


def problem_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """REST framework's EXCEPTION_HANDLER."""
    known = _as_domain_error(error)
    if known is not None:
        body, headers = _describe(known), _headers(known)
    elif isinstance(error, exceptions.APIException):
        body, headers = _describe_api_exception(error)
    elif settings.DEBUG:
        return None
    else:
        body, headers = _unexpected(error, context), {}
    set_rollback()
    return Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)


def _as_domain_error(error: Exception) -> DomainError | None:
    match error:
        case DomainError():
            return error
        case Http404():
            return errors.NotFound()
        case PermissionDenied():
            return errors.NotAllowed()
        case RequestDataTooBig():
            return DomainError(
                "too_large",
                _("The request is larger than %(limit)s MB. Send less at a time."),
                params={"limit": settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2},
                status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            )
        case DjangoValidationError():
            fields = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
            return errors.Invalid({_field_name(name): texts for name, texts in fields.items()})
    return None


def _describe(error: DomainError) -> dict[str, Any]:
    found: list[dict[str, str]] = []
    if isinstance(error, errors.Invalid):
        found = [
            {"field": name, "code": each.code, "detail": str(each.message)}
            for name, listed in error.errors.items()
            for each in listed
        ]
    elif error.field is not None:
        found = [{"field": error.field, "code": error.code, "detail": error.text}]
    return problem(error.status, error.code, error.text, field_errors=found)


def _headers(error: DomainError) -> dict[str, str]:
    if isinstance(error, errors.TooMany):
        return {"Retry-After": str(math.ceil(error.retry_after))}
    return {}


def _describe_api_exception(
    error: exceptions.APIException,
) -> tuple[dict[str, Any], dict[str, str]]:
    if isinstance(error, exceptions.ValidationError):
        found = list(_flatten(error.get_full_details(), ""))
        text = str(errors.Invalid.default_message)
        return problem(422, "invalid", text, field_errors=found), {}
    headers: dict[str, str] = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(math.ceil(wait))
    code = error.get_codes()
    detail = error.detail if isinstance(error.detail, str) else error.default_detail
    name = code if isinstance(code, str) else error.default_code
    return problem(error.status_code, name, str(detail)), headers


def _flatten(details: Any, path: str) -> Iterator[dict[str, str]]:
    """REST framework's nested details as a list with paths: ``contacts.0.phone``."""
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        yield {"field": path, "code": str(details["code"]), "detail": str(details["message"])}
    elif isinstance(details, dict):
        for name, inner in details.items():
            yield from _flatten(inner, _join(path, _field_name(str(name))))
    else:
        leaves = all(
            isinstance(item, dict) and set(item) == {"message", "code"} for item in details
        )
        for position, inner in enumerate(details):
            yield from _flatten(inner, path if leaves else _join(path, str(position)))


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path and name else path or name


def _field_name(name: str) -> str:
    return "" if name in OBJECT_FIELDS else name


def _unexpected(error: Exception, context: Mapping[str, Any]) -> dict[str, Any]:
    logger.error("unexpected error in the API", exc_info=error)
    # What Django does itself when an error leaves the view; monitoring and tests listen to it.
    got_request_exception.send(sender=None, request=context.get("request"))
    detail = _("Something went wrong on our side. If it stays so, tell us the request id.")
    return problem(500, "internal_error", detail)
