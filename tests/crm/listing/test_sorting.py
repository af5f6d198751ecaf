"""The orders of the list: whole, without repeats, names without case and accents."""

from datetime import timedelta

import pytest
from django.utils import timezone

from crm.listing import sorting
from crm.listing.sorting import Sort
from crm.models import Contact
from tenants.models import Company

NAMES = ["Élida", "elaine", "Zé", "", "Ana", "ana", "Ângela", "", "Bruno"]
ALPHABET = ["Ana", "ana", "Ângela", "Bruno", "elaine", "Élida", "Zé"]


def walked(sort: Sort, size: int) -> list[Contact]:
    """All pages, one after the other."""
    found, cursor = [], ""
    for _ in range(30):
        page = sorting.page(Contact.objects.alive(), sort=sort, cursor=cursor, size=size)
        found += page.items
        cursor = page.next_cursor
        if not cursor:
            return found
    raise AssertionError("the pages have no end")


def people() -> None:
    for days, name in enumerate(NAMES):
        at = timezone.now() - timedelta(days=days)
        Contact.objects.create(
            name=name, created_at=at, last_active_at=at - timedelta(hours=days % 3)
        )


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 9, 50])
def test_names_go_by_the_alphabet_and_who_has_none_stands_behind(
    company: Company, size: int
) -> None:
    people()
    upwards = [contact.name for contact in walked(Sort.NAME, size)]
    assert [name.lower() for name in upwards] == [name.lower() for name in [*ALPHABET, "", ""]]
    downwards = [contact.name for contact in walked(Sort.NAME_DOWN, size)]
    assert [name.lower() for name in downwards] == [
        name.lower() for name in [*reversed(ALPHABET), "", ""]
    ]


@pytest.mark.parametrize("sort", list(Sort))
def test_every_order_shows_each_contact_once_whatever_the_page_holds(
    company: Company, sort: Sort
) -> None:
    people()
    assert len({contact.pk for contact in walked(sort, 2)}) == len(walked(sort, 2)) == len(NAMES)


def test_times_go_both_ways(company: Company) -> None:
    people()
    newest = [contact.created_at for contact in walked(Sort.NEWEST, 4)]
    assert newest == sorted(newest, reverse=True)
    quiet = [contact.last_active_at for contact in walked(Sort.QUIET, 4)]
    assert quiet == sorted(quiet)


@pytest.mark.parametrize("cursor", ["~", "~~", "AAAA", "AHxu", "~AHx1", "\x00"])
def test_a_broken_cursor_is_a_page_like_any_other(company: Company, cursor: str) -> None:
    people()
    for sort in Sort:
        assert len(sorting.page(Contact.objects.alive(), sort=sort, cursor=cursor).items) > 0
