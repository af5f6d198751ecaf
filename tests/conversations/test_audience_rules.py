"""Audiences that ask about conversations."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from conversations.models import Conversation
from conversations.services import status
from crm import audiences
from tests.conversations.factories import a_conversation
from tests.crm.factories import a_contact
from tests.messaging.factories import a_connection

pytestmark = pytest.mark.usefixtures("company")


def fitting(kind: str, op: str, value: Any = None) -> set[str]:
    audience = audiences.validate({"include": [{"kind": kind, "op": op, "value": value}]})
    return set(audiences.select(audience).values_list("name", flat=True))


@pytest.fixture
def ana(company: Any) -> Conversation:
    """She wrote just now; Bia never did."""
    a_contact(name="Bia")
    return a_conversation(a_connection(), profile_name="Ana")


def test_who_waits_or_has_somebody_is_in_service(ana: Conversation) -> None:
    assert fitting("in_service", "is") == {"Ana"}
    assert fitting("in_service", "is_not") == {"Bia"}
    Conversation.objects.filter(pk=ana.pk).update(waiting_since=None)
    assert fitting("in_service", "is") == set()


def test_who_was_served_is_no_longer_in_service(ana: Conversation) -> None:
    status.resolve(conversation_id=ana.pk, actor="system")
    assert fitting("in_service", "is_not") == {"Ana", "Bia"}


def test_who_was_put_away_is_still_in_service(ana: Conversation) -> None:
    status.set_pending(conversation_id=ana.pk, actor="system")
    assert fitting("in_service", "is") == {"Ana"}


def test_who_wrote_in_the_last_days(ana: Conversation) -> None:
    ana.thread.last_inbound_at = timezone.now() - timedelta(days=3, hours=1)
    ana.thread.save(update_fields=["last_inbound_at"])
    assert fitting("wrote", "last_days", 4) == {"Ana"}
    assert fitting("wrote", "last_days", 3) == set()
    assert fitting("wrote", "not_last_days", 3) == {"Ana", "Bia"}
