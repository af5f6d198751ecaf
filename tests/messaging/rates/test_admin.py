"""The superadmin's prices: a file imported, what is wrong with it said, cards read anew."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from messaging.rates.cards import Kind, card_of
from messaging.rates.models import Rate
from tenants.links import platform_path
from tenants.models import Person

URL = platform_path("admin:rates_rate_import_file")
LIST = platform_path("admin:rates_rate_changelist")
HEAD = "channel,provider,category,country,currency,price,effective_from,effective_until\n"


@pytest.fixture
def superadmin(db: None) -> Client:
    client = Client()
    root = Person.objects.create_superuser(
        "root@platform.example", "a-long-password", language="en"
    )
    client.force_login(root)
    return client


def upload(client: Client, line: str) -> tuple[int, str]:
    file = SimpleUploadedFile("prices.csv", (HEAD + line).encode())
    answer = client.post(URL, {"file": file}, follow=True)
    return answer.status_code, answer.content.decode()


def test_a_file_brings_prices_that_hold_at_once(
    superadmin: Client, django_capture_on_commit_callbacks: object
) -> None:
    kind = Kind("whatsapp", "", "service", "XK")
    assert price_of(kind) == "USD"  # that of the other countries

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        status, page = upload(superadmin, "whatsapp,,service,XK,EUR,0.01,2026-10-01,\n")
    assert (status, "1 new prices" in page) == (200, True)
    assert price_of(kind) == "EUR"


def price_of(kind: Kind) -> str:
    """In which currency it is charged, when euros are wished for."""
    found = card_of(date(2026, 11, 1)).price(kind, "EUR")
    assert found is not None
    return found[1]


def test_a_file_that_cannot_be_taken_says_which_line(superadmin: Client) -> None:
    before = Rate.objects.count()
    status, page = upload(superadmin, "whatsapp,,marketing,BR,USD,1,2027-01-01,\n")
    assert status == 422
    assert "Line 2: Another price of this kind holds at that time." in page
    assert Rate.objects.count() == before


def test_the_list_shows_prices_with_their_time(superadmin: Client) -> None:
    page = superadmin.get(LIST, {"country": "BR", "category": "marketing"}).content.decode()
    assert "0.062500" in page
