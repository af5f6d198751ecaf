"""`/api/v1/sending-policy/` and `/api/v1/messages/{id}/why/`."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from core import scope
from core.ids import encode
from messaging.gate import delay
from messaging.models import Message
from tenants.models import Company
from tests.messaging import factories
from tests.messaging.test_why import MONDAY, QUIET

pytestmark = pytest.mark.django_db
URL = "/api/v1/sending-policy/"


@pytest.fixture
def api(aurora: Company, api_client: Callable[..., APIClient]) -> APIClient:
    return api_client(aurora)


def test_the_rules_are_shown_and_changed_one_by_one(api: APIClient) -> None:
    hours = {"marketing": {"days": [0], "from": "09:00", "to": "20:00"}}
    changed = api.patch(URL, {"windows": hours, "cap_messages": 2}, format="json")
    assert changed.status_code == 200
    api.patch(URL, {"monthly_budget": "99.90"}, format="json")

    shown = api.get(URL).json()
    assert (shown["windows"], shown["cap_messages"], shown["monthly_budget"]) == (
        hours,
        2,
        "99.900000",
    )


def test_what_does_not_fit_is_refused_by_field(api: APIClient) -> None:
    hours = {"marketing": {"days": [0], "from": "20:00", "to": "09:00"}}
    answer = api.patch(URL, {"windows": hours}, format="json")
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["windows"]


def test_a_message_tells_why_it_waits(api: APIClient, aurora: Company) -> None:
    verdict = delay("quiet_hours", MONDAY, **QUIET)
    with scope.opened(aurora):
        message = factories.an_outgoing(
            factories.a_connection(), code=verdict.code, trace=verdict.trace, due_at=MONDAY
        )
    url = f"/api/v1/messages/{encode('msg', message.pk)}/why/"
    answer = api.get(url, headers={"Accept-Language": "en"}).json()

    assert (answer["state"], answer["code"], answer["until"]) == (
        "queued",
        "quiet_hours",
        "2026-11-23T13:00:00Z",
    )
    assert (answer["inputs"], answer["next"]) == (QUIET, "/c/aurora/settings/sending/")
    assert answer["sentence"].startswith("It was Saturday, 21:40 in Manaus")


def test_what_was_received_is_not_asked_about(api: APIClient, aurora: Company) -> None:
    with scope.opened(aurora):
        inbound: Message = factories.an_outgoing(
            factories.a_connection(), direction="in", dispatch=""
        )
    assert api.get(f"/api/v1/messages/{encode('msg', inbound.pk)}/why/").status_code == 404
