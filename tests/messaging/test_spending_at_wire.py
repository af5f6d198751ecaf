"""What a wave uses up, against the sandbox: money and room in the limit, taken and given back."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from connections.models import Connection
from messaging.dispatch import lanes
from messaging.dispatch.pump import pump
from messaging.enums import StreamState
from messaging.models import Budget, Message, SendingPolicy, Stream, Template, TierUse
from messaging.services import overspending, spending, streams
from sandbox.testing import Handle
from tenants.models import Company
from tests.messaging import factories

PRICE = Decimal("0.0625")


@pytest.fixture
def connection(company: Company, sandbox: Handle) -> Connection:
    SendingPolicy.objects.create(currency="USD")
    return factories.a_connection(tier="TIER_250", portfolio_id="business")


@pytest.fixture
def template(connection: Connection) -> Template:
    return factories.a_template(connection, category="MARKETING")


def a_run(connection: Connection, template: Template, number: int, **fields: Any) -> Stream:
    run = factories.a_run(connection, template, number, purpose="marketing")
    Stream.objects.filter(pk=run.pk).update(currency="USD", **fields)
    factories.start(run)
    return run


def send_all(connection: Connection) -> None:
    """A slice may end before its first wave where the machine is busy; the next one goes on."""
    for _ in range(3):
        pump(lanes.RUNS, str(connection.pk))


def codes(run: Stream) -> dict[str, int]:
    """How many rows of a run are in each state for each reason."""
    found: dict[str, int] = {}
    for row in Message.objects.filter(stream=run):
        key = f"{row.dispatch} {row.code}".strip()
        found[key] = found.get(key, 0) + 1
    return found


def held() -> list[tuple[str, Decimal]]:
    rows = Budget.objects.order_by("stream", "month")
    return [("month" if row.month else "run", row.used) for row in rows]


def test_a_run_spends_its_budget_and_no_more_and_then_pauses(
    connection: Connection, template: Template
) -> None:
    run = a_run(connection, template, 5, budget=PRICE * 3)
    send_all(connection)

    assert codes(run) == {"accepted": 3, "queued budget_reached": 2}
    assert held() == [("run", PRICE * 3), ("month", PRICE * 3)]
    for key, _at in overspending.due(None):
        overspending.pause_spent(stream_id=Stream.objects.get(pk=key).pk)
    run.refresh_from_db()
    assert run.state == StreamState.PAUSED

    spending.limit_run(stream_id=run.pk, budget=PRICE * 5, currency="USD")
    streams.resume(stream_id=run.pk)
    Message.objects.filter(stream=run, dispatch="queued").update(due_at=run.created_at)
    Stream.objects.update(is_probing=False)
    send_all(connection)
    assert codes(run) == {"accepted": 5}
    before = held()
    spending.recount()
    assert held() == before == [("run", PRICE * 5), ("month", PRICE * 5)]


def test_a_refusal_gives_money_and_room_back(
    connection: Connection, template: Template, sandbox: Handle
) -> None:
    run = a_run(connection, template, 3)
    refused = Message.objects.filter(stream=run).order_by("pk")[0]
    rule = {"when": {"recipient": refused.address.lstrip("+")}, "do": "error:131026"}
    sandbox.http.post(
        "/_sandbox/faults", json={"provider": "meta", "rules": [rule]}
    ).raise_for_status()
    send_all(connection)

    assert codes(run) == {"accepted": 2, "rejected 131026": 1}
    assert held() == [("run", PRICE * 2), ("month", PRICE * 2)]
    assert TierUse.objects.count() == 2
    assert not TierUse.objects.filter(contact=refused.contact_id).exists()


def test_the_portfolios_limit_holds_back_what_is_too_many(
    connection: Connection, template: Template
) -> None:
    Connection.objects.update(tier="TIER_2")
    run = a_run(connection, template, 5)
    send_all(connection)

    assert codes(run) == {"accepted": 2, "queued tier_limit": 3}
    assert held() == [("run", PRICE * 2), ("month", PRICE * 2)]
    first_use = TierUse.objects.order_by("at").values_list("at", flat=True)[0]
    waits = Message.objects.filter(stream=run, code="tier_limit").values_list("due_at", flat=True)
    assert {(due - first_use).total_seconds() for due in waits} == {86_400.0}


def test_a_message_alone_counts_in_the_month_in_which_it_leaves(
    company: Company, connection: Connection, template: Template
) -> None:
    SendingPolicy.objects.update(monthly_budget=PRICE)
    lines = {"kind": "template", "template": template, "purpose": "marketing"}
    waited = timezone.now() - timedelta(days=40)
    for _ in range(2):
        factories.an_outgoing(connection, at=waited, variables={"1": "Ana", "2": "#7"}, **lines)
    for _ in range(3):
        pump(lanes.REPLIES, str(connection.pk))

    found = Message.objects.order_by("pk").values_list("dispatch", "code")
    assert list(found) == [("accepted", ""), ("queued", "budget_reached")]
    this_month = spending.month_of(timezone.now(), company)
    assert [(row.month, row.used) for row in Budget.objects.all()] == [(this_month, PRICE)]
    spending.recount()
    assert [(row.month, row.used) for row in Budget.objects.all()] == [(this_month, PRICE)]
