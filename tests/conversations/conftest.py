"""Addresses of the inbox, and a conversation to look at."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from conversations.models import Conversation
from conversations.selectors import get_conversation
from core.scope import opened
from events.deliveries import deliver
from tenants.enums import Role
from tenants.models import Company, Person
from tests.conversations.factories import a_conversation
from tests.messaging.factories import a_connection


class Browser:
    """Somebody of Aurora who is signed in: names of pages instead of addresses."""

    def __init__(self, company: Company, client: Client) -> None:
        self.company, self.client = company, client

    def address(self, name: str, *args: Any) -> str:
        path = reverse(name, args=args, urlconf="config.urls_company")
        return f"{self.company.path_prefix.rstrip('/')}{path}"

    def get(self, name: str, *args: Any, query: dict[str, Any] | None = None, **extra: Any) -> Any:
        return self.client.get(self.address(name, *args), query or {}, **extra)

    def post(self, name: str, *args: Any, data: dict[str, Any] | None = None, **extra: Any) -> Any:
        return self.client.post(self.address(name, *args), data or {}, **extra)


@pytest.fixture
def browser_of(aurora: Company, client_for: Callable[..., Client]) -> Callable[..., Browser]:
    """`browser_of("viewer")`: a browser signed in to Aurora with that role, in English."""

    def signed_in(role: str = Role.AGENT, company: Company | None = None) -> Browser:
        owner = company or aurora
        browser = Browser(owner, client_for(owner, role))
        Person.objects.update(language="en")
        return browser

    return signed_in


@pytest.fixture
def agent(browser_of: Callable[..., Browser]) -> Browser:
    return browser_of(Role.AGENT)


@pytest.fixture
def talk(aurora: Company) -> Conversation:
    """Ana has just written to Aurora."""
    with opened(aurora):
        return get_conversation(a_conversation().pk)


@pytest.fixture
def begin(company: Company) -> Callable[..., Conversation]:
    """A customer writes; what follows from it is done."""
    number, count = a_connection(), iter(range(100))

    def write(**fields: Any) -> Conversation:
        conversation = a_conversation(number, phone=f"55119870{next(count):05}", **fields)
        deliver("conversations.route")
        conversation.refresh_from_db()
        return conversation

    return write
