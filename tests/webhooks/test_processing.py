"""Items of a company: each handled once, and none in another's way."""

from typing import Any

import pytest

from connections.models import Connection
from messaging.enums import DispatchState
from messaging.models import Message, OrphanReceipt
from messaging.models import Receipt as LedgerLine
from messaging.services import inbound
from tenants.models import Company
from tests.messaging import factories
from tests.webhooks import callbacks
from webhooks.enums import ItemState
from webhooks.models import Item
from webhooks.services import processing


def test_a_message_arrives_in_the_thread_of_its_sender(address: str, company: Company) -> None:
    callbacks.post(
        address,
        callbacks.envelope(
            callbacks.change(
                contacts=[{"wa_id": "5511987654321", "profile": {"name": "Ana"}}],
                messages=[callbacks.text("wamid.1", "Bom dia")],
            )
        ),
    )
    callbacks.work(company)

    message = Message.objects.select_related("contact", "thread").get()
    assert (message.content["text"], message.contact.name) == ("Bom dia", "Ana")
    assert message.thread is not None
    assert message.thread.address == "5511987654321"
    assert Item.objects.get().state == ItemState.PROCESSED


def test_a_repeated_item_changes_nothing(address: str, company: Company) -> None:
    for noise in range(3):
        message = callbacks.text("wamid.1", timestamp="1700000000", noise=noise)
        callbacks.post(address, callbacks.envelope(callbacks.change(messages=[message])))
        callbacks.work(company)

    assert Message.objects.count() == 1
    assert Item.objects.count() == 3


def test_statuses_raise_the_rank_in_any_order(
    address: str, company: Company, connection: Connection
) -> None:
    sent = factories.an_outgoing(
        connection, dispatch=DispatchState.ACCEPTED, external_id="wamid.out"
    )
    kinds = ["read", "sent", "delivered", "read"]
    callbacks.post(
        address,
        callbacks.envelope(
            callbacks.change(statuses=[callbacks.status("wamid.out", kind) for kind in kinds])
        ),
    )
    callbacks.work(company)

    sent.refresh_from_db()
    assert sent.rank == 30
    assert LedgerLine.objects.count() == 3


def test_one_failing_item_is_tried_again_and_the_others_are_done(
    address: str, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = inbound.receive_all

    def fails_for_one(*, connection: Connection, inbounds: Any) -> Any:
        if any(one.external_id == "wamid.bad" for one in inbounds):
            message = "boom"
            raise RuntimeError(message)
        return receive(connection=connection, inbounds=inbounds)

    monkeypatch.setattr(inbound, "receive_all", fails_for_one)
    texts = [callbacks.text(f"wamid.{name}") for name in ("one", "bad", "two")]
    callbacks.post(address, callbacks.envelope(callbacks.change(messages=texts)))
    callbacks.work(company)

    states = dict(Item.objects.values_list("key", "state"))
    assert states == {
        "wamid.one": ItemState.PROCESSED,
        "wamid.bad": ItemState.RETRY,
        "wamid.two": ItemState.PROCESSED,
    }
    bad = Item.objects.get(key="wamid.bad")
    for _ in range(5):
        Item.objects.filter(pk=bad.pk).update(due_at=bad.received_at)
        processing.process("")
    bad.refresh_from_db()
    assert (bad.state, bad.error) == (ItemState.DEAD, "RuntimeError: boom")


def test_a_status_before_its_message_is_kept_for_it(address: str, company: Company) -> None:
    callbacks.post(
        address,
        callbacks.envelope(
            callbacks.change(statuses=[callbacks.status("wamid.unknown", "delivered")])
        ),
    )
    callbacks.work(company)

    orphan = OrphanReceipt.objects.get()
    assert (orphan.external_id, orphan.kind) == ("wamid.unknown", "delivered")
