"""What was received long ago is forgotten; what nobody handled is not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connections.models import Connection
from connections.providers.base import Unknown
from core.ids import uuid7
from team.services import retention
from tests.messaging import factories
from webhooks.enums import ItemState
from webhooks.models import Item
from webhooks.services import inbox


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


def a_night() -> None:
    retention.begin()
    retention.run("received")


def test_what_is_too_old_goes_and_the_rest_stays(connection: Connection) -> None:
    items(old=91, young=89)
    a_night()
    assert kept() == {"young"}


def test_a_company_may_keep_them_for_another_time(connection: Connection) -> None:
    items(old=91, young=8)
    retention.set_period(code="received", days=7)
    a_night()
    assert kept() == set()


@pytest.mark.parametrize("state", [ItemState.RECEIVED, ItemState.RETRY, ItemState.DEAD])
def test_what_nobody_handled_stays(connection: Connection, state: ItemState) -> None:
    items(old=91)
    Item.objects.update(state=state)
    a_night()
    assert kept() == {"old"}
