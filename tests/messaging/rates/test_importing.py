"""Prices from a file: all or nothing, an old price ended and a new one begun in one file."""

from datetime import date
from decimal import Decimal

import pytest

from core.errors import Invalid
from messaging.rates.importing import import_rates
from messaging.rates.models import Rate

HEAD = "channel,provider,category,country,currency,price,effective_from,effective_until\n"
ENDED = "whatsapp,,marketing,BR,USD,0.0625,2026-10-01,2026-12-31\n"
NEW = "whatsapp,,marketing,BR,USD,0.07,2027-01-01,\n"

pytestmark = pytest.mark.django_db


def prices() -> list[tuple[date, date | None, Decimal]]:
    rows = Rate.objects.filter(category="marketing", country="BR", currency="USD")
    return list(
        rows.order_by("effective_from").values_list("effective_from", "effective_until", "price")
    )


def test_a_file_ends_an_old_price_and_begins_a_new_one_whatever_the_order() -> None:
    done = import_rates(HEAD + NEW + ENDED)

    assert (done.created, done.updated) == (1, 1)
    assert prices()[1:] == [
        (date(2026, 10, 1), date(2026, 12, 31), Decimal("0.0625")),
        (date(2027, 1, 1), None, Decimal("0.07")),
    ]


def test_a_file_imported_twice_changes_nothing() -> None:
    import_rates(HEAD + NEW + ENDED)
    once = prices()
    done = import_rates(HEAD + NEW + ENDED)

    assert (done.created, done.updated) == (0, 2)
    assert prices() == once


def test_a_line_that_overlaps_is_refused_and_nothing_is_written() -> None:
    before = prices()
    with pytest.raises(Invalid) as caught:
        import_rates(HEAD + "whatsapp,,utility,XK,USD,0.01,2026-10-01,\n" + NEW)

    [problem] = caught.value.errors["file"]
    assert str(problem.message).startswith("Line 3: Another price of this kind")
    assert prices() == before
    assert not Rate.objects.filter(country="XK").exists()


@pytest.mark.parametrize(
    "line",
    [
        "whatsapp,,marketing,PT,USD,cheap,2027-01-01,",
        "whatsapp,,marketing,PT,USD,1,01/01/2027,",
        "pigeon,,marketing,PT,USD,1,2027-01-01,",
        "whatsapp,,marketing,PT,USD,-1,2027-01-01,",
        "whatsapp,,marketing,PT,USD,1,2027-01-02,2027-01-01",
    ],
)
def test_what_is_no_price_is_refused_with_its_line(line: str) -> None:
    with pytest.raises(Invalid) as caught:
        import_rates(HEAD + line + "\n")
    assert str(caught.value.errors["file"][0].message).startswith("Line 2: ")


def test_a_file_without_the_columns_says_which() -> None:
    with pytest.raises(Invalid) as caught:
        import_rates("country,price\nBR,1\n")
    assert "category, channel, currency, effective_from" in str(
        caught.value.errors["file"][0].message
    )
