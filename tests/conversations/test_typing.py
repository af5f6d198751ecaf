"""Who is typing: colleagues see it, the writer does not, readers cannot say it."""

from collections.abc import Callable

import pytest
from django.test import TestCase

from conversations import typing
from conversations.models import Conversation, CustomerSignal
from core import realtime
from core.scope import opened
from tenants.enums import Role
from tenants.models import Company
from tests.conversations.conftest import Browser

pytestmark = pytest.mark.usefixtures("talk")


def says(browser: Browser, talk: Conversation) -> str:
    return str(browser.get("conversation-typing", talk.pk).content.decode()).strip()


def test_colleagues_see_who_types_until_it_is_sent(
    aurora: Company, browser_of: Callable[..., Browser], talk: Conversation
) -> None:
    writer, colleague = browser_of(Role.AGENT), browser_of(Role.MANAGER)
    cursor = realtime.since(aurora.pk, None, ()).cursor
    with TestCase.captureOnCommitCallbacks(execute=True):
        answer = writer.post("conversation-typing", talk.pk, data={"to": "customer"})
    assert answer.status_code == 204
    assert "is typing" in says(colleague, talk)
    assert says(writer, talk) == ""
    with TestCase.captureOnCommitCallbacks(execute=True):
        writer.post("conversation-typing", talk.pk, data={"to": ""})
    assert says(colleague, talk) == ""
    topic = f"conversation:{talk.pk}"
    heard = realtime.since(aurora.pk, cursor, {topic}).events
    assert [one.event for one in heard] == ["typing"]  # equal ones fold


def test_the_customer_is_told_once_in_a_while_and_never_of_a_note(
    aurora: Company, agent: Browser, talk: Conversation
) -> None:
    agent.post("conversation-typing", talk.pk, data={"to": "team"})
    with opened(aurora):
        assert not CustomerSignal.objects.exists()
    agent.post("conversation-typing", talk.pk, data={"to": "customer"})
    with opened(aurora):
        assert CustomerSignal.objects.get().is_typing
        CustomerSignal.objects.all().delete()
    agent.post("conversation-typing", talk.pk, data={"to": "customer"})
    with opened(aurora):
        assert not CustomerSignal.objects.exists()


def test_who_may_only_read_types_nothing(
    aurora: Company, browser_of: Callable[..., Browser], talk: Conversation
) -> None:
    viewer = browser_of(Role.VIEWER)
    assert viewer.post("conversation-typing", talk.pk, data={"to": "team"}).status_code == 403
    with opened(aurora):
        assert typing.now(talk.pk) == []
