"""A company's received items: written once, due while they wait, done again on demand."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from connections.models import Connection
from connections.providers.base import (
    Identities,
    InboundMessage,
    NeutralItem,
    Receipt,
    Unknown,
)
from core.ids import uuid7
from messaging.models import Message, OrphanReceipt
from messaging.services import inbound, receipts
from tenants.models import Company
from tests.messaging import factories
from tests.webhooks import callbacks
from webhooks import items as rows
from webhooks.enums import ItemState
from webhooks.models import Item
from webhooks.services import inbox, processing


def accept(envelope_id: UUID, *told: NeutralItem, at_once: bool = False) -> None:
    arrivals = inbox.arrivals(envelope_id, timezone.now(), enumerate(told))
    inbox.accept(provider="whatsapp_cloud", arrivals=list(arrivals), at_once=at_once)


def unknown(topic: str) -> Unknown:
    return Unknown(topic=topic, number_id=factories.NUMBER)


def delivered(external_id: str, number_id: str = factories.NUMBER) -> Receipt:
    return Receipt(
        number_id=number_id,
        account_id=factories.ACCOUNT,
        external_id=external_id,
        kind="delivered",
        at=timezone.now(),
        pricing={"billable": True},
    )


def stored() -> list[tuple[int, str, str]]:
    return list(Item.objects.order_by("position").values_list("position", "kind", "state"))


def test_an_item_knows_its_connection_and_is_written_once(connection: Connection) -> None:
    envelope_id = uuid7()
    accept(envelope_id, unknown("flows"), unknown("calls"))
    accept(envelope_id, unknown("flows"))

    assert list(Item.objects.order_by("position").values_list("key", "connection_id")) == [
        ("flows", connection.pk),
        ("calls", connection.pk),
    ]


def test_an_item_waits_for_a_number_that_is_not_connected_here(company: Company) -> None:
    accept(uuid7(), unknown("flows"))
    assert Item.objects.get().connection_id is None


def test_the_first_waiting_item_says_when_to_come(connection: Connection) -> None:
    assert list(inbox.due(None)) == []
    accept(uuid7(), unknown("flows"), unknown("calls"))
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


def test_receipts_that_stand_together_are_applied_at_once_and_kept_as_one_row(
    connection: Connection,
) -> None:
    told = [delivered("wamid.1"), delivered("wamid.2"), unknown("flows"), delivered("wamid.3")]
    accept(uuid7(), *told, at_once=True)

    assert stored() == [
        (0, "statuses", ItemState.PROCESSED),
        (2, "unknown", ItemState.RECEIVED),
        (3, "statuses", ItemState.PROCESSED),
    ]
    first = Item.objects.get(position=0)
    assert (first.key, rows.unbundle(first.data)) == ("wamid.1 delivered (+1)", told[:2])


def test_receipts_that_cannot_be_applied_wait_each_on_its_own(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply = receipts.apply

    def fails_for_one(*, connection: Connection, receipts: Sequence[Receipt]) -> int:
        if any(told.external_id == "wamid.bad" for told in receipts):
            message = "boom"
            raise RuntimeError(message)
        return apply(connection=connection, receipts=receipts)

    monkeypatch.setattr(receipts, "apply", fails_for_one)
    accept(uuid7(), *(delivered(f"wamid.{name}") for name in ("one", "bad", "two")), at_once=True)
    assert stored() == [(place, "status", ItemState.RECEIVED) for place in range(3)]

    processing.process("")
    assert dict(Item.objects.values_list("key", "state")) == {
        "wamid.one delivered": ItemState.PROCESSED,
        "wamid.bad delivered": ItemState.RETRY,
        "wamid.two delivered": ItemState.PROCESSED,
    }


def message(external_id: str, number_id: str = factories.NUMBER) -> InboundMessage:
    return InboundMessage(
        number_id=number_id,
        account_id=factories.ACCOUNT,
        external_id=external_id,
        identities=Identities(wa_id="5511987650001", phone="5511987650001"),
        at=timezone.now(),
        kind="text",
        content={"text": external_id},
    )


def test_a_few_messages_are_in_the_inbox_when_their_envelope_is_read(
    connection: Connection,
) -> None:
    accept(uuid7(), message("wamid.1"), delivered("wamid.0"), message("wamid.2"), at_once=True)

    assert stored() == [
        (0, "message", ItemState.PROCESSED),
        (1, "statuses", ItemState.PROCESSED),
        (2, "message", ItemState.PROCESSED),
    ]
    assert Message.objects.count() == 2
    assert list(inbox.due(None)) == []


def test_who_writes_to_two_numbers_is_heard_in_one_order(connection: Connection) -> None:
    factories.a_connection(factories.OTHER_NUMBER)
    for first, second in (("1", "2"), ("3", "4")):
        told = [message(first), message(second, factories.OTHER_NUMBER)]
        accept(uuid7(), *(told if first == "1" else reversed(told)), at_once=True)

    heard = Message.objects.order_by("pk").values_list("external_id", flat=True)
    assert list(heard) == ["1", "2", "3", "4"]


def test_many_messages_wait_for_the_workers(connection: Connection) -> None:
    told = [message(f"wamid.{number}") for number in range(inbox.FEW + 1)]
    accept(uuid7(), *told, at_once=True)

    assert {state for _, _, state in stored()} == {ItemState.RECEIVED}
    processing.process("")
    assert Message.objects.count() == len(told)


def test_messages_of_which_one_cannot_be_taken_in_wait_each_on_its_own(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = inbound.receive_all

    def fails_for_one(
        *, connection: Connection, inbounds: Sequence[InboundMessage]
    ) -> list[Message]:
        if any(one.external_id == "wamid.bad" for one in inbounds):
            message = "boom"
            raise RuntimeError(message)
        return receive(connection=connection, inbounds=inbounds)

    monkeypatch.setattr(inbound, "receive_all", fails_for_one)
    accept(uuid7(), *(message(f"wamid.{name}") for name in ("one", "bad", "two")), at_once=True)

    assert stored() == [(place, "message", ItemState.RECEIVED) for place in range(3)]
    assert Message.objects.count() == 0

    processing.process("")
    assert dict(Item.objects.values_list("key", "state")) == {
        "wamid.one": ItemState.PROCESSED,
        "wamid.bad": ItemState.RETRY,
        "wamid.two": ItemState.PROCESSED,
    }
    assert set(Message.objects.values_list("external_id", flat=True)) == {"wamid.one", "wamid.two"}


def test_receipts_of_a_number_that_is_not_here_wait_for_it(connection: Connection) -> None:
    accept(uuid7(), delivered("wamid.1"), delivered("wamid.2", "999"), at_once=True)

    assert stored() == [(0, "statuses", ItemState.PROCESSED), (1, "status", ItemState.RECEIVED)]


def test_receipts_that_were_applied_are_applied_again_on_demand(connection: Connection) -> None:
    accept(uuid7(), delivered("wamid.1"), delivered("wamid.2"), at_once=True)
    OrphanReceipt.objects.all().delete()

    inbox.process_again(item=Item.objects.get())
    processing.process("")

    assert Item.objects.get().state == ItemState.PROCESSED
    assert OrphanReceipt.objects.count() == 2
