from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from core import ids, scope
from core.api import idempotency
from core.api.errors import problem_handler
from core.api.idempotency import IdempotencyMixin
from core.errors import Conflict


class View(IdempotencyMixin, APIView):
    """Counts how often it really ran; the body says how it ends."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    runs = 0

    def get_exception_handler(self) -> Any:
        return problem_handler

    def post(self, request: Request) -> Response:
        View.runs += 1
        match request.data.get("end"):
            case "refuse":
                raise Conflict
            case "crash":
                raise ZeroDivisionError
            case "again":  # the same request arrives while this one is being answered
                inner = post({"end": "again"}, key="k")
                return Response({"inner": inner.status_code, "wait": inner["Retry-After"]})
        return Response({"id": ids.uuid7(), "run": View.runs}, status=201)


@pytest.fixture(autouse=True)
def inside(company: Any, settings: Any) -> None:
    settings.DEBUG = False
    View.runs = 0


def post(
    data: Any, *, key: str | None = "k", path: str = "/things/", form: bool = False
) -> Response:
    headers = {"Idempotency-Key": key} if key is not None else {}
    request = APIRequestFactory().post(
        path, data, format="multipart" if form else "json", headers=headers
    )
    response: Response = View.as_view()(request)
    return response.render()


def test_the_same_request_gets_the_same_answer_and_runs_once() -> None:
    first, second = post({"a": 1}), post({"a": 1})
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert (first.get("Idempotent-Replayed"), second["Idempotent-Replayed"]) == (None, "true")
    assert View.runs == 1


def test_without_a_key_every_request_runs() -> None:
    assert [post({"a": 1}, key=None).status_code for _ in range(2)] == [201, 201]
    assert View.runs == 2


@pytest.mark.parametrize("other", [{"data": {"a": 2}}, {"data": {"a": 1}, "path": "/others/"}])
def test_another_request_under_the_same_key_is_refused(other: dict[str, Any]) -> None:
    post({"a": 1})
    answer = post(other.pop("data"), **other)
    assert (answer.status_code, answer.data["code"]) == (409, "idempotency_mismatch")
    assert View.runs == 1


def test_a_second_request_while_the_first_is_under_way_is_refused_for_now() -> None:
    answer = post({"end": "again"})
    assert answer.data == {"inner": 409, "wait": "1"}
    assert View.runs == 1


@pytest.mark.parametrize("end", ["refuse", "crash"])
def test_what_was_refused_or_failed_may_be_tried_again(
    end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert post({"end": end}).status_code >= 400
    assert post({"a": 1}).status_code == 201
    assert View.runs == 2


def test_a_dead_request_frees_its_key_after_a_while() -> None:
    company_id = scope.required_company_id()
    idempotency.claim(company_id, "k", "anything")
    assert post({"a": 1}).status_code == 409
    age(dt.timedelta(seconds=idempotency.IN_FLIGHT_SECONDS + 1))
    assert post({"a": 1}).status_code == 201


def test_a_key_is_good_for_a_day() -> None:
    post({"a": 1})
    age(dt.timedelta(hours=23))
    assert post({"a": 1})["Idempotent-Replayed"] == "true"
    age(dt.timedelta(hours=25))
    assert post({"a": 2}).status_code == 201
    assert View.runs == 2


def test_purging_removes_what_is_older() -> None:
    post({"a": 1})
    assert idempotency.purge() == 0
    age(dt.timedelta(hours=25))
    assert idempotency.purge() == 1


def test_companies_do_not_share_keys(other_company: Any) -> None:
    post({"a": 1})
    with scope.opened(other_company):
        assert post({"a": 1}).get("Idempotent-Replayed") is None
    assert View.runs == 2


def test_a_form_with_a_file_is_compared_by_its_content() -> None:
    def upload(content: bytes) -> Response:
        return post({"tags": "vip", "file": SimpleUploadedFile("c.csv", content)}, form=True)

    assert upload(b"name\nAna\n").status_code == 201
    assert upload(b"name\nAna\n")["Idempotent-Replayed"] == "true"
    assert upload(b"name\nBob\n").status_code == 409


@pytest.mark.parametrize("key", ["x" * 256, "a\tb"])
def test_a_key_that_is_none_is_a_field_error(key: str) -> None:
    answer = post({"a": 1}, key=key)
    assert (answer.status_code, View.runs) == (422, 0)


def age(by: dt.timedelta) -> None:
    """Make all keys that old."""
    rows = apps.get_model("tenants.IdempotencyKey")._default_manager
    rows.update(created_at=dt.datetime.now(dt.UTC) - by)


def test_answers_rest_encrypted() -> None:
    post({"a": "shown once"})
    rows = apps.get_model("tenants.IdempotencyKey")._default_manager
    assert "shown once" not in str(list(rows.values()))
    assert post({"a": "shown once"}).get("Idempotent-Replayed") == "true"
