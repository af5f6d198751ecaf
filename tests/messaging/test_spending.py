"""Money of messages: held, released, settled; the budgets always say what the rows say."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connections.models import Connection
from core.ids import uuid7
from messaging import pricing
from messaging.gate import Candidate, Moment
from messaging.models import Budget, Message, SendingPolicy, Stream, Template, Thread
from messaging.services import spending
from messaging.services.spending import Billing, Line, Quote
from tenants.models import Company
from tests.messaging import factories

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
MARKETING, UTILITY = Decimal("0.0625"), Decimal("0.0068")
Books = list[tuple[str, str, Decimal]]


@pytest.fixture
def connection(company: Company) -> Connection:
    SendingPolicy.objects.create(currency="USD")
    return factories.a_connection()


@pytest.fixture
def run(connection: Connection) -> Stream:
    return Stream.objects.create(currency="USD")


def a_message(connection: Connection, run: Stream | None = None, **fields: Any) -> Message:
    """Being sent, its price written by the statement that began it."""
    defaults = {"cost": MARKETING, "currency": "USD", "at": NOW, "dispatch": "sending"}
    return factories.an_outgoing(connection, stream=run, **{**defaults, **fields})


def hold(*messages: Message, at: datetime = NOW) -> None:
    alone = [one.pk for one in messages if one.stream_id is None]
    Message.objects.filter(pk__in=alone).update(wire_at=at)
    moment = Moment(at, effects=True, is_at_wire=True)
    prices = {
        one.pk: pricing.Price(one.cost, one.currency, "marketing") for one in messages if one.cost
    }
    spending.hold(moment, [Candidate.of(one) for one in messages], prices)


def books() -> Books:
    """Every budget: its month or "run", currency and what is used."""
    rows = Budget.objects.order_by("stream", "month", "currency")
    return [(f"{row.month:%Y-%m}" if row.month else "run", row.currency, row.used) for row in rows]


def recounted() -> Books:
    spending.recount()
    return books()


def test_a_hold_counts_in_the_month_of_the_companys_clock_and_in_the_run(
    connection: Connection, run: Stream
) -> None:
    # Three hours before midnight in Greenwich it is still October in São Paulo.
    october = datetime(2026, 11, 1, 2, 59, tzinfo=UTC)
    hold(a_message(connection, run), a_message(connection))
    hold(a_message(connection), at=october)
    assert books() == [
        ("run", "USD", MARKETING),
        ("2026-10", "USD", MARKETING),
        ("2026-11", "USD", MARKETING * 2),
    ]
    assert recounted() == books()


def test_a_run_counts_its_own_currency_alone(connection: Connection, run: Stream) -> None:
    hold(a_message(connection, run, currency="BRL"), a_message(connection, run))
    assert books() == [
        ("run", "USD", MARKETING),
        ("2026-11", "BRL", MARKETING),
        ("2026-11", "USD", MARKETING),
    ]
    assert recounted() == books()


def test_what_another_wave_took_meanwhile_undoes_this_one(connection: Connection) -> None:
    SendingPolicy.objects.update(monthly_budget=MARKETING)
    hold(a_message(connection, kind="template"))
    with pytest.raises(spending.Overdrawn):
        hold(a_message(connection, kind="template"))


def test_an_answer_is_counted_beyond_any_budget(connection: Connection) -> None:
    SendingPolicy.objects.update(monthly_budget=Decimal(0))
    hold(a_message(connection, cost=UTILITY))
    assert books() == [("2026-11", "USD", UTILITY)]


def test_a_release_gives_back_once(connection: Connection, run: Stream) -> None:
    kept, refused = a_message(connection, run), a_message(connection, run)
    hold(kept, refused)
    for _ in range(2):
        spending.release([refused.pk])

    assert books() == [("run", "USD", MARKETING), ("2026-11", "USD", MARKETING)]
    assert Message.objects.get(pk=refused.pk).cost is None
    assert recounted() == books()


@pytest.mark.parametrize(
    ("billing", "cost", "is_billed"),
    [
        ({"billable": False, "category": "utility"}, Decimal(0), True),
        ({"billable": True, "category": "utility"}, UTILITY, True),
        ({"billable": True, "category": "marketing"}, MARKETING, True),
        ({"billable": True, "amount": Decimal("0.05"), "currency": "USD"}, Decimal("0.05"), True),
        ({"billable": True, "category": "something new"}, MARKETING, False),
        ({"billable": True}, MARKETING, False),
    ],
)
def test_the_providers_word_replaces_the_estimate(
    connection: Connection, run: Stream, billing: dict[str, Any], cost: Decimal, is_billed: bool
) -> None:
    message = a_message(connection, run)
    hold(message)
    for _ in range(2):
        spending.settle([Billing(message_id=message.pk, **billing)])

    message.refresh_from_db()
    assert (message.cost, message.is_billed) == (cost, is_billed)
    assert books() == [("run", "USD", cost), ("2026-11", "USD", cost)]
    assert [row for row in books() if row[2]] == recounted()


def test_a_word_about_a_message_without_estimate_is_booked(connection: Connection) -> None:
    message = a_message(connection, cost=None, currency="")
    unknown = Billing(message_id=uuid7(), billable=True, category="utility")
    told = Billing(message_id=message.pk, billable=True, category="utility")
    spending.settle([told, unknown])
    assert books() == recounted() == [("2026-11", "USD", UTILITY)]


def test_a_price_in_another_currency_moves_to_the_other_budget(connection: Connection) -> None:
    message = a_message(connection)
    hold(message)
    spending.settle(
        [Billing(message_id=message.pk, billable=True, amount=Decimal("0.3"), currency="BRL")]
    )
    assert books() == [("2026-11", "BRL", Decimal("0.3")), ("2026-11", "USD", Decimal(0))]


def test_a_budget_set_in_the_middle_of_a_run_knows_what_was_spent(connection: Connection) -> None:
    run = Stream.objects.create()
    hold(a_message(connection, run))
    spending.limit_run(stream_id=run.pk, budget=Decimal(10), currency="USD")
    assert books() == recounted() == [("run", "USD", MARKETING), ("2026-11", "USD", MARKETING)]
    spending.limit_run(stream_id=run.pk, budget=Decimal(10), currency="BRL")
    assert books() == recounted() == [("2026-11", "USD", MARKETING)]
    spending.limit_run(stream_id=run.pk, budget=None, currency="")
    assert books() == recounted() == [("2026-11", "USD", MARKETING)]


def test_to_limit_a_run_counts_no_other_anew(connection: Connection) -> None:
    run, other = Stream.objects.create(), Stream.objects.create(currency="USD")
    hold(a_message(connection, run), a_message(connection, other))
    Budget.objects.filter(stream=other).update(used=Decimal(7))
    spending.limit_run(stream_id=run.pk, budget=Decimal(10), currency="USD")
    used = dict(Budget.objects.exclude(stream=None).values_list("stream", "used"))
    assert used == {run.pk: MARKETING, other.pk: Decimal(7)}


class TestPrices:
    @pytest.fixture
    def candidates(self, connection: Connection) -> list[Candidate]:
        """To Brazil: a marketing and a utility template, a utility one and a text in an open
        window; to a country without a price of its own: marketing."""
        offer = factories.a_template(connection, name="offer", category="MARKETING")
        order = factories.a_template(connection, category="UTILITY")
        people = factories.contacts(5)
        for person in people[2:4]:
            Thread.objects.create(
                contact=person, connection=connection, address="x", window_until=NOW.replace(day=25)
            )

        def one(index: int, template: Template | None, **fields: Any) -> Candidate:
            defaults: dict[str, Any] = {
                "id": uuid7(),
                "contact_id": people[index].pk,
                "connection_id": connection.pk,
                "address": factories.address_of(people[index]),
                "kind": "template" if template else "text",
                "purpose": "service",
                "template_id": template.pk if template else None,
            }
            return Candidate(**{**defaults, **fields})

        return [
            one(0, offer),
            one(1, order),
            one(2, order),
            one(3, None),
            one(4, offer, address="+4791234567"),
        ]

    def prices(self, candidates: list[Candidate], now: datetime) -> list[tuple[str, Decimal]]:
        found = pricing.price_batch(candidates, now)
        return [(found[item.id].category, found[item.id].amount) for item in candidates]

    def test_each_message_is_charged_as_what_it_is(self, candidates: list[Candidate]) -> None:
        assert self.prices(candidates, NOW) == [
            ("marketing", MARKETING),
            ("utility", UTILITY),
            ("utility_window", UTILITY),
            ("service", UTILITY),
            ("marketing", Decimal("0.0604")),
        ]

    def test_before_october_2026_conversations_were_free(self, candidates: list[Candidate]) -> None:
        september = datetime(2026, 9, 30, 12, tzinfo=UTC)
        Thread.objects.update(window_until=september.replace(hour=23))
        found = self.prices(candidates, september)
        assert found[2:4] == [("utility_window", Decimal(0)), ("service", Decimal(0))]

    def test_the_companys_currency_is_taken_where_the_card_has_it(
        self, candidates: list[Candidate]
    ) -> None:
        SendingPolicy.objects.update(currency="BRL")
        found = pricing.price_batch(candidates, NOW)
        assert {found[item.id].currency for item in candidates[:4]} == {"BRL"}
        assert found[candidates[4].id].currency == "USD"

    def test_a_quote_sums_by_category_and_quotes_of_chunks_add_up(
        self, candidates: list[Candidate]
    ) -> None:
        whole = spending.quote(candidates, now=NOW)
        parts = spending.quote(candidates[:2], now=NOW) + spending.quote(candidates[2:], now=NOW)

        assert whole.lines == (
            Line("marketing", "USD", 2, MARKETING + Decimal("0.0604")),
            Line("service", "USD", 1, UTILITY),
            Line("utility", "USD", 1, UTILITY),
            Line("utility_window", "USD", 1, UTILITY),
        )
        assert parts == whole
        assert whole.totals == {"USD": MARKETING + Decimal("0.0604") + UTILITY * 3}

    def test_sms_are_charged_by_their_parts_and_no_price_is_said_so(
        self, connection: Connection, candidates: list[Candidate]
    ) -> None:
        line = factories.a_connection(provider="twilio_sms", external_id="+5511900000000")
        sms = [
            Candidate(
                id=uuid7(),
                contact_id=candidates[0].contact_id,
                connection_id=line.pk,
                address=address,
                kind="text",
                purpose="marketing",
                segments=3,
            )
            for address in ("+12125550123", "+4791234567")
        ]
        assert spending.quote(sms, now=NOW) == Quote(
            (Line("sms", "USD", 1, Decimal("0.0249"), segments=3),), unknown=1
        )
