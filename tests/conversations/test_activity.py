"""When a contact was last active follows its conversations, without a statement per message."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conversations.models import Conversation
from conversations.services import activity
from conversations.tasks import carry_activity
from core import scope
from core.models import AgendaRow
from crm.models import Contact
from messaging.models import Thread
from tenants.models import Company
from tests.campaigns.factories import a_connection
from tests.crm.factories import a_contact


def conversations(count: int) -> list[Conversation]:
    """One each of so many contacts, the first the newest, all ahead of their contacts."""
    number, now = a_connection(), timezone.now() + timedelta(hours=1)
    rows = []
    for minutes in range(count):
        contact = a_contact()
        thread = Thread.objects.create(contact=contact, connection=number, address=f"+55{minutes}")
        at = now - timedelta(minutes=minutes)
        rows.append(Conversation.objects.create(thread=thread, contact=contact, last_message_at=at))
    return rows


def behind() -> int:
    return len(activity._batches_ahead())


def test_contacts_come_up_to_their_newest_conversation(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "BATCH", 2)
    rows = conversations(5)
    assert (behind(), len(list(activity.due(None)))) == (3, 1)
    activity.carry()
    for row in rows:
        assert Contact.objects.get(pk=row.contact_id).last_active_at == row.last_message_at
    assert (behind(), list(activity.due(None))) == (0, [])


def test_what_died_half_way_is_found_again(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "BATCH", 1)
    rows = conversations(4)
    for row in rows[2:]:  # written upwards: the oldest two were
        Contact.objects.filter(pk=row.contact_id).update(last_active_at=row.last_message_at)
    assert behind() == 2
    activity.carry()
    assert behind() == 0


def test_the_clock_asks_every_company(company: Company) -> None:
    with scope.public():
        carry_activity()
        schemas = AgendaRow.objects.filter(kind=activity.KIND).values_list("schema", flat=True)
        assert company.schema_name in set(schemas)
