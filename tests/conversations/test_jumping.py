"""From a find or a quote to its message: the thread opens around it and goes on both ways."""

import re

import pytest

from conversations import selectors
from conversations.models import Conversation
from core.ids import uuid7
from core.scope import opened
from messaging.models import Message
from tenants.models import Company
from tests.conversations.conftest import Browser
from tests.conversations.factories import a_conversation, received

HTMX = {"headers": {"HX-Request": "true"}}
NUMBERS = [str(number) for number in range(9)]


@pytest.fixture
def long_talk(aurora: Company, monkeypatch: pytest.MonkeyPatch) -> Conversation:
    """Ten messages: a greeting and nine numbers; a page holds four."""
    monkeypatch.setattr(selectors, "THREAD_SIZE", 4)
    with opened(aurora):
        talk = a_conversation()
        for text in NUMBERS:
            received(talk.thread.connection, text)
        return selectors.get_conversation(talk.pk)


def texts(messages: list[Message]) -> list[str]:
    return [message.content["text"] for message in messages]


def said(text: str) -> Message:
    return Message.objects.get(content__text=text)


def shown(html: str) -> list[str]:
    return re.findall(r'class="bubble-text">\s*(\d)\s*<', html)


def link(html: str, direction: str) -> str:
    return re.findall(rf'hx-get="([^"]*\?{direction}=[^"]*)"', html)[0].replace("&amp;", "&")


def test_a_thread_opens_around_a_message_and_nothing_is_missing_or_twice(
    aurora: Company, long_talk: Conversation
) -> None:
    with opened(aurora):
        stretch = selectors.thread_around(long_talk, said("4").pk)
        assert stretch is not None
        assert (texts(stretch.messages), stretch.target) == (list("23456"), said("4").pk)
        older = selectors.thread_page(long_talk, cursor=stretch.before)
        newer = selectors.thread_page(long_talk, cursor=stretch.after, ascending=True)
        assert texts(older.items) == ["1", "0", "Oi, tudo bem?"]
        assert texts(newer.items) == ["7", "8"]


def test_at_either_end_it_goes_on_to_one_side(aurora: Company, long_talk: Conversation) -> None:
    with opened(aurora):
        first = selectors.thread_around(long_talk, said("Oi, tudo bem?").pk)
        last = selectors.thread_around(long_talk, said("8").pk)
    assert first is not None
    assert last is not None
    assert (first.before, bool(first.after)) == ("", True)
    assert (bool(last.before), last.after) == (True, "")


def test_a_message_of_another_thread_is_not_there(aurora: Company, long_talk: Conversation) -> None:
    with opened(aurora):
        assert selectors.thread_around(long_talk, uuid7()) is None


def test_a_link_opens_the_page_at_its_message(
    aurora: Company, agent: Browser, long_talk: Conversation
) -> None:
    with opened(aurora):
        message = said("4")
    html = agent.get("conversation", long_talk.pk, query={"message": message.pk}).content.decode()
    assert f'data-target="{message.pk}"' in html
    assert shown(html) == list("23456")
    newer = agent.client.get(link(html, "after"), **HTMX).content.decode()
    assert shown(newer) == ["7", "8"]
    older = agent.client.get(link(html, "before"), **HTMX).content.decode()
    assert shown(older) == ["0", "1"]


@pytest.mark.parametrize("target", [uuid7(), "no-id"])
def test_a_link_to_what_is_not_there_opens_the_newest(
    agent: Browser, long_talk: Conversation, target: object
) -> None:
    html = agent.get("conversation", long_talk.pk, query={"message": target}).content.decode()
    assert "data-target" not in html
    assert shown(html) == list("5678")


def test_a_quote_fetches_the_messages_around_what_it_quotes(
    aurora: Company, agent: Browser, long_talk: Conversation
) -> None:
    with opened(aurora):
        message = said("3")
    answer = agent.get("conversation-messages", long_talk.pk, query={"around": message.pk}, **HTMX)
    assert answer["X-Target"] == str(message.pk)
    assert shown(answer.content.decode()) == list("12345")


def test_a_find_leads_to_its_message(
    aurora: Company, agent: Browser, long_talk: Conversation
) -> None:
    with opened(aurora):
        received(long_talk.thread.connection, "o boleto chegou")
        message = said("o boleto chegou")
    html = agent.get("inbox", query={"q": "boleto"}).content.decode()
    assert f"message={message.pk}" in html
