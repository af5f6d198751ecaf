from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from core.api.pagination import Cursor, CursorPagination
from core.errors import Invalid
from tests.core.support import Entry

START = dt.datetime(2026, 11, 21, 12, 0, 0, 123456, tzinfo=dt.UTC)


@pytest.fixture
def entries(db: None) -> list[Entry]:
    """25 rows; every five share their time."""
    with connection.schema_editor() as editor:
        editor.create_model(Entry)
    return [
        Entry.objects.create(at=START + dt.timedelta(microseconds=number // 5))
        for number in range(25)
    ]


class View:
    def __init__(self, ordering: str) -> None:
        self.cursor_ordering = ordering


def page(url: str, ordering: str = "-at") -> dict[str, Any]:
    pagination = CursorPagination()
    request = Request(APIRequestFactory().get(url))
    rows = pagination.paginate_queryset(Entry.objects.all(), request, View(ordering))
    data: dict[str, Any] = pagination.get_paginated_response([row.pk for row in rows]).data
    return data


def walk(url: str | None, ordering: str, link: str) -> list[list[Any]]:
    pages = []
    while url:
        data = page(url, ordering)
        pages.append(data["results"])
        url = data[link]
    return pages


@pytest.mark.parametrize("ordering", ["-at", "at"])
@pytest.mark.parametrize("size", [1, 3, 5, 12, 100])
def test_every_row_comes_once_in_order_although_times_are_equal(
    entries: list[Entry], ordering: str, size: int
) -> None:
    wanted = [entry.pk for entry in sorted(entries, key=lambda entry: (entry.at, entry.pk))]
    if ordering == "-at":
        wanted.reverse()
    pages = walk(f"/?page_size={size}", ordering, "next")
    assert [key for rows in pages for key in rows] == wanted


@pytest.mark.parametrize("ordering", ["-at", "at"])
def test_going_back_shows_the_same_pages(entries: list[Entry], ordering: str) -> None:
    forward = walk("/?page_size=5", ordering, "next")
    url: str | None = "/?page_size=5"
    while url:
        last, url = url, page(url, ordering)["next"]
    assert walk(last, ordering, "previous") == forward[::-1]


def test_the_first_page_has_no_previous_and_the_last_no_next(entries: list[Entry]) -> None:
    first = page("/?page_size=20")
    assert first["previous"] is None
    assert page(first["next"])["next"] is None


def test_a_row_that_arrives_meanwhile_does_not_shift_the_page(entries: list[Entry]) -> None:
    first = page("/?page_size=5")
    wanted = page(first["next"])["results"]
    Entry.objects.create(at=START + dt.timedelta(days=1))
    assert page(first["next"])["results"] == wanted


def test_links_keep_the_other_parameters(entries: list[Entry]) -> None:
    assert "tag=vip" in page("/?tag=vip&page_size=5")["next"]


def test_an_empty_list_has_no_links(entries: list[Entry]) -> None:
    Entry.objects.all().delete()
    assert page("/") == {"next": None, "previous": None, "results": []}


def test_a_page_past_the_end_leads_back_to_the_beginning(entries: list[Entry]) -> None:
    beyond = Cursor(False, "2000-01-01T00:00:00+00:00", str(entries[0].pk)).encode()
    data = page(f"/?cursor={beyond}")
    assert (data["results"], data["next"]) == ([], None)
    assert len(page(data["previous"])["results"]) == 25


def test_a_page_costs_one_query(entries: list[Entry], django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        page("/?page_size=5")


@pytest.mark.parametrize(
    "query",
    [
        "page_size=0", "page_size=-1", "page_size=x", "page_size=²", "cursor=x", "cursor=W10",
        "cursor=WzAsICJ4IiwgInkiXQ", "cursor=bnVsbA", "cursor=W1tbW1tb",
    ],
)  # fmt: skip
def test_nonsense_is_a_field_error(entries: list[Entry], query: str) -> None:
    with pytest.raises(Invalid):
        page(f"/?{query}")


def test_no_page_is_larger_than_the_maximum(db: None) -> None:
    request = Request(APIRequestFactory().get("/?page_size=5000"))
    assert CursorPagination().get_page_size(request) == 100
