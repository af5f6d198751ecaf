"""Satisfaction as a page, a file and an endpoint."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from conversations import rating_report
from conversations.models import Conversation, Rating
from conversations.rating_report import Wanted
from core import ids
from core.scope import opened
from team.models import Member
from tenants.enums import Role
from tenants.models import Company
from tests.conversations.conftest import Browser
from tests.conversations.factories import a_member


def rated(talk: Conversation, score: int | None = 5, **fields: Any) -> Rating:
    at = timezone.now() - timedelta(days=fields.pop("days", 0))
    answered = at if score else None
    return Rating.objects.create(
        conversation=talk,
        contact=talk.contact,
        score=score,
        asked_at=at,
        answered_at=answered,
        thanked_at=answered,
        **fields,
    )


@pytest.fixture
def bia(aurora: Company, talk: Conversation) -> Member:
    """Who got a five and a two; somebody else got a four long ago, and one did not answer."""
    with opened(aurora):
        member = a_member()
        rated(talk, 5, member=member, comment="Ótimo, =1+1")
        rated(talk, 2, member=member)
        rated(talk, 4, days=60)
        rated(talk, None)
    return member


def test_the_numbers_are_of_the_period_and_of_whom_one_asks_for(
    aurora: Company, bia: Member
) -> None:
    with opened(aurora):
        month = rating_report.summary(Wanted())
        assert (month.asked, month.answered, month.average) == (3, 2, 3.5)
        assert [share.count for share in month.shares] == [1, 0, 0, 1, 0]
        quarter = rating_report.summary(Wanted(days=90))
        assert (quarter.asked, quarter.answered) == (4, 3)
        assert rating_report.summary(Wanted(days=90, member=bia.pk)).answered == 2
        [hers, nobodys] = rating_report.standings(Wanted(days=90), "member")
        assert (hers.name, hers.answered, hers.average) == ("Bia Lima", 2, 3.5)
        assert (nobodys.name, nobodys.answered) == ("", 1)


def test_a_period_without_answers_has_no_average(aurora: Company) -> None:
    with opened(aurora):
        empty = rating_report.summary(Wanted.of({"days": "x"}))
    assert (empty.average, empty.answered) == (None, 0)


def test_a_manager_reads_the_page_and_keeps_the_file(
    browser_of: Callable[..., Browser], bia: Member
) -> None:
    manager = browser_of(Role.MANAGER)
    page = manager.get("satisfaction").content.decode()
    assert "3.5" in page
    assert "Ótimo, =1+1" in page
    lines = manager.get("satisfaction-export").content.decode().splitlines()
    assert len(lines) == 3
    assert "Bia Lima" in lines[1]


def test_what_nobody_asks_for_says_how_to_begin(
    browser_of: Callable[..., Browser], aurora: Company
) -> None:
    page = browser_of(Role.MANAGER).get("satisfaction").content.decode()
    assert "Customers are not asked yet" in page


def test_agents_do_not_read_it(browser_of: Callable[..., Browser], aurora: Company) -> None:
    assert browser_of(Role.AGENT).get("satisfaction").status_code == 403


def test_programs_read_and_narrow_them(
    api_client: Callable[..., APIClient], aurora: Company, bia: Member
) -> None:
    api = api_client(aurora, "ratings.view")
    rows = api.get(reverse("api-ratings")).json()["results"]
    assert [row["score"] for row in rows] == [2, 5, 4]
    hers = {"agent": ids.encode("mem", bia.pk), "score": 5}
    [row] = api.get(reverse("api-ratings"), hers).json()["results"]
    assert (row["comment"], row["agent"]) == ("Ótimo, =1+1", hers["agent"])
    wrong = api.get(reverse("api-ratings"), {"score": 9})
    assert (wrong.status_code, [one["field"] for one in wrong.json()["errors"]]) == (422, ["score"])
