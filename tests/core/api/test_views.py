from __future__ import annotations

from typing import Any

import pytest
import structlog
from django.db import connection
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from core import ids
from core.api.errors import problem_handler
from core.api.views import CompanyAPIView, CompanyViewSet
from core.ids import uuid7
from tests.core.support import Entry


class Caller:
    is_authenticated = True
    company = "acme"
    actor = "api_key:1"


class Bare:
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()

    def get_exception_handler(self) -> Any:
        return problem_handler


class WhoView(Bare, CompanyAPIView):
    def get(self, request: Request) -> Response:
        request.user = Caller()
        return Response({"company": self.company, "actor": self.actor})


class EntryViewSet(Bare, CompanyViewSet):
    id_prefix = "ent"
    queryset = Entry.objects.all()
    filter_backends = ()

    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002
        return Response({"id": str(self.get_object().pk)})


@pytest.fixture
def entry(db: None) -> Entry:
    with connection.schema_editor() as editor:
        editor.create_model(Entry)
    return Entry.objects.create(at="2026-11-21T12:00:00Z")


def retrieve(public_id: str) -> Response:
    view = EntryViewSet.as_view({"get": "retrieve"})
    response: Response = view(APIRequestFactory().get("/"), id=public_id)
    return response


def test_the_caller_names_the_company_and_the_actor() -> None:
    response = WhoView.as_view()(APIRequestFactory().get("/"))
    assert response.data == {"company": "acme", "actor": "api_key:1"}


def test_the_request_id_is_on_the_answer() -> None:
    with structlog.contextvars.bound_contextvars(request_id="req-7"):
        assert WhoView.as_view()(APIRequestFactory().get("/"))["X-Request-Id"] == "req-7"


def test_a_row_is_found_by_its_public_id(entry: Entry) -> None:
    assert retrieve(ids.encode("ent", entry.pk)).data == {"id": str(entry.pk)}


def test_an_unknown_id_and_an_id_of_another_kind_look_the_same(entry: Entry) -> None:
    answers = [
        retrieve(public_id)
        for public_id in (
            ids.encode("ent", uuid7()),
            ids.encode("msg", entry.pk),
            str(entry.pk),
            "1",
        )
    ]
    assert [(answer.status_code, answer.data["code"]) for answer in answers] == [
        (404, "not_found")
    ] * 4
