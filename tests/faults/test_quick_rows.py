"""Rows of the reliability table that need no processes of their own: A5, B1 (131056), B9, B11 and
B13 (a template that pauses), each over the whole way from the queue to the provider's ledger."""

import itertools
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from campaigns.enums import CampaignState
from campaigns.models import Campaign
from campaigns.services import lifecycle, preparation
from connections.models import Connection
from connections.providers.base import Receipt as Told
from core import redis
from crm.services.contacts import OptIn
from events.deliveries import deliver
from messaging.dispatch import lanes
from messaging.dispatch.pump import pump
from messaging.enums import DispatchState, PublicState, Rank, TemplateStatus
from messaging.models import Message, OrphanReceipt, Receipt, Stream, Template
from messaging.selectors import public_state
from messaging.services import breakers, receipts, streams
from sandbox.testing import Handle
from tenants.models import Company
from tests.campaigns.factories import a_campaign
from tests.crm.factories import a_contact
from tests.messaging import factories
from tests.messaging.factories import states_of

D = DispatchState


@pytest.fixture
def connection(company: Company, sandbox: Handle) -> Connection:
    return factories.a_connection()


@pytest.fixture
def template(connection: Connection) -> Template:
    return factories.a_template(connection)


def recipients(sandbox: Handle) -> Counter[str]:
    """How often the provider accepted something for each address."""
    answer = sandbox.http.get("/_sandbox/ledger", params={"limit": 5000})
    return Counter(item["recipient"] for item in answer.json()["results"])


def fail_with(sandbox: Handle, *rules: dict[str, Any]) -> None:
    body = {"provider": "meta", "rules": list(rules)}
    sandbox.http.post("/_sandbox/faults", json=body).raise_for_status()


def send_all(connection: Connection, slices: int = 1) -> None:
    for _ in range(slices):
        pump(lanes.RUNS, str(connection.pk))


def due_now() -> None:
    Message.objects.filter(dispatch=D.RETRY_WAIT).update(due_at=timezone.now())


@contextmanager
def redis_that_loses_everybody() -> Iterator[list[int]]:
    """Close every connection to our own Redis database again and again, as restarts do; in the
    list, how many each time."""
    closed: list[int] = []
    over = threading.Event()
    server = redis.client()
    mine = str(server.connection_pool.connection_kwargs.get("db", 0))

    def hurt() -> None:
        with server.client() as one:
            self_id = one.client_id()
            while not over.wait(0.03):
                others = [row for row in one.client_list() if row["db"] == mine]
                ids = {int(row["id"]) for row in others} - {self_id}
                closed.append(sum(one.client_kill_filter(_id=str(pk)) for pk in ids))

    thread = threading.Thread(target=hurt)
    thread.start()
    try:
        yield closed
    finally:
        over.set()
        thread.join(10)


def test_a5_a_redis_that_restarts_costs_time_and_nobody(
    connection: Connection, template: Template, sandbox: Handle
) -> None:
    Connection.objects.update(rate_per_second=150)
    stream = factories.a_run(connection, template, 60)
    factories.start(stream)
    with redis_that_loses_everybody() as closed:
        send_all(connection)
    assert sum(closed) > 0
    redis.reset()
    send_all(connection, 2)

    assert states_of(stream) == {D.ACCEPTED: 60}
    assert set(recipients(sandbox).values()) == {1}
    assert len(recipients(sandbox)) == 60


def test_a5_without_redis_it_goes_on_slower(
    connection: Connection, template: Template, sandbox: Handle, settings: Any
) -> None:
    stream = factories.a_run(connection, template, 20)
    factories.start(stream)
    there, settings.REDIS_URL = settings.REDIS_URL, "redis://127.0.0.1:1/0"
    redis.reset()
    send_all(connection)
    settings.REDIS_URL = there
    redis.reset()
    left_without = len(recipients(sandbox))
    send_all(connection)

    assert left_without > 0
    assert states_of(stream) == {D.ACCEPTED: 20}
    assert set(recipients(sandbox).values()) == {1}


