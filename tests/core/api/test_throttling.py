from __future__ import annotations

from typing import Any

import pytest
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from core import scope
from core.api.errors import problem_handler
from core.api.throttling import CompanyThrottle, RateLimitHeadersMixin
from core.scope import CompanyRef

pytestmark = pytest.mark.usefixtures("clean_redis")


class Caller:
    is_authenticated = True

    def __init__(self, actor: str) -> None:
        self.actor = actor


class View(RateLimitHeadersMixin, APIView):
    authentication_classes = ()
    permission_classes = ()
    throttle_classes = (CompanyThrottle,)

    def get_exception_handler(self) -> Any:
        return problem_handler

    def get(self, request: Request) -> Response:
        return Response({})


@pytest.fixture(autouse=True)
def limits(settings: Any) -> None:
    settings.API_RATE_PER_SECOND, settings.API_BURST, settings.API_COMPANY_FACTOR = 0.5, 2, 2


def call(actor: str = "", address: str = "192.0.2.1") -> Response:
    request = APIRequestFactory().get("/", REMOTE_ADDR=address)
    request.user = Caller(actor) if actor else None  # type: ignore[attr-defined]
    response: Response = ActorView.as_view()(request) if actor else View.as_view()(request)
    return response


class ActorView(View):
    def perform_authentication(self, request: Request) -> None:
        request.user = request._request.user


def test_a_caller_over_the_limit_is_told_when_to_return() -> None:
    answers = [call() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2]["Retry-After"] == "2"
    assert answers[2].data["code"] == "throttled"


def test_every_answer_says_what_is_left() -> None:
    names = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
    headers = [tuple(answer[name] for name in names) for answer in (call(), call(), call())]
    assert headers == [("2", "1", "2"), ("2", "0", "4"), ("2", "0", "4")]


def test_callers_and_addresses_have_limits_of_their_own() -> None:
    assert [call("a").status_code for _ in range(3)] == [200, 200, 429]
    assert call("b").status_code == 200
    assert call(address="192.0.2.2").status_code == 200


def test_a_company_has_one_limit_over_all_its_callers(
    db: None, acme: CompanyRef, rival: CompanyRef
) -> None:
    with scope.opened(acme):
        statuses = [call(actor).status_code for actor in ("a", "b", "a", "b", "c")]
    assert statuses == [200, 200, 200, 200, 429]
    with scope.opened(rival):
        assert call("a").status_code == 200
