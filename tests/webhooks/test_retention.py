"""What was received long ago is forgotten; what nobody handled is not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections.models import Connection
from connections.providers.base import Unknown
from core import scope
from core.ids import uuid7
from core.models import AgendaRow
from tenants.models import Company
from tests.messaging import factories
from webhooks.agenda import FORGET
from webhooks.enums import ItemState
from webhooks.models import Item
from webhooks.services import inbox, retention
from webhooks.tasks import forget_received


def items(**ages: int) -> None:
    """Received items by name, so many days old."""
    told = [Unknown(topic=name, number_id=factories.NUMBER) for name in ages]
    arrived = inbox.arrivals(uuid7(), timezone.now(), enumerate(told))
    inbox.accept(provider="whatsapp_cloud", arrivals=list(arrived))
    Item.objects.update(state=ItemState.PROCESSED)
    for name, days in ages.items():
        at = timezone.now() - timedelta(days=days)
        Item.objects.filter(key=name).update(received_at=at)


def kept() -> set[str]:
    return set(Item.objects.values_list("key", flat=True))


def test_what_is_too_old_goes_and_the_rest_stays(connection: Connection) -> None:
    items(old=91, young=89)
    retention.forget_old("")
    assert kept() == {"young"}
    assert list(retention.due(None)) == []


@pytest.mark.parametrize("state", [ItemState.RECEIVED, ItemState.RETRY, ItemState.DEAD])
def test_what_nobody_handled_stays(connection: Connection, state: ItemState) -> None:
    items(old=91)
    Item.objects.update(state=state)
    retention.forget_old("")
    assert kept() == {"old"}


def test_a_slice_that_is_over_leaves_the_rest_to_the_next(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    items(one=93, two=92, three=91)
    monkeypatch.setattr(retention, "BATCH", 1)
    monkeypatch.setattr(retention, "SLICE_SECONDS", 0.0)
    retention.forget_old("")
    assert kept() == {"one", "two", "three"}
    assert AgendaRow.objects.filter(kind=FORGET).exists()
    monkeypatch.setattr(retention, "SLICE_SECONDS", 5.0)
    retention.forget_old("")
    assert kept() == set()


def test_the_clock_asks_every_company(company: Company) -> None:
    with scope.public():
        forget_received()
        assert company.schema_name in set(
            AgendaRow.objects.filter(kind=FORGET).values_list("schema", flat=True)
        )
