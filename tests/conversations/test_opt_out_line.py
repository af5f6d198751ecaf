"""Who writes the word keeps their message in the inbox, with a line that says what became of it."""

from typing import Any

import pytest

from conversations.models import Conversation
from core import scope
from messaging.models import Message
from tenants.models import Company
from tests.conversations.factories import received
from tests.messaging.factories import a_connection


@pytest.fixture
def stopped(aurora: Company) -> Conversation:
    with scope.opened(aurora), scope.surroundings(aurora):
        message = received(a_connection(), "Parar!")
        return Conversation.objects.get(thread_id=message.thread_id)


def test_the_thread_shows_the_word_the_line_and_the_answer(
    browser_of: Any, aurora: Company, stopped: Conversation
) -> None:
    page = browser_of().get("conversation", stopped.pk).content.decode()
    with scope.opened(aurora):
        texts = [row.content["text"] for row in Message.objects.order_by("at", "id")]
    assert len(texts) == 3
    assert [text in page for text in texts] == [True, True, True]
    assert texts[0] == "Parar!"
    assert "PARAR" in texts[1]
