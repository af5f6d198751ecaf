"""Money of messages: held in the wave's transaction, released on refusal, settled by receipts.

`Message.cost` and `Budget.used` change in the same transaction, so a recount of the rows always
gives what the budgets say. A message counts in the month in which it was taken to the wire, on the
company's clock, and in its run when that counts in the same currency; a budget counts its own
currency alone. Whoever locks both locks messages first, by id, then budgets.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection as database
from django.db import transaction
from django.db.models import Q, Sum

from core import scope, statements
from messaging import pricing
from messaging.gate import Candidate, Moment
from messaging.models import Budget, Message, SendingPolicy, Stream
from messaging.rates.enums import RateCategory
from tenants.models import Company

_LEFT_AT = "coalesce(m.wire_at, m.at)"  # Message.left_at
# Adds sums, with their sign, to their months and runs.
_TO_BUDGETS = """
    months AS (
        INSERT INTO messaging_budget (id, month, currency, used)
        SELECT gen_random_uuid(), month, currency, sum(amount) FROM sums
        GROUP BY month, currency ORDER BY month, currency
        ON CONFLICT (month, currency) WHERE stream_id IS NULL
        DO UPDATE SET used = messaging_budget.used + excluded.used
        RETURNING stream_id, month, currency, used),
    runs AS (
        INSERT INTO messaging_budget (id, stream_id, currency, used)
        SELECT gen_random_uuid(), stream_id, s.currency, sum(amount)
        FROM sums JOIN messaging_stream s ON s.id = stream_id AND s.currency = sums.currency
        GROUP BY stream_id, s.currency ORDER BY stream_id
        ON CONFLICT (stream_id) DO UPDATE SET used = messaging_budget.used + excluded.used
        RETURNING stream_id, month, currency, used)
    SELECT * FROM months UNION ALL SELECT * FROM runs
"""
_ADD_SUMS = f"""
    WITH sums AS MATERIALIZED (
        SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb)
               AS v(month date, stream_id uuid, currency text, amount numeric)),
    {_TO_BUDGETS}
"""  # noqa: S608 -- text of ours
_ADD = f"""
    WITH sums AS MATERIALIZED (
        SELECT date_trunc('month', {_LEFT_AT} AT TIME ZONE %(zone)s)::date AS month,
               m.stream_id, m.currency, sum(m.cost) * %(sign)s AS amount
        FROM messaging_message m WHERE m.id = ANY(%(ids)s) AND m.cost > 0 GROUP BY 1, 2, 3),
    {_TO_BUDGETS}
"""  # noqa: S608 -- text of ours
_LOCK = "SELECT id FROM messaging_message WHERE id = ANY(%(ids)s) ORDER BY id FOR UPDATE"
_CLEAR = """
    UPDATE messaging_message SET cost = NULL, currency = '', is_billed = false
    WHERE id = ANY(%(ids)s) AND cost IS NOT NULL
"""
_WRITE = """
    UPDATE messaging_message m SET cost = v.cost, currency = v.currency, is_billed = true
    FROM unnest(%(ids)s::uuid[], %(costs)s::numeric[], %(currencies)s::text[])
         AS v(id, cost, currency)
    WHERE m.id = v.id
"""
_RECOUNT = f"""
    WITH sums AS (
        SELECT date_trunc('month', {_LEFT_AT} AT TIME ZONE %(zone)s)::date AS month,
               m.stream_id, m.currency, sum(m.cost) AS amount
        FROM messaging_message m WHERE m.cost > 0 GROUP BY 1, 2, 3),
    months AS (
        SELECT month, currency, sum(amount) AS used FROM sums GROUP BY 1, 2),
    runs AS (
        SELECT s.id AS stream_id, s.currency, sum(amount) AS used
        FROM sums JOIN messaging_stream s ON s.id = stream_id AND s.currency = sums.currency
        GROUP BY 1, 2)
    SELECT NULL::uuid AS stream_id, month, currency, used FROM months
    UNION ALL SELECT stream_id, NULL, currency, used FROM runs
"""  # noqa: S608 -- text of ours


# Waves wait with their sums until whoever counts anew is done.
_STILL = "LOCK TABLE messaging_budget IN EXCLUSIVE MODE"
# What a message's price depends on.
_SETTLED_BY = (
    *("address", "at", "wire_at", "cost", "currency", "segments"),
    "connection__provider",
)


class Overdrawn(Exception):
    """Another wave took the money meanwhile: undo this transaction and ask the gate again."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A budget that holds now: of the month (no stream) or of a run."""

    stream_id: UUID | None
    month: date | None
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Line:
    """A category of a quote; `category` is a `messaging.rates.enums.RateCategory`."""

    category: str
    currency: str
    count: int
    amount: Decimal
    segments: int = 0  # parts of SMS, of all messages together

    @property
    def label(self) -> str:
        return str(RateCategory(self.category).label)


