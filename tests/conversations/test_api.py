"""`/api/v1/conversations/` and `/api/v1/media/` by the contract's names (api.md)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from rest_framework.test import APIClient

from conversations.models import Conversation
from core import ids
from core.ids import uuid7
from core.scope import opened
from messaging.models import Message
from sandbox.samples import sample
from tenants.models import Company
from tests.conversations.factories import a_conversation, a_file, closed_window, received
from tests.messaging.factories import a_connection, a_template, an_outgoing
from tests.messaging.recordings import recording

Keys = Callable[..., APIClient]
MESSAGE = {
    "id", "contact", "connection", "channel", "segments", "direction", "kind", "origin", "text",
    "content", "template", "media", "author",
    "reply_to", "state", "reason", "at", "sent_at", "delivered_at", "read_at", "failed_at",
}  # fmt: skip


@pytest.fixture
def api(aurora: Company, api_client: Keys) -> APIClient:
    return api_client(aurora)


def address(talk: Conversation, name: str = "api-conversation") -> str:
    return reverse(name, args=[ids.encode("cnv", talk.pk)])


def answer(api: APIClient, talk: Conversation, body: dict[str, Any], status: int = 201) -> Any:
    given = api.post(address(talk, "api-conversation-messages"), body, format="json")
    assert given.status_code == status, given.json()
    return given.json()


def test_the_list_says_who_waits_and_until_when_one_may_write(
    api: APIClient, talk: Conversation
) -> None:
    [row] = api.get(reverse("api-conversations")).json()["results"]
    last = row.pop("last_message")
    assert last["text"] == "Oi, tudo bem?"
    assert row.pop("contact")["name"] == "Ana Souza"
    assert set(row) == {
        "id", "status", "channel", "connection", "address", "assignee", "unread_count",
        "last_message_at", "waiting_since", "window_until", "created_at", "team", "labels",
        "priority", "snoozed_until", "awaited_reply", "reply_due_at", "sla_breached_at",
        "first_replied_at",
    }  # fmt: skip
    assert (row["id"], row["status"]) == (ids.encode("cnv", talk.pk), "open")
    assert (row["unread_count"], row["assignee"]) == (1, None)
    assert row["waiting_since"] == row["last_message_at"] < row["window_until"]


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({}, 1),
        ({"status": "open"}, 1),
        ({"status": "resolved"}, 0),
        ({"unread": "true"}, 1),
        ({"unread": "false"}, 1),
        ({"q": "souza"}, 1),
        ({"q": "zulmira"}, 0),
    ],
)
def test_filters(api: APIClient, talk: Conversation, query: dict[str, str], number: int) -> None:
    assert len(api.get(reverse("api-conversations"), query).json()["results"]) == number


def test_an_unknown_status_is_refused_beside_its_name(api: APIClient, talk: Conversation) -> None:
    refused = api.get(reverse("api-conversations"), {"status": "new"})
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["status"]


def test_read_resolve_and_reopen_answer_with_the_conversation(
    api: APIClient, talk: Conversation
) -> None:
    read = api.post(address(talk, "api-conversation-read")).json()
    assert (read["unread_count"], read["status"]) == (0, "open")
    assert api.post(address(talk, "api-conversation-resolve")).json()["status"] == "resolved"
    assert api.post(address(talk, "api-conversation-reopen")).json()["status"] == "open"
    assert api.get(address(talk)).json()["status"] == "open"


def test_messages_come_newest_first_and_page_by_page(
    aurora: Company, api: APIClient, talk: Conversation
) -> None:
    with opened(aurora):
        for text in ("dois", "três"):
            received(talk.thread.connection, text)
    first = api.get(address(talk, "api-conversation-messages"), {"page_size": 2}).json()
    assert [row["text"] for row in first["results"]] == ["três", "dois"]
    assert set(first["results"][0]) == MESSAGE
    second = api.get(first["next"]).json()
    assert [row["text"] for row in second["results"]] == ["Oi, tudo bem?"]
    assert second["next"] is None


@pytest.mark.parametrize("number", [1, 3])
def test_messages_cost_the_same_however_many(
    aurora: Company,
    api: APIClient,
    talk: Conversation,
    number: int,
    django_assert_max_num_queries: Any,
) -> None:
    with opened(aurora):
        for index in range(number - 1):
            received(talk.thread.connection, f"mais {index}")
    with django_assert_max_num_queries(12):
        api.get(address(talk, "api-conversation-messages"))


def test_a_text_is_answered_with_its_message(
    aurora: Company, api: APIClient, talk: Conversation
) -> None:
    quoted = ids.encode("msg", talk.last_message_id)
    sent = answer(api, talk, {"text": "Temos sim!", "reply_to": quoted})
    assert (sent["text"], sent["state"], sent["direction"]) == ("Temos sim!", "queued", "out")
    assert (sent["origin"], sent["author"], sent["reply_to"]) == ("api", None, quoted)
    with opened(aurora):
        assert Conversation.objects.get().waiting_since is None


def test_a_place_cards_and_a_reaction(api: APIClient, talk: Conversation) -> None:
    place = {"latitude": -23.5, "longitude": -46.6, "name": "Loja"}
    assert answer(api, talk, {"location": place})["content"] == {**place, "address": ""}
    card = {"name": "Loja", "phones": [{"phone": "+551140001000"}]}
    assert answer(api, talk, {"contacts": [card]})["content"] == {"contacts": [card]}
    target = ids.encode("msg", talk.last_message_id)
    reaction = answer(api, talk, {"reaction": {"message": target, "emoji": "👍"}})
    assert (reaction["kind"], reaction["reply_to"]) == ("reaction", target)


def test_a_template_fills_from_texts_and_fields(
    aurora: Company, api: APIClient, talk: Conversation
) -> None:
    with opened(aurora):
        closed_window(talk)
        template = a_template(talk.thread.connection)
    body = {
        "template": ids.encode("tpl", template.pk),
        "variables": {"1": {"field": "first_name"}, "2": "#7"},
    }
    sent = answer(api, talk, body)
    assert sent["text"] == "Hi Ana, we received your order #7. Thank you!"
    assert sent["template"] == {"id": body["template"], "name": "order_confirmed", "language": "en"}
    refused = answer(api, talk, {"template": body["template"]}, 422)
    assert [error["field"] for error in refused["errors"]] == ["variables.1", "variables.2"]


@pytest.mark.parametrize("variables", [{"1": "\0", "2": "#7"}, {"1": {"value": "\0"}}, {"\0": "a"}])
def test_variables_that_no_text_can_hold_are_refused(
    api: APIClient, talk: Conversation, variables: dict[str, Any]
) -> None:
    body = {"template": ids.encode("tpl", uuid7()), "variables": variables}
    refused = answer(api, talk, body, 422)
    assert [error["field"] for error in refused["errors"]] == ["variables"]


def test_a_closed_window_is_a_conflict_with_its_code(
    aurora: Company, api: APIClient, talk: Conversation
) -> None:
    with opened(aurora):
        closed_window(talk)
    assert answer(api, talk, {"text": "Oi"}, 409)["code"] == "window_closed"
    with opened(aurora):
        assert not Message.objects.filter(direction="out").exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, ""),
        ({"text": "a", "location": {"latitude": 1, "longitude": 2}}, ""),
        ({"text": ""}, "text"),
        ({"text": "a" * 4097}, "text"),
        ({"media": "med_0000000000000000000000"}, "media"),
        ({"media": "con_0000000000000000000000"}, "media"),
        ({"template": "tpl_0000000000000000000000"}, "template"),
        ({"location": {"latitude": 91, "longitude": 2}}, "location.latitude"),
        ({"contacts": []}, "contacts"),
        ({"text": "a", "reply_to": "msg_0000000000000000000000"}, "reply_to"),
    ],
)
def test_what_cannot_be_sent_is_refused_beside_its_field(
    api: APIClient, talk: Conversation, body: dict[str, Any], field: str
) -> None:
    problem = answer(api, talk, body, 422)
    assert problem["type"].startswith("urn:problem:")
    assert problem["errors"][0]["field"].split(".non_field")[0] == field


def test_a_message_of_another_thread_cannot_be_quoted(
    aurora: Company, api: APIClient, talk: Conversation
) -> None:
    with opened(aurora):
        connection = talk.thread.connection
        other = a_conversation(connection, phone="5511987650002", profile_name="Bia")
        foreign = ids.encode("msg", other.last_message_id)
    problem = answer(api, talk, {"text": "a", "reply_to": foreign}, 422)
    assert [error["field"] for error in problem["errors"]] == ["reply_to"]


def test_a_failed_message_says_why_and_what_to_do(
    aurora: Company, api: APIClient, talk: Conversation
) -> None:
    with opened(aurora):
        an_outgoing(talk.thread.connection, talk.contact, dispatch="rejected", code="auth")
    [failed, _] = api.get(address(talk, "api-conversation-messages")).json()["results"]
    assert failed["state"] == "failed"
    assert failed["reason"]["code"] == "auth"
    assert failed["reason"]["sentence"] != failed["reason"]["advice"] != ""


def test_an_idempotency_key_sends_once(aurora: Company, api: APIClient, talk: Conversation) -> None:
    url = address(talk, "api-conversation-messages")
    key = {"Idempotency-Key": "answer-1"}
    first, second = (
        api.post(url, {"text": "Uma vez"}, format="json", headers=key).json() for _ in range(2)
    )
    assert first["id"] == second["id"]
    with opened(aurora):
        assert Message.objects.filter(direction="out").count() == 1


def test_a_file_is_uploaded_sent_and_fetched_again(api: APIClient, talk: Conversation) -> None:
    file = SimpleUploadedFile("catalogo.pdf", sample("document"))
    stored = api.post(reverse("api-media"), {"file": file}, format="multipart").json()
    assert (stored["kind"], stored["mime"], stored["filename"]) == (
        "document",
        "application/pdf",
        "catalogo.pdf",
    )
    sent = answer(api, talk, {"media": stored["id"], "caption": "O catálogo"})
    assert (sent["text"], sent["media"]["id"]) == ("O catálogo", stored["id"])
    fetched = api.get(sent["media"]["url"])
    assert b"".join(fetched.streaming_content) == sample("document")
    assert fetched["Content-Disposition"].startswith("attachment")


def test_a_recording_is_uploaded_and_sent_as_a_voice_note(
    api: APIClient, talk: Conversation
) -> None:
    file = SimpleUploadedFile("gravacao.webm", recording(seconds=0.2))
    stored = api.post(
        reverse("api-media"), {"file": file, "voice": True}, format="multipart"
    ).json()
    assert (stored["kind"], stored["mime"], stored["voice"]) == ("audio", "audio/ogg", True)
    sent = answer(api, talk, {"media": stored["id"]})
    assert (sent["kind"], sent["content"]) == ("audio", {"voice": True})


def test_a_file_that_no_kind_takes_is_refused(api: APIClient, db: None) -> None:
    file = SimpleUploadedFile("foto.png", b"MZ" + bytes(200))
    refused = api.post(reverse("api-media"), {"file": file}, format="multipart")
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["file"]


def test_a_key_does_what_its_scopes_say(
    aurora: Company, api_client: Keys, talk: Conversation
) -> None:
    reader = api_client(aurora, "conversations.view")
    assert reader.get(address(talk)).status_code == 200
    answer(reader, talk, {"text": "Oi"}, 403)
    assert reader.post(address(talk, "api-conversation-read")).status_code == 403
    file = SimpleUploadedFile("a.pdf", sample("document"))
    assert reader.post(reverse("api-media"), {"file": file}).status_code == 403


def test_another_company_finds_nothing(
    aurora: Company, boreal: Company, api_client: Keys, talk: Conversation
) -> None:
    with opened(aurora):
        message = a_file(talk, sample("document"), "b.pdf", "document")
    stranger = api_client(boreal)
    assert stranger.get(reverse("api-conversations")).json()["results"] == []
    for path in (
        address(talk),
        address(talk, "api-conversation-messages"),
        reverse("api-media-item", args=[ids.encode("med", message.media_id)]),
    ):
        assert stranger.get(path).status_code == 404, path
    answer(stranger, talk, {"text": "Oi"}, 404)


def test_files_of_another_company_cannot_be_sent(
    aurora: Company, boreal: Company, api_client: Keys, talk: Conversation
) -> None:
    with opened(aurora):
        message = a_file(talk, sample("document"), "b.pdf", "document")
    with opened(boreal):
        theirs = a_conversation(a_connection())
    media = ids.encode("med", message.media_id)
    problem = answer(api_client(boreal), theirs, {"media": media}, 422)
    assert [error["field"] for error in problem["errors"]] == ["media"]
