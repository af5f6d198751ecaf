"""SMS in the shared inbox."""

from collections.abc import Callable

import pytest
from django.test import Client

from connections.models import Connection
from connections.providers.base import Identities
from conversations.models import Conversation
from core.scope import opened
from messaging.dispatch import lanes
from messaging.dispatch.pump import pump
from messaging.models import Message
from sandbox.testing import Handle
from tenants.models import Company
from tests.conversations.factories import a_conversation
from tests.messaging import texting

BASE = "/c/aurora/inbox/"


@pytest.fixture
def number(aurora: Company, sandbox: Handle) -> Connection:
    with opened(aurora):
        return texting.a_text_number()


@pytest.fixture
def talk(aurora: Company, number: Connection) -> Conversation:
    with opened(aurora):
        person = Identities(phone="5511987650001")
        return a_conversation(number, identities=person, profile_name="")


@pytest.fixture
def agent(aurora: Company, client_for: Callable[..., Client]) -> Client:
    return client_for(aurora, "agent")


def test_the_channel_is_shown_and_the_composer_is_open(agent: Client, talk: Conversation) -> None:
    assert ">SMS</span>" in agent.get(BASE).text
    page = agent.get(f"{BASE}{talk.pk}/").text
    assert 'data-window="open"' in page
    assert 'maxlength="1600"' in page
    assert "Goes out as an SMS." in page


def test_parts_are_counted_while_one_types(agent: Client, talk: Conversation) -> None:
    count = agent.post(f"{BASE}{talk.pk}/segments/", {"text": "Claro, às 10h"})
    assert "1 SMS · UCS-2" not in count.text  # à is of the GSM alphabet
    assert "1 SMS · GSM-7 · 147 left" in count.text
    assert "Goes out as an SMS." in agent.post(f"{BASE}{talk.pk}/segments/", {"text": ""}).text


def test_an_answer_leaves_by_sms(
    agent: Client, talk: Conversation, number: Connection, aurora: Company, sandbox: Handle
) -> None:
    answer = agent.post(f"{BASE}{talk.pk}/messages/", {"text": "Temos sim!"})
    assert answer.status_code in (200, 201)
    with opened(aurora):
        pump(lanes.REPLIES, str(number.pk))
        assert Message.objects.get(direction="out").segments == 1
    assert [one["to"] for one in texting.sent(sandbox)] == ["+5511987650001"]
