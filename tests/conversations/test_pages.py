"""The inbox as people see it."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from conversations.models import Conversation
from core.scope import opened
from tenants.models import Company
from tests.conversations.factories import a_conversation
from tests.messaging.factories import a_connection

Clients = Callable[..., Client]


def address(company: Company, name: str, *args: object) -> str:
    return company.path_prefix.rstrip("/") + reverse(name, args=args, urlconf="config.urls_company")


@pytest.fixture
def conversation(aurora: Company) -> Conversation:
    with opened(aurora):
        return a_conversation()


def test_smoke(aurora: Company, client_for: Clients, conversation: Conversation) -> None:
    client = client_for(aurora)
    page = client.get(address(aurora, "inbox"))
    assert page.status_code == 200
    page = client.get(address(aurora, "conversation", conversation.pk))
    assert page.status_code == 200, page.content.decode()[:500]
    assert "Oi, tudo bem?" in page.content.decode()
    sent = client.post(
        address(aurora, "conversation-messages", conversation.pk),
        {"text": "Olá!"}, headers={"HX-Request": "true"},
    )
    assert sent.status_code == 200, sent.headers
    assert "Olá!" in sent.content.decode()
    for name in ("conversation-composer", "conversation-template", "conversation-actions", "conversation-messages"):
        assert client.get(address(aurora, name, conversation.pk)).status_code == 200, name
    for name, status in (("conversation-read", 204), ("conversation-resolve", 200), ("conversation-reopen", 200), ("conversation-assign", 204)):
        assert client.post(address(aurora, name, conversation.pk)).status_code == status