@dataclass(frozen=True, slots=True)
class Quote:
    """What an audience would cost: lines by category and currency, the dearest first.

    Quotes of chunks are added: `total += quote(chunk, now=now)`, beginning with `Quote()`.
    """

    lines: tuple[Line, ...] = ()
    unknown: int = 0  # messages that no rate card has a price for

    def __add__(self, other: "Quote") -> "Quote":
        merged: dict[tuple[str, str], Line] = {}
        for line in (*self.lines, *other.lines):
            former = merged.get((line.category, line.currency))
            merged[line.category, line.currency] = _merged(former, line) if former else line
        lines = sorted(merged.values(), key=lambda line: (-line.amount, line.category))
        return Quote(tuple(lines), self.unknown + other.unknown)

    @property
    def totals(self) -> dict[str, Decimal]:
        """The sum by currency."""
        sums: dict[str, Decimal] = {}
        for line in self.lines:
            sums[line.currency] = sums.get(line.currency, Decimal(0)) + line.amount
        return sums


@dataclass(frozen=True, slots=True)
class Billing:
    """What the provider says about the money of one message (a receipt's pricing).

    Attributes:
        billable: False: it cost nothing.
        category: the provider's word where it has one, as in RateCategory ("marketing",
            "utility", "authentication", "service"); the card's price of that category is taken.
        amount, currency: where the provider names the price itself (positive).
    """

    message_id: UUID
    billable: bool
    category: str = ""
    amount: Decimal | None = None
    currency: str = ""


def quote(candidates: Sequence[Candidate], *, now: datetime) -> Quote:
    """What these messages would cost by the card of `now`; give the ones the gate lets pass."""
    prices = pricing.price_batch(candidates, now)
    total = Quote(unknown=len(candidates) - len(prices))
    groups: dict[tuple[str, str], list[pricing.Price]] = {}
    for price in prices.values():
        groups.setdefault((price.category, price.currency), []).append(price)
    return total + Quote(
        tuple(
            Line(
                category=category,
                currency=currency,
                count=len(group),
                amount=sum((price.amount for price in group), Decimal(0)),
                segments=sum(price.segments or 0 for price in group),
            )
            for (category, currency), group in groups.items()
        )
    )


def limits(moment: Moment, streams: Iterable[Stream]) -> list[Limit]:
    """The budgets that messages of these runs have to keep now."""
    policy = moment.policy
    found = [
        Limit(row.pk, None, row.budget, row.currency) for row in streams if row.budget is not None
    ]
    if policy.monthly_budget is not None:
        month = month_of(moment.now, moment.company)
        found.append(Limit(None, month, policy.monthly_budget, policy.currency))
    return found


def used(of: Collection[Limit]) -> dict[UUID | None, Decimal]:
    """What is held and spent of each, by run (None: the month)."""
    which = Q(stream_id__in=[one.stream_id for one in of if one.stream_id is not None])
    for one in of:
        if one.month is not None:
            which |= Q(stream_id=None, month=one.month, currency=one.currency)
    rows: dict[UUID | None, Decimal] = dict(
        Budget.objects.filter(which).values_list("stream_id", "used")
    )
    return {one.stream_id: rows.get(one.stream_id, Decimal(0)) for one in of}


def month_of(at: datetime, company: Company) -> date:
    """The first day of the month that a moment lies in, on the company's clock."""
    return at.astimezone(ZoneInfo(company.timezone)).date().replace(day=1)


def hold(moment: Moment, going: Sequence[Candidate], prices: Mapping[UUID, pricing.Price]) -> None:
    """Count the cost of messages that go to the wire now, in the wave's transaction.

    Their `cost` and `currency` were written by the statement that made them `sending`.

    Args:
        moment: the one that the gate judged them at, which was written as the one they left at.
        prices: what was written.

    Raises:
        Overdrawn: with other waves it is more than a limit allows.
    """
    bound = any(not item.is_answer for item in going)
    of = limits(moment, moment.streams(going).values()) if bound else []
    allowed = {(one.stream_id, one.month, one.currency): one.amount for one in of}
    for stream_id, month, currency, amount in _held(moment, going, prices):
        limit = allowed.get((stream_id, month, currency))
        if limit is not None and amount > limit:
            raise Overdrawn


