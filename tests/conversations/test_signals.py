"""What customers see of us: blue ticks once somebody read, "typing…" while somebody writes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections.models import Connection
from conversations.models import Conversation, CustomerSignal
from conversations.services import conversations, inbox_settings, signals
from core.models import AgendaRow
from sandbox.testing import Handle
from tenants.models import Company
from tests.conversations.factories import a_conversation, received
from tests.messaging.factories import NUMBER, a_connection
from tests.messaging.texting import a_text_number

ANA = "5511987650001"


@pytest.fixture
def number(company: Company, sandbox: Handle) -> Connection:
    return a_connection()


def wrote(sandbox: Handle) -> str:
    """Ana wrote, as her phone knows it; the id of her message."""
    written = {"connection": NUMBER, "from": ANA, "text": "Oi, tudo bem?"}
    return str(sandbox.http.post("/_sandbox/inbound", json=written).json()["id"])


def told(sandbox: Handle) -> list[tuple[str, str]]:
    """What the provider was told of reading and typing, and about which message."""
    results = sandbox.http.get("/_sandbox/ledger").json()["results"]
    return [(one["kind"], one["wamid"]) for one in results if one["kind"] in ("read", "typing")]


def test_reading_turns_the_customers_ticks_blue_once(number: Connection, sandbox: Handle) -> None:
    first = wrote(sandbox)
    talk = a_conversation(number, phone=ANA, external_id=first)
    newest = wrote(sandbox)
    received(number, phone=ANA, external_id=newest)
    for _ in range(2):
        conversations.mark_read(conversation_id=talk.pk)
        signals.tell(conversation_id=talk.pk)

    assert told(sandbox) == [("read", newest)]
    phone = {"connection": NUMBER, "contact": ANA}
    chat = sandbox.http.get("/_sandbox/phone/messages", params=phone).json()["results"]
    assert [one["status"] for one in chat] == ["read", "read"]


def test_what_is_told_waits_as_due_work_outside_of_the_request(
    number: Connection, sandbox: Handle
) -> None:
    talk = a_conversation(number, phone=ANA, external_id=wrote(sandbox))
    conversations.mark_read(conversation_id=talk.pk)

    assert told(sandbox) == []
    assert AgendaRow.objects.filter(kind="conversations.signal", key=str(talk.pk)).exists()
    assert [key for key, _at in signals.due(None)] == [str(talk.pk)]


def test_typing_is_shown_on_the_customers_phone(number: Connection, sandbox: Handle) -> None:
    talk = a_conversation(number, phone=ANA, external_id=wrote(sandbox))
    signals.note(conversation_id=talk.pk, is_typing=True)
    conversations.mark_read(conversation_id=talk.pk)
    assert signals.tell(conversation_id=talk.pk)

    phone = {"connection": NUMBER, "contact": ANA}
    assert sandbox.http.get("/_sandbox/phone/messages", params=phone).json()["typing"] is True


@pytest.mark.parametrize(
    ("age", "kinds"), [(timedelta(minutes=5), ["read"]), (timedelta(hours=2), [])]
)
def test_what_could_not_be_told_in_time_is_not_told(
    number: Connection, sandbox: Handle, age: timedelta, kinds: list[str]
) -> None:
    talk = a_conversation(number, phone=ANA, external_id=wrote(sandbox))
    signals.note(conversation_id=talk.pk, is_typing=True)
    CustomerSignal.objects.update(created_at=timezone.now() - age)
    signals.tell(conversation_id=talk.pk)

    assert [kind for kind, _id in told(sandbox)] == kinds
    assert not CustomerSignal.objects.exists()


def test_a_refusal_is_not_repeated(number: Connection, sandbox: Handle) -> None:
    talk = a_conversation(number, phone=ANA, external_id="wamid.nobody-knows")
    signals.note(conversation_id=talk.pk)

    assert not signals.tell(conversation_id=talk.pk)
    assert not CustomerSignal.objects.exists()


def test_a_company_may_keep_it_to_itself(number: Connection) -> None:
    inbox_settings.change(actor="test", tells_reading=False)
    signals.note(conversation_id=a_conversation(number).pk)
    assert not CustomerSignal.objects.exists()


def test_a_channel_without_ticks_is_told_nothing(company: Company) -> None:
    talk: Conversation = a_conversation(a_text_number())
    signals.note(conversation_id=talk.pk)
    assert not CustomerSignal.objects.exists()
