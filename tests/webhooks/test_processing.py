"""From an envelope to what it means: each item to its company, once, and none in another's way."""

from typing import Any

import pytest
from django.db.models import F

from connections.models import Connection
from core import scope
from messaging.enums import DispatchState
from messaging.models import Message, OrphanReceipt
from messaging.models import Receipt as LedgerLine
from messaging.services import inbound
from tenants.models import Company
from tests.messaging import factories
from tests.webhooks import callbacks
from webhooks.enums import ItemState
from webhooks.ingress.enums import EnvelopeState, ParkedReason
from webhooks.ingress.models import Envelope, ParkedItem
from webhooks.ingress.services import envelopes, parking
from webhooks.models import Item
from webhooks.services import inbox, processing


@pytest.fixture
def connection(company: Company) -> Connection:
    return factories.a_connection()


@pytest.fixture
def address(company: Company, connection: Connection) -> str:
    return callbacks.an_address(company, connection)


def work(*companies: Company) -> None:
    """What the workers do after a callback."""
    with scope.public():
        envelopes.split("")
    for company in companies:
        with scope.opened(company):
            processing.process("")


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
    work(company)

    message = Message.objects.select_related("contact", "thread").get()
    assert (message.content["text"], message.contact.name) == ("Bom dia", "Ana")
    assert message.thread is not None
    assert message.thread.address == "5511987654321"
    assert Item.objects.get().state == ItemState.PROCESSED


def test_only_hash_and_counts_of_the_envelope_stay(address: str, company: Company) -> None:
    callbacks.post(
        address, callbacks.envelope(callbacks.change(messages=[callbacks.text("wamid.1")]))
    )
    work(company)

    with scope.public():
        stored = Envelope.objects.get()
    assert (stored.state, stored.items, stored.body) == (EnvelopeState.SPLIT, 1, None)


def test_every_item_goes_to_the_company_of_its_own_number(
    connection: Connection, company: Company, boreal: Company, settings: Any
) -> None:
    settings.META_APP_SECRET = callbacks.SECRET
    callbacks.an_address(company, connection)
    with scope.opened(boreal):
        other = factories.a_connection(factories.OTHER_NUMBER)
        callbacks.an_address(boreal, other)
    body = callbacks.envelope(
        callbacks.change(messages=[callbacks.text("wamid.a", "for Aurora")]),
        callbacks.change(
            factories.OTHER_NUMBER, messages=[callbacks.text("wamid.b", "for Boreal")]
        ),
        callbacks.change("999", messages=[callbacks.text("wamid.c", "for nobody")]),
        {"field": "messages", "value": "not an object"},
    )

    callbacks.post("/webhooks/meta/", body)
    work(company, boreal)

    assert [row.content["text"] for row in Message.objects.all()] == ["for Aurora"]
    with scope.opened(boreal):
        assert [row.content["text"] for row in Message.objects.all()] == ["for Boreal"]
    with scope.public():
        parked = dict(ParkedItem.objects.values_list("reason", "external_id"))
    assert parked == {ParkedReason.UNKNOWN_NUMBER: "999", ParkedReason.UNREADABLE: ""}


def test_a_companys_address_takes_no_item_for_another_companys_number(
    address: str, company: Company, boreal: Company
) -> None:
    with scope.opened(boreal):
        other = factories.a_connection(factories.OTHER_NUMBER)
        callbacks.an_address(boreal, other)

    callbacks.post(
        address,
        callbacks.envelope(
            callbacks.change(factories.OTHER_NUMBER, messages=[callbacks.text("wamid.x")])
        ),
    )
    work(company, boreal)

    with scope.opened(boreal):
        assert Message.objects.count() == 0
    assert Message.objects.count() == 0
    with scope.public():
        assert ParkedItem.objects.get().reason == ParkedReason.UNKNOWN_NUMBER


def test_a_repeated_item_changes_nothing(address: str, company: Company) -> None:
    for noise in range(3):
        message = callbacks.text("wamid.1", timestamp="1700000000", noise=noise)
        callbacks.post(address, callbacks.envelope(callbacks.change(messages=[message])))
        work(company)

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
    work(company)

    sent.refresh_from_db()
    assert sent.rank == 30
    assert LedgerLine.objects.count() == 3


def test_a_kind_that_we_do_not_know_is_kept(address: str, company: Company) -> None:
    callbacks.post(address, callbacks.envelope({"field": "flows", "value": {"event": "X"}}))
    work(company)

    item = Item.objects.get()
    assert (item.kind, item.state, item.data["raw"]) == (
        "unknown",
        ItemState.IGNORED,
        {"field": "flows", "value": {"event": "X"}},
    )


def test_one_failing_item_is_tried_again_and_the_others_are_done(
    address: str, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive = inbound.receive

    def fails_for_one(*, connection: Connection, inbound: Any) -> Any:
        if inbound.external_id == "wamid.bad":
            message = "boom"
            raise RuntimeError(message)
        return receive(connection=connection, inbound=inbound)

    monkeypatch.setattr(inbound, "receive", fails_for_one)
    texts = [callbacks.text(f"wamid.{name}") for name in ("one", "bad", "two")]
    callbacks.post(address, callbacks.envelope(callbacks.change(messages=texts)))
    work(company)

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


def test_an_item_given_up_is_done_after_the_mending(address: str, company: Company) -> None:
    callbacks.post(
        address, callbacks.envelope(callbacks.change(messages=[callbacks.text("wamid.1")]))
    )
    work()
    Item.objects.update(state=ItemState.DEAD, error="boom", attempts=5)

    inbox.process_again(item=Item.objects.get())
    processing.process("")

    assert Item.objects.get().state == ItemState.PROCESSED
    assert Message.objects.count() == 1


def test_what_came_before_its_number_connected_is_handed_over_then(
    company: Company, settings: Any
) -> None:
    settings.META_APP_SECRET = callbacks.SECRET
    callbacks.post(
        "/webhooks/meta/",
        callbacks.envelope(callbacks.change(messages=[callbacks.text("wamid.early")])),
    )
    work()
    connection = factories.a_connection()
    callbacks.an_address(company, connection)

    given = parking.replay(provider=connection.provider, number_id=connection.external_id)
    again = parking.replay(provider=connection.provider, number_id=connection.external_id)
    processing.process("")

    assert (given, again) == (1, 0)
    assert Message.objects.get().external_id == "wamid.early"


def test_a_status_before_its_message_is_kept_for_it(address: str, company: Company) -> None:
    callbacks.post(
        address,
        callbacks.envelope(
            callbacks.change(statuses=[callbacks.status("wamid.unknown", "delivered")])
        ),
    )
    work(company)

    orphan = OrphanReceipt.objects.get()
    assert (orphan.external_id, orphan.kind) == ("wamid.unknown", "delivered")


def test_a_poisonous_envelope_is_given_up_after_five_deaths(address: str) -> None:
    callbacks.post(
        address, callbacks.envelope(callbacks.change(messages=[callbacks.text("wamid.1")]))
    )
    with scope.public():
        for _ in range(6):
            Envelope.objects.update(due_at=F("received_at"))
            envelopes._take()  # taken, and then the worker dies
        assert Envelope.objects.get().state == EnvelopeState.DEAD
