"""Money: what no longer fits waits, and its run pauses."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from connections.models import Connection
from core.models import AgendaRow
from messaging import gate
from messaging.agenda import OVERSPENT
from messaging.gate import Memory
from messaging.models import Budget, Stream, Thread
from messaging.services import spending
from tenants.models import Company
from tests.messaging import factories
from tests.messaging.gate_checks.conftest import Make, judge, judge_at_wire, policy

NOW = timezone.now()
ALLOW, EMPTY = ("allow", ""), ("delay", "budget_reached")
PRICE = Decimal("0.0625")  # of a marketing message to Brazil, in dollars


@pytest.fixture(autouse=True)
def dollars(company: Company) -> None:
    policy(currency="USD", windows={})


def test_a_month_has_room_for_so_many_messages(make: Make, company: Company) -> None:
    policy(monthly_budget=PRICE * 3)
    Budget.objects.create(month=spending.month_of(NOW, company), currency="USD", used=PRICE)
    batch = [make(one) for one in factories.contacts(4)]
    [*_, last] = gate.judge(batch, now=NOW)

    assert judge(batch, NOW) == [ALLOW, ALLOW, EMPTY, EMPTY]
    assert last.inputs == {
        "scope": "month",
        "limit": "0.187500",
        "price": "0.062500",
        "currency": "USD",
    }


def test_a_runs_budget_is_its_own(make: Make) -> None:
    run = Stream.objects.create(budget=PRICE, currency="USD")
    people = factories.contacts(3)
    batch = [make(people[0], stream_id=run.pk), make(people[1], stream_id=run.pk), make(people[2])]
    assert judge(batch, NOW) == [ALLOW, EMPTY, ALLOW]


def test_a_budget_counts_its_own_currency_alone(make: Make) -> None:
    policy(monthly_budget=Decimal(0), currency="EUR")
    assert judge([make(one) for one in factories.contacts(2)], NOW) == [ALLOW] * 2


def test_answers_are_counted_but_never_held_back(make: Make, connection: Connection) -> None:
    policy(monthly_budget=PRICE)
    people = factories.contacts(2)
    answer = make(people[0], kind="text", purpose="service", template_id=None)
    Thread.objects.create(
        contact=people[0], connection=connection, address=answer.address, window_until=later()
    )
    assert judge([make(people[1]), answer], NOW) == [EMPTY, ALLOW]


def later() -> object:
    return NOW + timedelta(hours=1)


def test_the_chunks_of_a_preflight_share_one_purse(make: Make) -> None:
    policy(monthly_budget=PRICE * 3)
    chunks = [[make(one) for one in factories.contacts(2)] for _ in range(2)]
    memory = Memory()
    found = [judge(chunk, NOW, effects=False, memory=memory) for chunk in chunks]
    assert found == [[ALLOW, ALLOW], [ALLOW, EMPTY]]


def test_at_the_wire_a_run_without_money_is_to_be_paused_and_others_are_not(make: Make) -> None:
    poor = Stream.objects.create(budget=PRICE / 2, currency="USD")
    rich = Stream.objects.create(budget=PRICE * 2, currency="USD")
    people = factories.contacts(2)
    batch = [make(people[0], stream_id=poor.pk), make(people[1], stream_id=rich.pk)]

    assert judge_at_wire(batch, NOW) == [EMPTY, ALLOW]
    due = AgendaRow.objects.filter(kind=OVERSPENT).values_list("key", flat=True)
    assert list(due) == [str(poor.pk)]
