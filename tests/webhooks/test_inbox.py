"""A company's received items: written once, due while they wait, done again on demand."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from connections.models import Connection
from connections.providers.base import Unknown
from core.ids import uuid7
from messaging.models import Message
from tenants.models import Company
from tests.messaging import factories
from tests.webhooks import callbacks
from webhooks import items as rows
from webhooks.enums import ItemState
from webhooks.models import Item
from webhooks.services import inbox, processing


def arrival(key: str, position: int = 0) -> inbox.Arrival:
    packed = rows.pack(Unknown(topic=key, number_id=factories.NUMBER), position)
    return inbox.Arrival(packed, factories.NUMBER)


def accept(envelope_id: UUID, *arrivals: inbox.Arrival) -> None:
    inbox.accept(
        provider="whatsapp_cloud",
        envelope_id=envelope_id,
        received_at=timezone.now(),
        arrivals=arrivals,
    )


def test_an_item_knows_its_connection_and_is_written_once(connection: Connection) -> None:
    envelope_id = uuid7()
    accept(envelope_id, arrival("flows", 0), arrival("calls", 1))
    accept(envelope_id, arrival("flows", 0))

    assert list(Item.objects.order_by("position").values_list("key", "connection_id")) == [
        ("flows", connection.pk),
        ("calls", connection.pk),
    ]


def test_an_item_waits_for_a_number_that_is_not_connected_here(company: Company) -> None:
    accept(uuid7(), arrival("flows"))
    assert Item.objects.get().connection_id is None


def test_the_first_waiting_item_says_when_to_come(connection: Connection) -> None:
    assert list(inbox.due(None)) == []
    accept(uuid7(), arrival("flows"), arrival("calls", 1))
    later = timezone.now() + timedelta(hours=1)
    Item.objects.filter(key="flows").update(state=ItemState.PROCESSED)
    Item.objects.filter(key="calls").update(state=ItemState.RETRY, due_at=later)
    assert list(inbox.due(None)) == [("", later)]


def test_an_item_given_up_is_done_after_the_mending(address: str, company: Company) -> None:
    callbacks.post(
        address, callbacks.envelope(callbacks.change(messages=[callbacks.text("wamid.1")]))
    )
    callbacks.work()
    Item.objects.update(state=ItemState.DEAD, error="boom", attempts=5)

    inbox.process_again(item=Item.objects.get())
    processing.process("")

    assert Item.objects.get().state == ItemState.PROCESSED
    assert Message.objects.count() == 1
