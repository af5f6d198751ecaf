"""The inbox as people see it and what they can do there."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from conversations.models import Conversation
from conversations.services import conversations
from core.scope import opened
from crm.models import Contact
from messaging.models import Media, Message
from sandbox.samples import sample
from team.models import Member
from tenants.models import Company
from tests.conversations.conftest import Browser
from tests.conversations.factories import a_conversation, a_file, closed_window, received
from tests.messaging.factories import a_connection, a_template, an_outgoing, contacts
from tests.messaging.recordings import recording

HTMX = {"headers": {"HX-Request": "true"}}
Browsers = Callable[..., Browser]
# Session, person, membership and company, the menu and its numbers, and the page's own.
LIST_QUERIES = 10
THREAD_QUERIES = 13


def again(company: Company, talk: Conversation) -> Conversation:
    with opened(company):
        return Conversation.objects.get(pk=talk.pk)


def test_an_empty_inbox_says_what_will_come_and_what_to_do(agent: Browser) -> None:
    page = agent.get("inbox").content.decode()
    assert "No open conversations" in page
    assert "Write to a contact" in page


def test_the_list_shows_who_wrote_what_and_how_much_is_unread(
    agent: Browser, talk: Conversation
) -> None:
    page = agent.get("inbox")
    [row] = page.context["rows"]
    assert (row.name, row.preview.text, row.state) == ("Ana Souza", "Oi, tudo bem?", "")
    html = page.content.decode()
    assert html.count('data-testid="conversation-item"') == 1
    assert f'data-id="{talk.pk}"' in html
    assert 'data-live-topic="inbox"' in html


@pytest.mark.parametrize(
    ("query", "empty"),
    [
        ({}, None),
        ({"status": "pending"}, "Nothing is pending"),
        ({"status": "snoozed"}, "Nothing is snoozed"),
        ({"status": "resolved"}, "Nothing resolved yet"),
        ({"who": "mine"}, "Nothing is yours"),
        ({"who": "nobody"}, None),
        ({"who": "teams"}, "Nothing for your teams"),
        ({"unread": "1"}, "Nothing fits these filters"),
    ],
)
def test_each_view_of_the_list_shows_its_own(
    aurora: Company, agent: Browser, talk: Conversation, query: dict[str, str], empty: str | None
) -> None:
    with opened(aurora):
        conversations.mark_read(conversation_id=talk.pk)
    page = agent.get("inbox", query=query, **HTMX).content.decode()
    assert ("conversation-item" in page) is (empty is None)
    assert empty is None or empty in page


def test_a_search_without_result_says_so(agent: Browser, talk: Conversation) -> None:
    assert "Nothing found" in agent.get("inbox", query={"q": "zulmira"}, **HTMX).content.decode()
    assert "Ana Souza" in agent.get("inbox", query={"q": "ana so"}, **HTMX).content.decode()


def test_pages_of_the_list_go_on_where_the_last_one_ended(
    aurora: Company, agent: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.listing.SIZE", 2)
    with opened(aurora):
        connection = a_connection()
        for index in range(3):
            a_conversation(connection, phone=f"551198760000{index}", profile_name=f"P{index}")
    first = agent.get("inbox")
    assert [row.name for row in first.context["rows"]] == ["P2", "P1"]
    second = agent.client.get(first.context["next_url"], **HTMX)
    assert [row.name for row in second.context["rows"]] == ["P0"]
    assert second.context["next_url"] == ""


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_however_long_it_is(
    aurora: Company, agent: Browser, number: int, django_assert_num_queries: Any
) -> None:
    with opened(aurora):
        connection = a_connection()
        for index in range(number):
            a_conversation(connection, phone=f"551198760000{index}")
    agent.get("inbox")
    with django_assert_num_queries(LIST_QUERIES):
        agent.get("inbox")


@pytest.mark.parametrize("number", [1, 3])
def test_a_conversation_costs_the_same_however_long_it_is(
    aurora: Company,
    agent: Browser,
    talk: Conversation,
    number: int,
    django_assert_num_queries: Any,
) -> None:
    with opened(aurora):
        for index in range(number - 1):
            received(talk.thread.connection, f"mais {index}")
    agent.get("conversation", talk.pk, **HTMX)
    with django_assert_num_queries(THREAD_QUERIES):
        agent.get("conversation", talk.pk, **HTMX)


def test_a_conversation_opens_beside_the_list_and_alone_for_htmx(
    agent: Browser, talk: Conversation
) -> None:
    whole = agent.get("conversation", talk.pk).content.decode()
    assert "<html" in whole
    assert "conversation-item" in whole
    alone = agent.get("conversation", talk.pk, **HTMX).content.decode()
    assert "conversation-item" not in alone
    assert f'data-live-topic="conversation:{talk.pk}"' in alone
    restored = {"headers": {"HX-Request": "true", "HX-Request-Type": "full"}}
    assert "<html" in agent.get("conversation", talk.pk, **restored).content.decode()


def test_looking_alone_marks_nothing_as_read_but_the_page_says_so_when_it_is_seen(
    aurora: Company, agent: Browser, talk: Conversation
) -> None:
    agent.get("conversation", talk.pk)
    assert again(aurora, talk).unread_count == 1
    assert agent.post("conversation-read", talk.pk).status_code == 204
    assert again(aurora, talk).unread_count == 0


def test_every_kind_of_message_has_its_bubble(
    aurora: Company, agent: Browser, talk: Conversation
) -> None:
    with opened(aurora):
        connection = talk.thread.connection
        received(connection, "*Negrito* <script>alert(1)</script>")
        place = {"latitude": -23.56, "longitude": -46.65, "name": "Loja", "address": ""}
        received(connection, kind="location", content=place)
        card = {"name": "Maria", "phones": [{"phone": "+55 11 97777-0000"}]}
        received(connection, kind="contacts", content={"contacts": [card]})
        received(connection, kind="interactive", content={"type": "list", "text": "Tamanho M"})
        received(connection, kind="order", raw={"type": "order", "order": {"id": "7"}}, content={})
        received(connection, kind="system", content={"text": "Trocou de número"})
        for kind, name in (("image", "foto.png"), ("audio", "voz.wav"), ("document", "b.pdf")):
            a_file(talk, sample(kind), name, kind)
        an_outgoing(
            connection,
            talk.contact,
            kind="template",
            content={
                "header": {"format": "TEXT", "text": "Pedido"},
                "body": "Olá, *Ana*",
                "footer": "Loja Aurora",
                "buttons": [{"type": "QUICK_REPLY", "text": "Obrigada"}],
            },
        )
        an_outgoing(connection, talk.contact, dispatch="rejected", code="auth")
    html = agent.get("conversation", talk.pk, **HTMX).content.decode()
    assert html.count('id="message-') == 12
    for shown in (
        "<strong>Negrito</strong> &lt;script&gt;",
        "query=-23.560000,-46.650000",
        "+55 11 97777-0000",
        "Chose from a list",
        "&quot;id&quot;: &quot;7&quot;",
        "Trocou de número",
        "<img src=",
        "<audio src=",
        "b.pdf",
        "Olá, <strong>Ana</strong>",
        "Loja Aurora",
        "Obrigada",
        "The provider refused the number&#x27;s credentials.",
        'data-state="failed"',
    ):
        assert shown in html, shown


def test_a_file_on_its_way_and_one_that_never_came_say_so(
    aurora: Company, agent: Browser, talk: Conversation
) -> None:
    with opened(aurora):
        a_file(talk, sample("image"), "foto.png", "image")
        Media.objects.update(state="pending")
    assert "The file is being fetched" in agent.get("conversation", talk.pk).content.decode()
    with opened(aurora):
        Media.objects.update(state="failed")
    assert "The file is not available" in agent.get("conversation", talk.pk).content.decode()


def test_days_are_separated_once(aurora: Company, agent: Browser, talk: Conversation) -> None:
    with opened(aurora):
        connection = talk.thread.connection
        for days in (3, 1, 1):
            received(connection, "antes", at=timezone.now() - timedelta(days=days))
    html = agent.get("conversation", talk.pk, **HTMX).content.decode()
    assert html.count('class="date-separator"') == 3


def test_older_messages_come_a_page_at_a_time(
    aurora: Company, agent: Browser, talk: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.selectors.THREAD_SIZE", 2)
    with opened(aurora):
        for text in ("dois", "três"):
            received(talk.thread.connection, text)
    first = agent.get("conversation", talk.pk, **HTMX)
    assert [line.message.content["text"] for line in first.context["lines"]] == ["dois", "três"]
    older = agent.client.get(first.context["older_url"], **HTMX)
    assert [line.message.content["text"] for line in older.context["lines"]] == ["Oi, tudo bem?"]
    assert older.context["older_url"] == ""


def test_hints_fetch_single_bubbles_with_the_window_as_it_stands(
    agent: Browser, talk: Conversation
) -> None:
    query = {"message": [str(talk.last_message_id), "no-id", str(talk.pk)]}
    answer = agent.get("conversation-messages", talk.pk, query=query, **HTMX)
    html = answer.content.decode()
    assert html.count('id="message-') == 1
    assert f'id="message-{talk.last_message_id}"' in html
    assert answer["X-Window"] == "open"
    assert answer["X-Window-Until"] == talk.thread.window_until.isoformat()


def test_a_text_is_sent_and_answered_with_its_bubble(
    aurora: Company, agent: Browser, talk: Conversation
) -> None:
    data = {"text": "Temos sim!", "reply_to": str(talk.last_message_id)}
    html = agent.post("conversation-messages", talk.pk, data=data, **HTMX).content.decode()
    assert html.count('id="message-') == 1
    assert 'data-state="queued"' in html
    with opened(aurora):
        sent = Message.objects.get(direction="out")
        assert sent.author is not None
        assert (sent.content, sent.reply_to_id) == ({"text": "Temos sim!"}, talk.last_message_id)


@pytest.mark.parametrize(
    ("data", "status", "sentence"),
    [
        ({"text": "   "}, 422, "Write a message."),
        ({"text": "a" * 4097}, 422, "4096"),
        ({"text": "nul\x00"}, 422, "Null characters"),
    ],
)
def test_what_cannot_be_sent_is_said_in_words(
    agent: Browser, talk: Conversation, data: dict[str, str], status: int, sentence: str
) -> None:
    answer = agent.post("conversation-messages", talk.pk, data=data, **HTMX)
    assert answer.status_code == status
    assert sentence in answer["HX-Trigger"]


def test_files_are_sent_with_their_caption_and_judged_by_their_bytes(
    aurora: Company, agent: Browser, talk: Conversation
) -> None:
    picture = SimpleUploadedFile("foto.png", sample("image"))
    data = {"file": picture, "text": "Este?"}
    html = agent.post("conversation-messages", talk.pk, data=data, **HTMX).content.decode()
    assert "<img src=" in html
    assert "Este?" in html
    with opened(aurora):
        sent = Message.objects.get(direction="out")
    shown = agent.get("media", sent.media_id)
    assert (shown["Content-Type"], b"".join(shown.streaming_content)) == (
        "image/png",
        sample("image"),
    )
    program = SimpleUploadedFile("foto.png", b"MZ" + bytes(200))
    refused = agent.post("conversation-messages", talk.pk, data={"file": program}, **HTMX)
    assert refused.status_code == 422
    assert "not accepted" in refused["HX-Trigger"]


def test_a_recording_is_sent_as_a_voice_note_and_a_damaged_one_is_refused_in_words(
    aurora: Company, agent: Browser, talk: Conversation
) -> None:
    recorded = SimpleUploadedFile("voice.webm", recording(seconds=0.2))
    data = {"file": recorded, "voice": "1"}
    html = agent.post("conversation-messages", talk.pk, data=data, **HTMX).content.decode()
    assert "Voice message" in html
    with opened(aurora):
        sent = Message.objects.select_related("media").get(direction="out")
    assert (sent.kind, sent.content, sent.media.mime) == ("audio", {"voice": True}, "audio/ogg")
    damaged = SimpleUploadedFile("voice.webm", recording(seconds=0.2)[:200])
    data = {"file": damaged, "voice": "1"}
    refused = agent.post("conversation-messages", talk.pk, data=data, **HTMX)
    assert refused.status_code == 422
    assert "The recording is damaged" in refused["HX-Trigger"]
    with opened(aurora):
        assert Message.objects.filter(direction="out").count() == 1


def test_a_closed_window_offers_templates_instead_of_a_field(
    aurora: Company, agent: Browser, talk: Conversation
) -> None:
    assert "composer-input" in agent.get("conversation-composer", talk.pk).content.decode()
    with opened(aurora):
        closed_window(talk)
    html = agent.get("conversation-composer", talk.pk).content.decode()
    assert "composer-input" not in html
    assert "The 24 hours are over" in html
    refused = agent.post("conversation-messages", talk.pk, data={"text": "Oi"}, **HTMX)
    assert refused.status_code == 409
    assert "24 hours" in refused["HX-Trigger"]


def test_a_template_is_chosen_filled_previewed_and_sent(
    aurora: Company, agent: Browser, talk: Conversation
) -> None:
    with opened(aurora):
        closed_window(talk)
        template = a_template(talk.thread.connection)
    assert "order_confirmed" in agent.get("conversation-template", talk.pk).content.decode()
    found = agent.get("conversation-template", talk.pk, query={"q": "zzz"}).content.decode()
    assert "No template found" in found
    chosen = agent.address("conversation-template", talk.pk) + f"?template={template.pk}"
    form = agent.client.get(chosen).content.decode()
    assert 'value="Ana"' in form  # what is called "1" is most often the name
    preview = agent.address("conversation-template-preview", talk.pk) + f"?template={template.pk}"
    filled = {"variable-1": "Ana", "variable-2": "#9"}
    assert "your order #9" in agent.client.post(preview, filled).content.decode()
    incomplete = agent.client.post(chosen, {"variable-1": "Ana"}, **HTMX)
    assert incomplete.status_code == 422
    sent = agent.client.post(chosen, filled, **HTMX)
    assert (sent.status_code, sent["HX-Trigger"]) == (204, '{"dialog-close": {}}')
    with opened(aurora):
        message = Message.objects.get(direction="out")
        assert message.content["body"] == "Hi Ana, we received your order #9. Thank you!"


def test_a_template_without_permission_says_why_above_the_form(
    aurora: Company, agent: Browser, talk: Conversation
) -> None:
    with opened(aurora):
        template = a_template(talk.thread.connection, category="MARKETING")
    chosen = agent.address("conversation-template", talk.pk) + f"?template={template.pk}"
    refused = agent.client.post(chosen, {"variable-1": "Ana", "variable-2": "#9"}, **HTMX)
    assert refused.status_code == 422
    assert "no recorded permission" in refused.content.decode()


def test_resolve_and_reopen_change_their_button(
    aurora: Company, agent: Browser, talk: Conversation
) -> None:
    resolved = agent.post("conversation-resolve", talk.pk, **HTMX).content.decode()
    assert "conversation-reopen" in resolved
    assert again(aurora, talk).status == "resolved"
    assert "conversation-resolve" in agent.post("conversation-reopen", talk.pk).content.decode()
    assert "conversation-resolve" in agent.get("conversation-actions", talk.pk).content.decode()


def test_a_conversation_is_given_to_a_member_of_this_company_alone(
    aurora: Company, agent: Browser, talk: Conversation
) -> None:
    with opened(aurora):
        member = Member.objects.get(role="agent")
    given = agent.post("conversation-assign", talk.pk, data={"member": str(member.pk)})
    assert given.status_code == 204
    assert again(aurora, talk).assignee_id == member.pk
    nobody = agent.post("conversation-assign", talk.pk, data={"member": str(talk.pk)})
    assert nobody.status_code == 404


def test_somebody_who_may_only_look_sees_no_field_and_can_do_nothing(
    browser_of: Browsers, talk: Conversation
) -> None:
    viewer = browser_of("viewer")
    html = viewer.get("conversation", talk.pk).content.decode()
    assert "composer-input" not in html
    assert "conversation-resolve" not in html
    assert "You may read here." in html
    for name in (
        "conversation-messages",
        "conversation-read",
        "conversation-resolve",
        "conversation-reopen",
        "conversation-assign",
        "conversation-template",
        "conversation-template-preview",
    ):
        assert viewer.post(name, talk.pk, data={"text": "Oi"}).status_code == 403, name


def test_another_companys_people_find_nothing(
    boreal: Company, browser_of: Browsers, agent: Browser, talk: Conversation
) -> None:
    stranger = browser_of("owner", boreal)
    assert stranger.client.get(agent.address("conversation", talk.pk)).status_code == 404
    assert stranger.get("conversation", talk.pk).status_code == 404
    assert stranger.post("conversation-messages", talk.pk, data={"text": "x"}).status_code == 404


def test_files_of_other_companies_do_not_exist(
    aurora: Company, boreal: Company, browser_of: Browsers, agent: Browser, talk: Conversation
) -> None:
    with opened(aurora):
        message = a_file(talk, sample("document"), "b.pdf", "document")
    assert agent.get("media", message.media_id).status_code == 200
    assert browser_of("owner", boreal).get("media", message.media_id).status_code == 404


def test_a_file_that_has_not_come_is_not_there(
    aurora: Company, agent: Browser, talk: Conversation
) -> None:
    with opened(aurora):
        message = a_file(talk, sample("document"), "b.pdf", "document")
        Media.objects.update(state="pending")
    assert agent.get("media", message.media_id).status_code == 404


def test_a_contacts_page_leads_to_its_conversations(
    aurora: Company, agent: Browser, talk: Conversation
) -> None:
    html = agent.get("contact", talk.contact_id).content.decode()
    assert agent.address("conversation", talk.pk) in html
    assert "contact-write" not in html  # there is a conversation at the only number


def test_a_contact_is_written_to_first(aurora: Company, agent: Browser) -> None:
    with opened(aurora):
        connection, [person] = a_connection(), contacts(1)
    assert "contact-write" in agent.get("contact", person.pk).content.decode()
    started = agent.post("conversation-start", person.pk, data={"connection": connection.pk})
    with opened(aurora):
        talk = Conversation.objects.get()
    assert started.url == agent.address("conversation", talk.pk)
    page = agent.client.get(started.url).content.decode()
    assert "Nothing was said here yet." in page
    assert "The customer has not written yet." in page


@pytest.mark.parametrize("connection", ["", "x", "00000000-0000-7000-8000-000000000000"])
def test_writing_from_a_number_that_is_not_there_is_not_found(
    aurora: Company, agent: Browser, connection: str
) -> None:
    with opened(aurora):
        [person] = contacts(1)
    started = agent.post("conversation-start", person.pk, data={"connection": connection})
    assert started.status_code == 404
    with opened(aurora):
        assert not Conversation.objects.exists()
        assert Contact.objects.count() == 1


def test_the_menu_counts_open_unread_conversations(
    aurora: Company, agent: Browser, talk: Conversation
) -> None:
    [entry] = [item for item in agent.get("inbox").context["nav"] if item["name"] == "inbox"]
    assert (entry["badge"], entry["live_topic"]) == (1, "inbox")
    agent.post("conversation-read", talk.pk)
    assert 'data-badge="inbox" hidden' in " ".join(agent.get("inbox").content.decode().split())
