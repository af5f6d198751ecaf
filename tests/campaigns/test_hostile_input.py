"""What people and programs send, however odd, is answered with what is wrong, and what is kept of
it breaks no page that shows it afterwards."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from campaigns.models import Campaign
from campaigns.services.campaigns import update_campaign
from core import ids, scope
from messaging.models import Template
from tenants.models import Company
from tests.campaigns.factories import a_campaign

DEEP = "[" * 100_000
LATE, EARLY = "9999-12-31T23:00", "0001-01-01T00:00"
STEPS = ("audience", "message", "when", "check", "send")


@pytest.fixture
def visitor(aurora: Company, client_for: Callable[..., Client]) -> Client:
    return client_for(aurora)


@pytest.fixture
def draft(aurora: Company) -> Campaign:
    with scope.opened(aurora), scope.surroundings(aurora):
        return a_campaign()


def url(path: str, campaign: Campaign) -> str:
    return f"/c/aurora/campaigns/{campaign.pk}/{path}"


def all_pages_open(visitor: Client, campaign: Campaign) -> None:
    for step in STEPS:
        assert visitor.get(url(f"{step}/", campaign)).status_code == 200, step
    assert visitor.get("/c/aurora/campaigns/").status_code == 200
    assert visitor.get("/c/aurora/campaigns/calendar/").status_code == 200


AUDIENCES: list[dict[str, Any]] = [
    {"kind": "bogus", "without_tags": ["x"]},
    {"kind": "all", "without_tags": ["x", "\0"]},
    {"kind": "segment", "segment": "'; DROP TABLE"},
    {"kind": "import", "source": "\0"},
    {"kind": "tags", "tags": ["<script>"] * 300},
    {"kind": "rules", "include-a-kind": "no_such", "include-a-op": "x", "include-a-value": "y"},
    {"kind": "rules", "include-a-kind": "attribute:a'\"%s", "include-a-op": "is"},
    {"kind": "rules", "include-a-kind": "attribute:" + "x" * 5000, "include-a-value": "y"},
    {"kind": "rules", "include-a-kind": "name", "include-a-value": "\0"},
    {"kind": "rules", "include-a-kind": "tag", "include-a-value": ["\0", "{}"]},
    {"kind": "rules", "include-a-kind": "created", "include-a-op": "after",
     "include-a-value": "9999-12-31"},
    *({"kind": "rules", "include-a-kind": kind, "include-a-value": value}
      for kind in ("resend_of", "contact")
      for value in (DEEP, "null", "[]", '{"campaign": 1}', '["x"]', '{"a": {}}', "1e400")),
    {"kind": "rules", **{f"include-{place}-kind": "name" for place in range(200)}},
]  # fmt: skip


@pytest.mark.parametrize("sent", AUDIENCES, ids=lambda sent: json.dumps(sent)[:60])
def test_the_audience_step(visitor: Client, draft: Campaign, sent: dict[str, Any]) -> None:
    answer = visitor.post(url("audience/", draft), {"name": "Natal", **sent})
    assert answer.status_code == 422
    is_refused = "\0" in str([*sent.values()]) or r"\x00" in str(sent)
    counted = visitor.get("/c/aurora/campaigns/count/", sent)
    assert counted.status_code == (400 if is_refused else 200)  # no page has a NUL in its address


@pytest.mark.parametrize(
    "sent",
    [
        {"version": ["A", "Z", "\0"], "A-template": "x"},
        {"connections": ["x", "\0"], "A-template": "\0", "A-weight": "-1"},
        {"A-weight": "9" * 5000, "sample_percent": "x", "after_hours": "1e9", "metric": "bogus"},
        {"header_file": "\0", "holdout_percent": "9" * 100},
        {"A-var-nome-source": "attribute:", "A-var-nome-value": "\0"},
        {"A-var-nome-source": "bogus\0", "A-var-nome-empty": "bogus"},
        {"A-var-nome-source": "value", "A-var-nome-value": "x\0y"},
        {"A-var-nome-source": "value", "A-var-nome-value": "x" * 501},
        {"A-var-nome-source": "attribute:\0"},
    ],
)
def test_the_message_step(
    visitor: Client, aurora: Company, draft: Campaign, sent: dict[str, Any]
) -> None:
    whole = {
        "connections": [str(draft.connection_id)],
        "version": ["A"],
        "A-template": str(draft.template_id),
        **sent,
    }
    for path in ("message/versions/", "message/preview/"):
        assert visitor.post(url(path, draft), whole).status_code == 200, path
    answer = visitor.post(url("message/", draft), whole)
    assert answer.status_code in (302, 422)
    if answer.status_code == 302:
        all_pages_open(visitor, draft)


@pytest.mark.parametrize(
    "sent",
    [
        {"when": "later", "scheduled_at": LATE},
        {"when": "later", "scheduled_at": "2026-13-45T99:99"},
        {"when": "bogus", "hours": "bogus"},
        {"when": "now", "hours": "own", "days": ["9", "x"], "hours_from": "25:00"},
        {"when": "now", "hours": "own", "days": ["0"], "hours_from": "20:00", "hours_to": "09:00"},
        {"when": "now", "hours": "company", "expires_at": LATE},
        {"when": "now", "hours": "company", "expires_at": EARLY},
        {"when": "now", "hours": "company", "rate_per_minute": "9" * 5000},
        {"when": "now", "hours": "company", "budget": "NaN"},
        {"when": "now", "hours": "company", "budget": "1e400", "currency": "BRL"},
        {"when": "now", "hours": "company", "budget": "5", "currency": "XXX"},
        {"when": "now", "hours": "company", "budget": "0", "currency": "BRL"},
    ],
)
def test_the_step_when(visitor: Client, draft: Campaign, sent: dict[str, Any]) -> None:
    assert visitor.post(url("when/", draft), sent).status_code == 422


CHANGES: list[dict[str, Any]] = [
    {"scheduled_at": "9999-12-31T23:59:59-12:00"},
    {"scheduled_at": "0001-01-01T00:00:00+14:00"},
    {"scheduled_at": "0001-01-01T00:00:00Z"},
    {"scheduled_at": "9999-12-31T23:00:00Z"},
    {"expires_at": "9999-12-31T23:00:00Z"},
    {"expires_at": "9999-12-31T23:59:59-12:00"},
    {"name": "a\0b"},
    {"name": " "},
    {"audience": {"tags": ["\0"]}},
    {"audience": {"contacts": [{"a": 1}]}},
    {"audience": {"include": [{"kind": "name", "op": "is", "value": "a\0"}]}},
    {"audience": {"include": [{"kind": "resend_of", "op": "is", "value": [1]}]}},
    {"audience": {"include": [{"kind": "resend_of", "op": "is", "value": {"campaign": {}}}]}},
    {"audience": {"include": "x"}},
    {"audience": {"import": {"a": 1}}},
    {"audience": {"all": "true"}},
    {"variables": {"nome": {"value": "x"}, "a\0": {"value": "y"}}},
    {"variables": {"nome": {"field": "attribute:a\0"}}},
    {"variables": {"nome": {"value": "a\0"}}},
    {"variables": {"nome": {"field": "password"}}},
    {"variables": {}},
    {"variants": [{"template": "tpl_x"}]},
    {"variants": [{}]},
    {"window": {"days": [], "from": "09:00", "to": "20:00"}},
    {"window": {"days": [0], "from": "99:99", "to": "20:00"}},
    {"window": {"days": [True, 0.5], "from": "09:00", "to": "20:00"}},
    {"winner_rule": {"metric": "read", "sample_percent": 50, "after_minutes": 60}},
    {"rate_per_minute": 10**30},
    {"budget": "NaN"},
    {"budget": "-1", "currency": "BRL"},
    {"budget": "1", "currency": "12$"},
    {"connections": []},
    {"media": "med_x"},
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: json.dumps(change)[:70])
def test_a_change_by_a_program(
    aurora: Company,
    draft: Campaign,
    api_client: Callable[..., APIClient],
    change: dict[str, Any],
) -> None:
    address = reverse("api-campaign", args=[ids.encode("cmp", draft.pk)])
    answer = api_client(aurora).patch(address, change, format="json")
    assert answer.status_code in (400, 422), answer.json()


def test_every_version_that_a_program_made_stays_when_a_person_saves_the_step(
    visitor: Client, aurora: Company, draft: Campaign
) -> None:
    with scope.opened(aurora):
        template = Template.objects.get()
        one = {"template": str(template.pk), "variables": {"nome": {"value": "gente"}}}
        update_campaign(campaign=draft, actor="system", variants=[one] * 5)
    page = visitor.get(url("message/", draft)).content.decode()
    assert 'name="E-template"' in page


@pytest.mark.parametrize("month", ["9999-12", "0001-01", "2026-13", "x", "9" * 400])
def test_a_month_that_no_calendar_has(visitor: Client, month: str) -> None:
    assert visitor.get("/c/aurora/campaigns/calendar/", {"month": month}).status_code == 200
