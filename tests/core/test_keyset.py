"""Pages by (time, id): ties are kept apart, new rows disturb nothing."""

from datetime import UTC, datetime

import pytest

from core.keyset import page_of
from crm.models import Contact
from tenants.models import Company

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def contacts(company: Company) -> list[str]:
    """Seven contacts of the very same moment, as an import makes them."""
    rows = [Contact.objects.create(name=str(number), created_at=NOON) for number in range(7)]
    return [str(row.pk) for row in sorted(rows, key=lambda row: row.pk, reverse=True)]


def walk(*, ascending: bool = False) -> list[str]:
    seen: list[str] = []
    cursor: str | None = None
    while cursor != "":
        page = page_of(
            Contact.objects.all(), cursor=cursor, field="created_at", size=3, ascending=ascending
        )
        seen += [str(item.pk) for item in page.items]
        cursor = page.next_cursor
    return seen


def test_rows_of_one_moment_appear_once_each(contacts: list[str]) -> None:
    assert walk() == contacts
    assert walk(ascending=True) == contacts[::-1]


def test_a_new_row_neither_repeats_nor_hides_what_follows(contacts: list[str]) -> None:
    first = page_of(Contact.objects.all(), cursor=None, field="created_at", size=3)
    Contact.objects.create(name="new")
    second = page_of(Contact.objects.all(), cursor=first.next_cursor, field="created_at", size=3)
    assert [str(item.pk) for item in second.items] == contacts[3:6]


@pytest.mark.parametrize("cursor", ["", None, "x", "####", "MjAyNnx4", "MjAyNi0xMS0yMVQxMnw="])
def test_an_unreadable_cursor_is_the_first_page(contacts: list[str], cursor: str | None) -> None:
    page = page_of(Contact.objects.all(), cursor=cursor, field="created_at", size=3)
    assert [str(item.pk) for item in page.items] == contacts[:3]
