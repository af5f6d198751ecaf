"""What programs do around a campaign: draft by parts, copies, tests, report, files, calendar."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from campaigns.models import Campaign
from campaigns.services import exports, preparation
from core import ids
from core.scope import opened, surroundings
from crm.models import Contact
from messaging.enums import DispatchState
from messaging.models import Message
from tenants.models import Company
from tests.campaigns.factories import a_connection, a_template
from tests.campaigns.test_lifecycle import contacts

Keys = Callable[..., APIClient]


@pytest.fixture
def body(aurora: Company) -> dict[str, Any]:
    """A campaign to four people."""
    with opened(aurora), surroundings(aurora):
        contacts(4)
        template = a_template(a_connection())
        return {
            "name": "Natal",
            "connection": ids.encode("cnx", template.connection_id),
            "template": ids.encode("tpl", template.pk),
            "variables": {"nome": {"value": "https://example.com/natal"}},
            "audience": {"all": True},
        }


@pytest.fixture
def api(aurora: Company, api_client: Keys) -> APIClient:
    return api_client(aurora)


def made(api: APIClient, body: dict[str, Any]) -> str:
    answer = api.post(reverse("api-campaigns"), body, format="json")
    assert answer.status_code == 201, answer.json()
    return reverse("api-campaign", args=[answer.json()["id"]])


@pytest.fixture
def ran(api: APIClient, aurora: Company, body: dict[str, Any]) -> str:
    """One that is over: two sent, one failed for good, one that may be tried again."""
    path = made(api, body)
    api.post(f"{path}start/")
    with opened(aurora), surroundings(aurora):
        preparation.prepare(Campaign.objects.get().pk)
        rows = list(Message.objects.order_by("pk").values_list("pk", flat=True))
        Message.objects.update(dispatch=DispatchState.ACCEPTED)
        for pk, code in zip(rows[:2], ("131026", "attempts_exhausted"), strict=True):
            Message.objects.filter(pk=pk).update(dispatch=DispatchState.REJECTED, code=code)
        Campaign.objects.update(state="completed")
    return path


def test_a_draft_grows_part_by_part_and_says_what_it_lacks(
    api: APIClient, body: dict[str, Any]
) -> None:
    path = made(api, {"name": "Natal"})
    refused = api.post(f"{path}start/")
    assert (refused.status_code, refused.json()["code"]) == (422, "campaign_not_ready")
    assert [one["field"] for one in refused.json()["errors"]] == [
        "audience",
        "connection",
        "template",
    ]
    more = {
        **body,
        "window": {"days": [0, 1], "from": "09:00", "to": "18:00"},
        "rate_per_minute": 120,
        "budget": "50.00",
        "currency": "BRL",
        "holdout_percent": 10,
    }
    shown = api.patch(path, more, format="json").json()
    assert {name: shown[name] for name in more if name != "budget"} == {
        name: value for name, value in more.items() if name != "budget"
    }
    assert shown["budget"] == "50.000000"
    assert api.patch(path, {"window": None}, format="json").json()["window"] is None


def test_variants_come_with_their_keys(api: APIClient, body: dict[str, Any]) -> None:
    one = {"template": body["template"], "variables": {"nome": {"value": "A"}}, "weight": 30}
    rule = {"metric": "clicked", "sample_percent": 20, "after_minutes": 30}
    path = made(api, {**body, "variants": [one, {**one, "weight": 70}], "winner_rule": rule})
    shown = api.get(path).json()
    assert [(found["key"], found["weight"]) for found in shown["variants"]] == [
        ("A", 30),
        ("B", 70),
    ]
    assert (shown["winner_rule"], shown["winner"]) == (rule, "")


def test_a_preflight_tells_cost_time_and_warnings(api: APIClient, body: dict[str, Any]) -> None:
    found = api.post(f"{made(api, body)}preflight/").json()
    assert (found["total"], found["sendable"], found["skipped"], found["delayed"]) == (4, 4, [], [])
    assert found["variants"] == {"": 4}
    assert sum(found["by_day"].values()) == 4
    assert [line["category"] for line in found["cost"]] == ["marketing"]
    assert found["sample"]["content"]["body"].startswith("Olá https://")
    assert found["starts_at"] <= found["finishes_at"]


def test_copies_and_the_archive(api: APIClient, ran: str) -> None:
    copy = api.post(f"{ran}clone/")
    original = api.get(ran).json()
    assert (copy.status_code, copy.json()["cloned_from"]) == (201, original["id"])
    again = api.post(f"{ran}resend/", {}, format="json")
    assert (again.status_code, again.json()["resend_of"]) == (201, original["id"])
    check = api.post(f"{reverse('api-campaign', args=[again.json()['id']])}preflight/").json()
    assert (check["total"], check["sendable"]) == (1, 1)
    assert api.post(f"{ran}archive/").json()["archived_at"] is not None
    names = [
        row["id"]
        for row in api.get(reverse("api-campaigns"), {"archived": "false"}).json()["results"]
    ]
    assert original["id"] not in names
    assert api.post(f"{ran}unarchive/").json()["archived_at"] is None


def test_a_test_send_answers_with_the_message(
    api: APIClient, aurora: Company, body: dict[str, Any]
) -> None:
    path = made(api, body)
    refused = api.post(f"{path}test/", {"phone": "+5511987650000"}, format="json")
    assert refused.status_code == 422
    with opened(aurora):
        [contact_id] = Contact.objects.values_list("pk", flat=True)[:1]
    sent = api.post(f"{path}test/", {"contacts": [ids.encode("con", contact_id)]}, format="json")
    assert sent.status_code == 201, sent.json()
    assert [(row["variant"], row["state"]) for row in sent.json()] == [("test", "queued")]
    assert api.get(path).json()["counts"]["total"] == 0


def test_the_report_and_a_story(api: APIClient, ran: str) -> None:
    report = api.get(f"{ran}report/").json()
    assert [(one["name"], one["count"]) for one in report["funnel"]][:2] == [
        ("sent", 2),
        ("delivered", 0),
    ]
    assert {one["reason"]["code"]: one["next_step"] for one in report["failures"]} == {
        "131026": "contacts",
        "attempts_exhausted": "resend",
    }
    assert [link["url"] for link in api.get(f"{ran}links/").json()] == ["https://example.com/natal"]
    row = api.get(f"{ran}messages/").json()["results"][0]
    story = api.get(reverse("api-message-timeline", args=[row["id"]])).json()
    assert [moment["kind"] for moment in story] == ["planned"]


def test_a_file_is_asked_for_made_and_fetched(
    api: APIClient, aurora: Company, ran: str, api_client: Keys
) -> None:
    asked = api.post(f"{ran}exports/", {"format": "csv", "state": "failed"}, format="json")
    assert (asked.status_code, asked.json()["url"]) == (202, None)
    path = reverse("api-export", args=[asked.json()["id"]])
    assert api.get(f"{path}file/").status_code == 409
    with opened(aurora), surroundings(aurora):
        exports.handle(ids.decode("exp", asked.json()["id"]))
    done = api.get(path).json()
    assert (done["state"], done["rows"], done["url"]) == ("done", 2, f"{path}file/")
    answer = api.get(done["url"])
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"131026" in b"".join(answer.streaming_content)
    assert len(api.get(f"{ran}exports/").json()["results"]) == 1
    reader = api_client(aurora, "campaigns.view")
    assert reader.get(f"{path}file/").status_code == 403


def test_the_calendar_names_days(api: APIClient, body: dict[str, Any]) -> None:
    at = timezone.now() + timedelta(days=2)
    path = made(api, {**body, "scheduled_at": at.isoformat()})
    api.post(f"{path}start/")
    [day] = api.get(reverse("api-campaigns-calendar")).json()["results"]
    assert [one["name"] for one in day["campaigns"]] == ["Natal"]
    wrong = api.get(reverse("api-campaigns-calendar"), {"from": "tomorrow"})
    assert wrong.status_code == 422
