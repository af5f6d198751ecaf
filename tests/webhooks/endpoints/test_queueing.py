"""From an event to its rows: with the fact or not at all, and once (reliability D1, D10)."""

from __future__ import annotations

from uuid import UUID

import orjson
import pytest
from django.db import transaction

from core import ids
from core.errors import Conflict
from crm.events import ContactDeleted
from crm.models import Contact
from events import bus, deliveries
from events.models import Delivery, Event, Interest
from messaging.enums import PublicState
from messaging.models import Message
from messaging.progress import Progress, tell
from tenants.models import Company
from tests.messaging import factories
from tests.webhooks.endpoints import driving
from tests.webhooks.endpoints.conftest import Make
from webhooks.endpoints.enums import DispatchState
from webhooks.endpoints.models import Dispatch, WebhookEvent
from webhooks.endpoints.services import endpoints, queueing


class Stop(Exception):
    """What a request dies of."""


@transaction.atomic
def told_and_undone(contact: Contact) -> None:
    bus.publish(ContactDeleted(contact=contact.pk))
    raise Stop


def interests() -> set[str]:
    rows = Interest.objects.filter(subscriber=queueing.SUBSCRIBER)
    return set(rows.values_list("type", flat=True))


def test_an_event_is_kept_for_its_endpoints_with_the_fact_or_not_at_all(
    company: Company, an_endpoint: Make
) -> None:
    an_endpoint(types=["contact.deleted"])
    contact = Contact.objects.create(name="Ana")
    with pytest.raises(Stop):
        told_and_undone(contact)
    assert Delivery.objects.count() == 0
    driving.an_event()
    assert Delivery.objects.get().subscriber == queueing.SUBSCRIBER
    deliveries.deliver(queueing.SUBSCRIBER)
    assert Dispatch.objects.get().state == DispatchState.PENDING


def test_only_what_somebody_asked_for_costs_a_row(company: Company, an_endpoint: Make) -> None:
    first = an_endpoint(types=["contact.deleted", "message.read"])
    assert interests() == {"contact.deleted", "messages.progressed"}
    endpoints.update_endpoint(endpoint=first, types=["campaign.created"])
    assert interests() == {"campaign.created"}
    driving.queued()
    assert Dispatch.objects.count() == 0
    every = an_endpoint(wants_all=True)
    assert {"campaign.created", "messages.progressed", "message.received"} <= interests()
    endpoints.deactivate(endpoint=every)
    endpoints.delete_endpoint(endpoint=first)
    assert interests() == set()


def test_a_batch_of_messages_becomes_an_event_for_each_with_lasting_ids(
    company: Company, an_endpoint: Make
) -> None:
    endpoint = an_endpoint(types=["message.delivered", "message.read"])
    number = factories.a_connection()
    rows = [
        Message.objects.create(
            contact=contact, connection=number, direction="out", kind="text", origin="api",
            address="+5511987654321", content={"text": "Oi"},
        )
        for contact in factories.contacts(3)
    ]  # fmt: skip
    reached = [PublicState.DELIVERED, PublicState.READ, PublicState.SENT]
    with transaction.atomic():
        tell(Progress(row.pk, None, None, state) for row, state in zip(rows, reached, strict=True))
    deliveries.deliver(queueing.SUBSCRIBER)
    bodies = [orjson.loads(row.body) for row in WebhookEvent.objects.order_by("type")]
    assert [body["type"] for body in bodies] == ["message.delivered", "message.read"]
    assert [body["data"]["message"]["id"] for body in bodies] == [
        ids.encode("msg", row.pk) for row in rows[:2]
    ]
    assert bodies[0]["data"]["contact"]["name"] == "Contact 0"
    assert len({body["id"] for body in bodies}) == 2
    # Told again after a crash: the same ids, so nothing new.
    again = Delivery.objects.select_related("event").get()
    queueing.queue(again.event)
    assert Dispatch.objects.filter(endpoint=endpoint).count() == 2


def test_the_queries_do_not_grow_with_the_batch(
    company: Company, an_endpoint: Make, django_assert_max_num_queries: object
) -> None:
    an_endpoint(types=["message.sent"])
    number = factories.a_connection()
    event = Event(
        type="messages.progressed",
        sequence=7,
        data={"items": [
            {"message": str(row.pk), "state": "sent"}
            for row in Message.objects.bulk_create(
                Message(
                    contact=contact, connection=number, direction="out", kind="text",
                    origin="api", address="+5511987654321",
                )
                for contact in factories.contacts(60)
            )
        ]},
    )  # fmt: skip
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        queueing.queue(event)
    assert Dispatch.objects.count() == 60


def test_an_automation_sends_to_one_endpoint_once_for_each_key(
    company: Company, an_endpoint: Make
) -> None:
    endpoint = an_endpoint(types=[])
    for key in ("run-1", "run-1", "run-2"):
        queueing.send(endpoint=endpoint, type="automation.called", data={"n": 1}, key=key)
    assert Dispatch.objects.count() == 2
    endpoints.deactivate(endpoint=endpoint)
    with pytest.raises(Conflict, match="off"):
        queueing.send(endpoint=endpoint, type="automation.called", data={}, key="run-3")


def test_an_event_of_an_unknown_contact_names_its_id_alone(company: Company) -> None:
    from webhooks.endpoints.contact_snapshots import Snapshots

    key = UUID("019aa5c2-7b00-7000-8000-5a3d1f6e2b94")
    shown = Snapshots({key}).of(key)
    assert shown == {"id": ids.encode("con", key), "name": "", "phone": "", "email": ""}


def test_an_event_of_a_contact_that_is_gone_is_told_all_the_same(
    company: Company, an_endpoint: Make
) -> None:
    an_endpoint(types=["contact.deleted"])
    with transaction.atomic():
        bus.publish(ContactDeleted(contact=UUID("019aa5c2-7b00-7000-8000-5a3d1f6e2b94")))
    deliveries.deliver(queueing.SUBSCRIBER)
    assert Dispatch.objects.get().state == DispatchState.PENDING
    assert WebhookEvent.objects.get().contact_id is None


def test_what_was_emptied_is_queued_for_nobody_who_came_since(
    company: Company, an_endpoint: Make
) -> None:
    an_endpoint()
    [event] = driving.queued()
    WebhookEvent.objects.update(body="")
    an_endpoint("/later")
    queueing.queue(event)
    assert Dispatch.objects.count() == 1