def test_b1_a_pair_that_is_too_quick_is_a_delay_and_no_failure(
    connection: Connection, template: Template, sandbox: Handle
) -> None:
    fail_with(sandbox, {"when": {"path": "/messages"}, "do": "error:131056", "times": 30})
    stream = factories.a_run(connection, template, 30)
    factories.start(stream)
    send_all(connection)

    assert states_of(stream) == {D.RETRY_WAIT: 30}
    assert streams.recount(stream_id=stream.pk)["failed"] == 0
    assert Stream.objects.get().state == "running"
    assert connection.state == "active"
    soonest = Message.objects.order_by("due_at").values_list("due_at", flat=True)[0]
    assert soonest is not None
    assert soonest >= timezone.now() + timedelta(seconds=4)

    due_now()
    send_all(connection)
    assert states_of(stream) == {D.ACCEPTED: 30}
    assert set(Message.objects.values_list("attempt", flat=True)) == {1}
    assert set(recipients(sandbox).values()) == {1}


@pytest.mark.parametrize("order", list(itertools.permutations(("sent", "failed", "delivered"))))
def test_b9_whatever_the_order_the_phone_has_the_last_word(
    connection: Connection, order: tuple[str, ...]
) -> None:
    message = factories.an_outgoing(connection, dispatch=D.ACCEPTED, external_id="wamid.1")
    for kind in order:
        receipts.apply(connection=connection, receipts=[told(kind)])

    message.refresh_from_db()
    assert (public_state(message), message.code) == (PublicState.DELIVERED, "")
    assert Receipt.objects.get(kind="failed").code == "131026"


@pytest.mark.parametrize("order", [("sent", "failed"), ("failed", "sent")])
def test_b9_without_a_delivery_the_failure_stays(
    connection: Connection, order: tuple[str, ...]
) -> None:
    message = factories.an_outgoing(connection, dispatch=D.ACCEPTED, external_id="wamid.1")
    for kind in order:
        receipts.apply(connection=connection, receipts=[told(kind)])

    message.refresh_from_db()
    assert (public_state(message), message.code) == (PublicState.FAILED, "131026")


def test_b11_our_key_and_our_id_move_nothing_at_another_number(connection: Connection) -> None:
    other = factories.a_connection(factories.OTHER_NUMBER)
    ours = factories.an_outgoing(connection, dispatch=D.ACCEPTED, external_id="wamid.1")
    receipts.apply(
        connection=other,
        receipts=[told("read"), told("read", "wamid.2", send_key=str(ours.send_key))],
    )

    ours.refresh_from_db()
    assert (ours.rank, ours.external_id) == (Rank.NONE, "wamid.1")
    put_aside = OrphanReceipt.objects.values_list("connection", "external_id")
    assert set(put_aside) == {(other.pk, "wamid.1"), (other.pk, "wamid.2")}


def test_b13_a_template_paused_during_a_run_pauses_it_and_nobody_fails(
    connection: Connection, sandbox: Handle
) -> None:
    for number in range(4):
        a_contact(f"Ana {number}", opt_in=OptIn(source="loja"))
    template = factories.a_template(connection)
    campaign = a_campaign(template, variables={"1": {"value": "Ana"}, "2": {"value": "#7"}})
    lifecycle.start(campaign_id=campaign.pk, actor="system")
    preparation.prepare(campaign.pk)
    rule = {"when": {"path": "/messages"}, "do": "error:132015", "times": 4}
    fail_with(sandbox, rule)
    send_all(connection)
    deliver_facts()

    assert state_of(campaign) == (CampaignState.PAUSED, "template_paused")
    assert states_of(campaign.stream) == {D.RETRY_WAIT: 4}
    assert recipients(sandbox) == {}

    Template.objects.update(paused_until=timezone.now())
    breakers.try_template(template.pk)
    deliver_facts()
    due_now()
    for _ in range(4):
        send_all(connection)
        due_now()

    assert Template.objects.get().status == TemplateStatus.APPROVED
    assert states_of(campaign.stream) == {D.ACCEPTED: 4}
    assert set(recipients(sandbox).values()) == {1}


def told(kind: str, external_id: str = "wamid.1", **fields: Any) -> Told:
    return Told(
        number_id=factories.NUMBER,
        account_id=factories.ACCOUNT,
        external_id=external_id,
        kind=kind,
        at=timezone.now(),
        code="131026" if kind == "failed" else "",
        **fields,
    )


def state_of(campaign: Campaign) -> tuple[str, str]:
    found = Campaign.objects.get(pk=campaign.pk)
    return found.state, found.state_code


def deliver_facts() -> None:
    for name in ("campaigns.pause_for_template", "campaigns.resume_for_template"):
        deliver(name)
