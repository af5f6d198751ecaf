"""What each kind of item comes to."""

from django.utils import timezone

from connections.models import Connection
from connections.providers.base import (
    Identities,
    InboundMessage,
    Malformed,
    NeutralItem,
    NumberUpdate,
)
from core.ids import uuid7
from tenants.models import Company
from tests.messaging import factories
from tests.webhooks import callbacks
from webhooks import items as rows
from webhooks.enums import ItemState
from webhooks.models import Item
from webhooks.services import handlers


def test_a_kind_that_we_do_not_know_is_kept(address: str, company: Company) -> None:
    callbacks.post(address, callbacks.envelope({"field": "flows", "value": {"event": "X"}}))
    callbacks.work(company)

    item = Item.objects.get()
    assert (item.kind, item.state, item.data["raw"]) == (
        "unknown",
        ItemState.IGNORED,
        {"field": "flows", "value": {"event": "X"}},
    )


def item_of(told: NeutralItem, connection: Connection | None = None) -> Item:
    packed = rows.pack(told, 0)
    return Item.objects.create(
        envelope_id=uuid7(),
        position=0,
        connection=connection,
        provider="whatsapp_cloud",
        kind=packed.kind,
        key=packed.key,
        data=packed.data,
    )


def test_a_number_that_is_not_ours_is_not_used(company: Company) -> None:
    told = NumberUpdate(account_id="1", number_id="999", quality="GREEN")
    assert handlers.handle(item_of(told), told) == ItemState.IGNORED


def test_a_number_of_ours_is_kept_up_to_date(connection: Connection) -> None:
    told = NumberUpdate(
        account_id=connection.account_id, number_id=connection.external_id, verified_name="Aurora"
    )
    assert handlers.handle(item_of(told, connection), told) == ItemState.PROCESSED
    connection.refresh_from_db()
    assert connection.verified_name == "Aurora"


def test_what_cannot_be_read_is_given_up_at_once(company: Company) -> None:
    told = Malformed(error="not an object")
    assert handlers.handle(item_of(told), told) == ItemState.DEAD


def test_an_item_finds_the_number_that_connected_after_it_came(
    company: Company,
) -> None:
    told = InboundMessage(
        number_id=factories.NUMBER,
        account_id=factories.ACCOUNT,
        external_id="wamid.1",
        identities=Identities(wa_id="5511987654321", phone="5511987654321"),
        at=timezone.now(),
        kind="text",
        content={"text": "Oi"},
    )
    item = item_of(told)
    connection = factories.a_connection()

    assert handlers.handle(item, told) == ItemState.PROCESSED
    item.refresh_from_db()
    assert item.connection_id == connection.pk
