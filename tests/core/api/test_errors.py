from __future__ import annotations

import json
from typing import Any

import pytest
import structlog
from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404
from django.test import RequestFactory
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import errors
from core.api.errors import problem_handler
from core.errors import FieldError


def handled(error: Exception) -> Response:
    response = problem_handler(error, {"request": Request(RequestFactory().get("/"))})
    assert response is not None
    return response


class ItemSerializer(serializers.Serializer[Any]):
    phone = serializers.CharField()
    tags = serializers.ListField(child=serializers.IntegerField(), required=False)

    def validate(self, attrs: Any) -> Any:
        raise serializers.ValidationError("Not together.", code="apart")


class ListSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=3)
    contacts = ItemSerializer(many=True)


def test_a_rule_that_said_no() -> None:
    error = errors.Conflict("already_running", "Already running.", field="state")
    response = handled(error)
    assert response.status_code == 409
    assert response.content_type == "application/problem+json"
    assert response.data == {
        "type": "urn:problem:already_running",
        "title": "Conflict",
        "status": 409,
        "detail": "Already running.",
        "code": "already_running",
        "errors": [{"field": "state", "code": "already_running", "detail": "Already running."}],
        "request_id": None,
    }


def test_field_errors_of_services() -> None:
    response = handled(errors.Invalid({"name": FieldError("long", "Too long."), "": "Odd."}))
    assert response.status_code == 422
    assert response.data["errors"] == [
        {"field": "name", "code": "long", "detail": "Too long."},
        {"field": "", "code": "invalid", "detail": "Odd."},
    ]


def test_field_errors_of_serializers_carry_their_path() -> None:
    serializer = ListSerializer(
        data={"name": "long", "contacts": [{"phone": "1"}, {"tags": [1, "x"]}, {"phone": ""}]}
    )
    with pytest.raises(serializers.ValidationError) as raised:
        serializer.is_valid(raise_exception=True)
    response = handled(raised.value)
    assert response.status_code == 422
    assert [(error["field"], error["code"]) for error in response.data["errors"]] == [
        ("name", "max_length"),
        ("contacts.0", "apart"),
        ("contacts.1.phone", "required"),
        ("contacts.1.tags.1", "invalid"),
        ("contacts.2.phone", "blank"),
    ]


def test_a_list_or_a_text_as_validation_error() -> None:
    assert handled(exceptions.ValidationError("No.")).data["errors"] == [
        {"field": "", "code": "invalid", "detail": "No."}
    ]
    many = exceptions.ValidationError([{}, {"name": ["No."]}])
    assert handled(many).data["errors"] == [{"field": "1.name", "code": "invalid", "detail": "No."}]


def test_errors_of_django_models() -> None:
    response = handled(DjangoValidationError({"name": ["No."], "__all__": ["Odd."]}))
    assert response.status_code == 422
    assert [error["field"] for error in response.data["errors"]] == ["name", ""]
    assert handled(DjangoValidationError("No.")).data["errors"][0]["field"] == ""


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "not_allowed"),
        (errors.InvalidId("con"), 400, "invalid_id"),
        (exceptions.ParseError(), 400, "parse_error"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method_not_allowed"),
        (exceptions.UnsupportedMediaType("x/y"), 415, "unsupported_media_type"),
        (exceptions.PermissionDenied(), 403, "permission_denied"),
        (exceptions.AuthenticationFailed("No.", "bad_key"), 401, "bad_key"),
    ],
)
def test_everything_else_that_is_known(error: Exception, status: int, code: str) -> None:
    response = handled(error)
    assert (response.status_code, response.data["code"]) == (status, code)


def test_who_must_wait_is_told_how_long() -> None:
    for error in (errors.TooMany(retry_after=1.2), exceptions.Throttled(wait=1.2)):
        response = handled(error)
        assert (response.status_code, response["Retry-After"]) == (429, "2")


def test_who_must_sign_in_is_told_how() -> None:
    error = exceptions.NotAuthenticated()
    error.auth_header = "Api-Key"  # type: ignore[attr-defined]
    assert handled(error)["WWW-Authenticate"] == "Api-Key"


def test_the_unexpected_says_nothing_but_the_request_id(
    caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    settings.DEBUG = False
    with structlog.contextvars.bound_contextvars(request_id="req-7"):
        response = handled(ZeroDivisionError("CANARY"))
    assert (response.status_code, response.data["request_id"]) == (500, "req-7")
    assert "CANARY" not in json.dumps(response.data)
    assert any(record.exc_info for record in caplog.records)


def test_in_debug_the_unexpected_is_djangos(settings: Any) -> None:
    settings.DEBUG = True
    assert problem_handler(ZeroDivisionError(), {}) is None
