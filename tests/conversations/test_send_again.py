"""What failed is sent again from the thread; where the window is over, a template is offered."""

from typing import Any

import pytest

from conversations.models import Conversation
from core.scope import opened
from messaging.enums import DispatchState
from messaging.models import Message
from tenants.models import Company
from tests.conversations.conftest import Browser
from tests.conversations.factories import closed_window
from tests.messaging.factories import an_outgoing

HTMX = {"headers": {"HX-Request": "true"}}


@pytest.fixture
def failed(aurora: Company, talk: Conversation) -> Message:
    with opened(aurora):
        return an_outgoing(
            talk.thread.connection, talk.contact, dispatch=DispatchState.REJECTED, code="auth"
        )


def thread(agent: Browser, talk: Conversation) -> str:
    return agent.get("conversation", talk.pk, **HTMX).content.decode()


def send_again(agent: Browser, talk: Conversation, message_id: Any) -> Any:
    return agent.post("conversation-send-again", talk.pk, data={"message": str(message_id)}, **HTMX)


def test_a_failed_message_is_sent_again_once(
    aurora: Company, agent: Browser, talk: Conversation, failed: Message
) -> None:
    assert 'data-testid="send-again"' in thread(agent, talk)

    answer = send_again(agent, talk, failed.pk)

    assert answer.status_code == 200
    assert 'data-testid="send-again"' not in answer.content.decode()
    with opened(aurora):
        again = Message.objects.get(resend_of=failed)
        assert (again.content, again.dispatch) == (failed.content, DispatchState.QUEUED)
        assert again.author is not None
    assert send_again(agent, talk, failed.pk).status_code == 409
    assert 'data-testid="send-again"' not in thread(agent, talk)


def test_with_the_window_closed_a_template_is_offered_instead(
    aurora: Company, agent: Browser, talk: Conversation, failed: Message
) -> None:
    with opened(aurora):
        closed_window(talk)
    page = thread(agent, talk)
    assert 'data-testid="use-template"' in page
    assert 'data-testid="send-again"' not in page
    assert send_again(agent, talk, failed.pk).status_code == 409


def test_what_arrived_or_belongs_to_nobody_here_is_not_sent_again(
    aurora: Company, agent: Browser, talk: Conversation
) -> None:
    with opened(aurora):
        arrived = an_outgoing(talk.thread.connection, talk.contact, dispatch=DispatchState.ACCEPTED)
    assert 'data-testid="send-again"' not in thread(agent, talk)
    assert send_again(agent, talk, arrived.pk).status_code == 409
    assert send_again(agent, talk, talk.pk).status_code == 404
    assert send_again(agent, talk, "").status_code == 404
