"""A conversation to read on paper or to keep."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from conversations import transcript
from conversations.models import Conversation
from conversations.selectors import get_conversation
from conversations.services import notes, replies, status
from core import ids
from core.scope import opened
from messaging import bodies
from messaging.models import Message
from tenants.models import Company
from tests.conversations.conftest import Browser
from tests.conversations.factories import a_conversation, a_file, a_member, received

MORNING = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)  # half past nine in São Paulo


def a_talk() -> Conversation:
    """Ana asks, Bia answers and notes, and Ana sends a file."""
    bia, talk = a_member("Bia Lima"), get_conversation(a_conversation().pk)
    Message.objects.update(at=MORNING)
    replies.reply(conversation=talk, body=bodies.text("Tudo!\nE você?"), author=bia)
    notes.write(conversation=talk, text="Cliente antiga", author=bia)
    a_file(talk, b"%PDF-1.4", "nota.pdf", "document")
    status.resolve(conversation_id=talk.pk, actor=f"person:{bia.person_id}")
    return talk


def told(talk: Conversation, **options: Any) -> list[tuple[str, str, str]]:
    return [(one.who, one.kind, one.words) for one in transcript.of(talk, **options).entries]


def test_it_tells_who_said_what_without_the_notes(company: Company) -> None:
    assert told(a_talk()) == [
        ("Ana Souza", "", "Oi, tudo bem?"),
        ("Bia Lima", "", "Tudo!\nE você?"),
        ("Ana Souza", "Document", "nota.pdf"),
    ]


def test_it_holds_the_notes_when_they_are_asked_for(company: Company) -> None:
    assert told(a_talk(), with_notes=True)[2:] == [
        ("Bia Lima", "Private note", "Cliente antiga"),
        ("Ana Souza", "Document", "nota.pdf"),
        ("Bia Lima", "System line", "Bia Lima resolved the conversation"),
    ]


def test_a_reaction_stands_with_its_message_and_a_failure_is_told(company: Company) -> None:
    talk = a_talk()
    answer = Message.objects.get(content__text__startswith="Tudo!")
    Message.objects.filter(pk=answer.pk).update(dispatch="rejected", code="131026")
    first = Message.objects.get(content__text="Oi, tudo bem?")
    received(talk.thread.connection, kind="reaction", content={"emoji": "👍"})
    Message.objects.filter(kind="reaction").update(reply_to=first)
    one, two, _file = transcript.of(talk).entries
    assert (one.reactions, one.state) == (["👍"], "")
    assert two.state == "Failed"


def test_of_a_long_one_the_newest_stand_there(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcript, "MOST", 2)
    talk = a_talk()
    assert [words for _who, _kind, words in told(talk)] == ["Tudo!\nE você?", "nota.pdf"]
    assert "Older messages are left out." in transcript.as_text(transcript.of(talk))


def test_the_file_is_a_text_on_the_companys_clock(agent: Browser, aurora: Company) -> None:
    with opened(aurora):
        talk = a_talk()
    answer = agent.get("conversation-transcript", talk.pk, query={"file": "1"})
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="conversation.txt"'
    head, first, *_others = answer.content.decode().split("\n\n")
    assert head.endswith("Times: America/Sao_Paulo")
    assert first.startswith("11/20/2026 9:30 a.m. · Ana Souza:\nOi, tudo bem?")


def test_the_page_shows_it_and_leads_to_the_file(agent: Browser, aurora: Company) -> None:
    with opened(aurora):
        talk = a_talk()
    page = agent.get("conversation-transcript", talk.pk).content.decode()
    assert "Tudo!" in page
    assert "Cliente antiga" not in page
    assert "?file=1" in page
    noted = agent.get("conversation-transcript", talk.pk, query={"notes": "1"}).content.decode()
    assert "Cliente antiga" in noted


def test_a_program_fetches_it(aurora: Company, api_client: Callable[..., Any]) -> None:
    with opened(aurora):
        talk = a_talk()
    url = f"/api/v1/conversations/{ids.encode('cnv', talk.pk)}/transcript/"
    client = api_client(aurora, "conversations.view")
    assert "Cliente antiga" not in client.get(url).content.decode()
    assert "Cliente antiga" in client.get(f"{url}?notes=true").content.decode()


def test_the_name_we_gave_a_recording_is_not_taken_for_words(company: Company) -> None:
    talk = get_conversation(a_conversation().pk)
    a_file(talk, b"OggS", "audio", "audio")
    assert told(talk)[-1] == ("Ana Souza", "Audio", "")
