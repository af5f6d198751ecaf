"""Rows C3, C4 and C5 of the reliability table, over the whole way from the door to the items."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from django.db import connection as database
from django.utils import timezone

from connections.models import Connection
from core import scope
from messaging.models import Message, OrphanReceipt
from tenants.models import Company
from tests.messaging import factories
from tests.webhooks import callbacks
from webhooks.ingress.models import Envelope, ParkedItem
from webhooks.ingress.services import envelopes
from webhooks.models import Item

BODY = callbacks.envelope(callbacks.change(messages=[callbacks.text("wamid.1")]))


def test_c3_a_callback_that_is_replayed_for_eight_days_has_one_effect(
    address: str, company: Company, time_machine: Any
) -> None:
    """Meta signs no time, so its callbacks are told from others by their bytes, for long."""
    began = timezone.now()
    for after in (0, 299, 301, 7 * 86_400, 8 * 86_400):
        time_machine.move_to(began + timedelta(seconds=after))
        assert callbacks.post(address, BODY).status_code == 200
        callbacks.work(company)

    assert Message.objects.filter(external_id="wamid.1").count() == 1
    with scope.public():
        assert Envelope.objects.get().seen == 5


def test_c4_the_same_callback_many_times_at_once_is_one_message(
    fresh_database: None, django_db_blocker: Any
) -> None:
    """PostgreSQL's unique key decides: each of these threads stores by itself, past the
    microbatch that they would share."""
    arrived = envelopes.Arrived("whatsapp_cloud", "a" * 64, None)

    def store(_: int) -> None:
        try:
            with scope.public():
                envelopes.store_many([(arrived, b"{}")])
        finally:
            database.close()

    with django_db_blocker.unblock():
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(store, range(50)))
        with scope.public():
            assert Envelope.objects.get().seen == 50


def test_c5_a_batch_of_three_companies_loses_none_of_its_items(
    company: Company, other_company: Company, connection: Connection, settings: Any
) -> None:
    """Three entries of three changes, each with two messages and three statuses, for a number of
    ours, one of somebody else's and one of nobody's; an item in one of them cannot be read."""
    callbacks.an_address(company, connection)
    with scope.opened(other_company):
        theirs = factories.a_connection(external_id="777", account_id="778")
        callbacks.an_address(other_company, theirs)
    settings.META_APP_SECRET = callbacks.SECRET
    numbers = (connection.external_id, "777", "nobody")
    posted = [
        {"id": factories.ACCOUNT, "changes": [_change(number, entry) for number in numbers]}
        for entry in range(3)
    ]
    posted[0]["changes"][0]["value"]["messages"].append("no message at all")
    body = json.dumps({"object": "whatsapp_business_account", "entry": posted}).encode()

    assert callbacks.post("/webhooks/meta/", body).status_code == 200
    callbacks.work(company, other_company)

    assert {name: heard(one) for name, one in (("a", company), ("b", other_company))} == {
        "a": sorted(_wamids(connection.external_id)),
        "b": sorted(_wamids("777")),
    }
    for one in (company, other_company):
        with scope.opened(one):
            assert OrphanReceipt.objects.count() == 9
    with scope.public():
        parked = set(ParkedItem.objects.values_list("external_id", flat=True))
    assert parked == {"nobody"}
    assert Item.objects.filter(kind="malformed").count() == 1


def _change(number: str, entry: int) -> dict[str, Any]:
    return callbacks.change(
        number_id=number,
        messages=[callbacks.text(f"wamid.{number}.{entry}.{index}") for index in range(2)],
        statuses=[
            callbacks.status(f"wamid.out.{number}.{entry}.{index}", "delivered")
            for index in range(3)
        ],
    )


def _wamids(number: str) -> list[str]:
    return [f"wamid.{number}.{entry}.{index}" for entry in range(3) for index in range(2)]


def heard(company: Company) -> list[str]:
    with scope.opened(company):
        return sorted(
            Message.objects.filter(external_id__startswith="wamid.").values_list(
                "external_id", flat=True
            )
        )
