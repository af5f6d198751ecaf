"""Where a number is at home."""

from collections import Counter

import pytest

from crm.phones import AREA_CODES
from crm.zones import ACRE, AMAZON, AREA_ZONES, BRASILIA, NORONHA, country_of, zones_of


def test_every_area_code_of_brazil_has_its_zone() -> None:
    assert set(AREA_ZONES) == AREA_CODES
    assert len(AREA_ZONES) == 67
    assert Counter(AREA_ZONES.values()) == {
        (BRASILIA,): 58,
        (AMAZON,): 6,
        (ACRE,): 1,
        (BRASILIA, NORONHA): 1,
        (AMAZON, ACRE): 1,
    }


@pytest.mark.parametrize(
    ("address", "zones"),
    [
        ("+5511987654321", (BRASILIA,)),
        ("551187654321", (BRASILIA,)),  # a WhatsApp id without the ninth digit
        ("+5592987654321", (AMAZON,)),
        ("+5568987654321", (ACRE,)),
        ("+5597987654321", (AMAZON, ACRE)),
        ("+5581987654321", (BRASILIA, NORONHA)),
        ("+12125550123", ("America/New_York",)),
        ("+351912345678", ("Atlantic/Azores", "Europe/Lisbon")),
        ("BR.1502576394655843", ()),
        ("", ()),
    ],
)
def test_a_number_tells_the_zones_its_owner_may_be_in(address: str, zones: tuple[str, ...]) -> None:
    assert zones_of(address) == zones


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("+5511987654321", "BR"),
        ("12125550123", "US"),
        ("+14165550123", "CA"),
        ("+447911123456", "GB"),
        ("+77011234567", "KZ"),
        ("+79161234567", "RU"),
        ("BR.1502576394655843", "BR"),
        ("somebody@lid", ""),
        ("", ""),
    ],
)
def test_a_number_tells_its_country(address: str, country: str) -> None:
    assert country_of(address) == country
