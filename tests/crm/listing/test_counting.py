"""How many there are: counted as far as that is quick, estimated beyond."""

import pytest

from crm.listing import counting
from crm.listing.counting import Count
from crm.models import Contact
from tenants.models import Company


def test_few_are_counted_and_many_are_estimated(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    Contact.objects.bulk_create(Contact(name=f"Ana {number}") for number in range(12))
    assert counting.count(Contact.objects.alive()) == Count(12, is_exact=True)
    monkeypatch.setattr(counting, "EXACT", 5)
    about = counting.count(Contact.objects.alive())
    assert not about.is_exact
    assert about.number >= 6


@pytest.mark.parametrize(("number", "told"), [(7, 7), (99, 99), (987_654, 990_000)])
def test_an_estimate_claims_two_digits(number: int, told: int) -> None:
    assert counting._rounded(number) == told