def _held(
    moment: Moment, going: Sequence[Candidate], prices: Mapping[UUID, pricing.Price]
) -> list[tuple[Any, ...]]:
    """Add the prices to the budgets; those that changed, as they are now."""
    sums: dict[tuple[UUID | None, str], Decimal] = {}
    for item in going:
        price = prices.get(item.id)
        if price is not None and price.amount:
            key = item.stream_id, price.currency
            sums[key] = sums.get(key, Decimal(0)) + price.amount
    if not sums:
        return []
    month = month_of(moment.now, moment.company)
    rows = (
        {"month": month, "stream_id": stream_id, "currency": currency, "amount": str(amount)}
        for (stream_id, currency), amount in sums.items()
    )
    return statements.run(_ADD_SUMS, rows=statements.rows(rows))


def release(message_ids: Collection[UUID]) -> None:
    """Give back what is held for messages that were refused, failed or never went; a repeat
    changes nothing."""
    if not message_ids:
        return
    with transaction.atomic():
        _run(_LOCK, ids=list(message_ids))
        _add(message_ids, -1, _company())
        _run(_CLEAR, ids=list(message_ids))


@transaction.atomic
def settle(billings: Sequence[Billing]) -> None:
    """Write the provider's word in place of the estimate; call it in the receipts' transaction.

    Unknown messages are left out, and so is a word that says nothing (billable, but neither an
    amount nor a category that the card of the day has a price for): then the estimate stands.
    """
    told = {one.message_id: one for one in billings}
    if not told:
        return
    query = Message.objects.filter(pk__in=told).order_by("pk").select_for_update(of=("self",))
    rows = list(query.select_related("connection").only(*_SETTLED_BY))
    costs = _costs(rows, told)
    moved = [row.pk for row in rows if costs.get(row.pk, _booked(row)) != _booked(row)]
    if moved:
        company = _company()
        _add(moved, -1, company)
    if costs:
        _run(
            _WRITE,
            ids=list(costs),
            costs=[amount for amount, _ in costs.values()],
            currencies=[currency for _, currency in costs.values()],
        )
    if moved:
        _add(moved, 1, company)


@transaction.atomic
def limit_run(*, stream_id: UUID, budget: Decimal | None, currency: str) -> None:
    """Set, change or lift the budget of a run; what it has spent so far is counted anew.

    Args:
        budget: None: no limit, its spending in this currency is counted all the same.
    """
    Stream.objects.filter(pk=stream_id).update(budget=budget, currency=currency)
    _run(_STILL)
    spent = Message.objects.filter(stream_id=stream_id, currency=currency, cost__gt=0)
    used = spent.aggregate(used=Sum("cost"))["used"] if currency else None
    Budget.objects.filter(stream_id=stream_id).delete()
    if used:
        Budget.objects.create(stream_id=stream_id, currency=currency, used=used)


@transaction.atomic
def recount() -> None:
    """Count every budget anew from the messages."""
    _run(_STILL)
    rows = _run(_RECOUNT, zone=_company().timezone).fetchall()
    Budget.objects.all().delete()
    Budget.objects.bulk_create(
        Budget(stream_id=stream_id, month=month, currency=currency, used=amount)
        for stream_id, month, currency, amount in rows
    )


def of_month(at: datetime) -> list[Budget]:
    """What was held and spent in the month of `at`, by currency, the company's own first."""
    own = SendingPolicy.objects.values_list("currency", flat=True).first()
    rows = Budget.objects.filter(stream=None, month=month_of(at, _company()))
    return sorted(rows, key=lambda row: (row.currency != own, row.currency))


def _merged(one: Line, other: Line) -> Line:
    return Line(
        one.category,
        one.currency,
        one.count + other.count,
        one.amount + other.amount,
        one.segments + other.segments,
    )


def _booked(row: Message) -> tuple[Decimal | None, str]:
    return row.cost, row.currency


def _costs(
    rows: Sequence[Message], told: Mapping[UUID, Billing]
) -> dict[UUID, tuple[Decimal, str]]:
    """What each message cost by the provider's word, and in which currency."""
    found: dict[UUID, tuple[Decimal, str]] = {}
    asked: dict[date, list[Message]] = {}
    for row in rows:
        word = told[row.pk]
        if not word.billable:
            found[row.pk] = Decimal(0), row.currency
        elif word.amount is not None:
            found[row.pk] = word.amount, word.currency
        elif word.category:
            asked.setdefault(row.left_at.date(), []).append(row)
    for day, group in asked.items():
        prices = pricing.prices_on(day, {row: told[row.pk].category for row in group})
        found |= {pk: (price.amount, price.currency) for pk, price in prices.items()}
    return found


def _add(message_ids: Collection[UUID], sign: int, company: Company) -> None:
    """Add (or take) what these messages cost to the budgets."""
    _run(_ADD, ids=list(message_ids), sign=sign, zone=company.timezone)


def _company() -> Company:
    return Company.objects.get(pk=scope.required_company_id())


def _run(statement: str, **values: Any) -> Any:
    cursor = database.cursor()
    cursor.execute(statement, values or None)
    return cursor
