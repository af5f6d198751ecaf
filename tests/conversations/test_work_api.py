"""The work on a conversation by the API."""

from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from conversations.models import Conversation
from conversations.services import labels
from core import ids
from core.ids import uuid7
from core.scope import opened
from team.models import Notification, Team
from tenants.models import Company
from tests.conversations.factories import a_member


@pytest.fixture
def api(aurora: Company, api_client: Callable[..., APIClient]) -> APIClient:
    return api_client(aurora)


def act(
    api: APIClient, talk: Conversation, verb: str, body: dict[str, Any], status: int = 200
) -> Any:
    address = reverse(f"api-conversation-{verb}", args=[ids.encode("cnv", talk.pk)])
    given = api.post(address, body, format="json")
    assert given.status_code == status, given.json()
    return given.json()


def test_pending_snoozed_and_urgent(api: APIClient, talk: Conversation) -> None:
    assert act(api, talk, "pending", {})["status"] == "pending"
    until = (timezone.now().astimezone(UTC) + timedelta(hours=2)).isoformat()
    snoozed = act(api, talk, "snooze", {"until": until})
    assert (snoozed["status"], snoozed["snoozed_until"]) == (
        "snoozed",
        until.replace("+00:00", "Z"),
    )
    assert act(api, talk, "priority", {"priority": "urgent"})["priority"] == "urgent"


def test_a_moment_that_is_over_is_refused_beside_its_name(
    api: APIClient, talk: Conversation
) -> None:
    refused = act(api, talk, "snooze", {"until": "2020-01-01T00:00:00Z"}, 422)
    assert [error["field"] for error in refused["errors"]] == ["until"]


def test_to_a_team_then_to_a_member_whose_team_stays(
    api: APIClient, aurora: Company, talk: Conversation
) -> None:
    with opened(aurora):
        bia, team = a_member(), Team.objects.create(name="Vendas")
        team.members.add(bia)
    team_id, member_id = ids.encode("tea", team.pk), ids.encode("mem", bia.pk)
    given = act(api, talk, "assign", {"member": None, "team": team_id, "note": "Veja"})
    assert (given["team"], given["assignee"]) == (team_id, None)
    given = act(api, talk, "assign", {"member": member_id})
    assert (given["team"], given["assignee"]) == (team_id, member_id)
    unknown = act(api, talk, "assign", {"member": ids.encode("mem", uuid7())}, 422)
    assert [error["field"] for error in unknown["errors"]] == ["member"]


def test_labels_are_made_put_on_and_forgotten(
    api: APIClient, aurora: Company, talk: Conversation
) -> None:
    made = api.post(reverse("api-labels"), {"name": "VIP", "color": "red"}, format="json").json()
    assert act(api, talk, "labels", {"add": [made["id"]]})["labels"] == [
        {"id": made["id"], "name": "VIP"}
    ]
    [row] = api.get(reverse("api-conversations")).json()["results"]
    assert [label["name"] for label in row["labels"]] == ["VIP"]
    one = reverse("api-label", args=[made["id"]])
    assert api.patch(one, {"name": "Ouro"}, format="json").json()["name"] == "Ouro"
    assert api.delete(one).status_code == 204
    assert api.get(reverse("api-labels")).json()["results"] == []


def test_a_note_calls_whom_it_mentions(api: APIClient, aurora: Company, talk: Conversation) -> None:
    with opened(aurora):
        bia = a_member()
    body = {"text": "Veja isto", "mentions": [ids.encode("mem", bia.pk)]}
    note = act(api, talk, "notes", body, 201)
    assert (note["kind"], note["direction"], note["text"]) == ("note", "internal", "Veja isto")
    with opened(aurora):
        assert Notification.objects.get().member_id == bia.pk


def test_many_at_once_tell_what_became_of_each(
    api: APIClient, aurora: Company, talk: Conversation
) -> None:
    gone = ids.encode("cnv", uuid7())
    body = {"conversations": [ids.encode("cnv", talk.pk), gone], "action": "resolve"}
    outcome = api.post(reverse("api-conversations-bulk"), body, format="json").json()
    assert (outcome["changed"], outcome["unchanged"]) == (1, 0)
    assert [refusal["conversation"] for refusal in outcome["refused"]] == [gone]


def test_a_bulk_label_needs_its_label(api: APIClient, talk: Conversation) -> None:
    body = {"conversations": [ids.encode("cnv", talk.pk)], "action": "label"}
    refused = api.post(reverse("api-conversations-bulk"), body, format="json")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "label")


def test_canned_replies_of_everybody(api: APIClient) -> None:
    body = {"shortcut": "Oi", "text": "Oi, {{contact.first_name}}!"}
    made = api.post(reverse("api-canned-replies"), body, format="json").json()
    assert (made["shortcut"], made["owner"]) == ("oi", None)
    one = reverse("api-canned-reply", args=[made["id"]])
    assert api.patch(one, {"text": "Olá"}, format="json").json()["text"] == "Olá"
    assert api.get(one).json()["text"] == "Olá"
    bad = api.patch(one, {"text": "{{nada}}"}, format="json")
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "text")
    assert api.delete(one).status_code == 204


def test_the_list_costs_the_same_with_labels(
    api: APIClient, aurora: Company, talk: Conversation, django_assert_max_num_queries: Any
) -> None:
    with opened(aurora):
        for name in ("Um", "Dois", "Três"):
            label = labels.create_label(name=name)
            labels.change(conversation_id=talk.pk, add=[label.pk], actor="system")
    with django_assert_max_num_queries(12):
        api.get(reverse("api-conversations"))
