"""What nobody could be given waits for its number, for a week."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from core import scope
from messaging.models import Message
from tenants.enums import RouteKind
from tenants.models import Company, Route
from tests.messaging import factories
from tests.webhooks import callbacks
from webhooks.ingress.enums import EnvelopeState, ParkedReason
from webhooks.ingress.models import Envelope, ParkedItem
from webhooks.ingress.services import parking
from webhooks.models import Item
from webhooks.services import processing


def test_what_came_before_its_number_connected_is_handed_over_then(
    company: Company, settings: Any
) -> None:
    settings.META_APP_SECRET = callbacks.SECRET
    callbacks.post(
        "/webhooks/meta/",
        callbacks.envelope(callbacks.change(messages=[callbacks.text("wamid.early")])),
    )
    callbacks.work()
    connection = factories.a_connection()
    callbacks.an_address(company, connection)

    given = parking.replay(provider=connection.provider, number_id=connection.external_id)
    again = parking.replay(provider=connection.provider, number_id=connection.external_id)
    processing.process("")

    assert (given, again) == (1, 0)
    assert Message.objects.get().external_id == "wamid.early"


def park(age: timedelta, route: Route | None = None) -> None:
    with scope.public():
        envelope = Envelope.objects.create(
            provider="whatsapp_cloud", sha256=str(age), route=route, state=EnvelopeState.SPLIT
        )
        ParkedItem.objects.create(
            envelope=envelope,
            provider="whatsapp_cloud",
            external_id=factories.NUMBER,
            reason=ParkedReason.UNKNOWN_NUMBER,
            item={"position": 0, "kind": "unknown", "key": str(age), "data": {"topic": "x"}},
            created_at=timezone.now() - age,
        )


def test_what_is_older_than_a_week_stays_parked(company: Company) -> None:
    park(timedelta(days=6))
    park(timedelta(days=8))

    given = parking.replay(provider="whatsapp_cloud", number_id=factories.NUMBER)

    assert given == 1
    assert Item.objects.get().key == str(timedelta(days=6))


def test_what_came_to_another_companys_own_address_stays_theirs(
    company: Company, boreal: Company
) -> None:
    with scope.opened(boreal):
        callbacks.an_address(boreal, factories.a_connection(factories.OTHER_NUMBER))
    with scope.public():
        theirs = Route.objects.get(kind=RouteKind.WEBHOOK)
    park(timedelta(hours=1), theirs)

    assert parking.replay(provider="whatsapp_cloud", number_id=factories.NUMBER) == 0
    assert not Item.objects.exists()
