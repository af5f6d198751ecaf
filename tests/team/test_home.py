"""The first page, the palette's search and the sidebar's numbers."""

from typing import Any

import pytest

from core import navigation
from team import overview
from tenants.enums import Role
from tenants.models import Company


@pytest.fixture
def contributions(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    state: dict[str, Any] = {"done": False, "asked": []}

    def find(text: str, limit: int) -> list[navigation.Found]:
        state["asked"].append((text, limit))
        return [navigation.Found(label=f"Found {text}", hint="", url="/x/", icon="user")]

    step = navigation.Step(
        title="First", why="", action="Go", url_name="members", icon="x",
        permission="members.manage", order=1, is_done=lambda: state["done"],
    )  # fmt: skip
    tile = overview.Tile("Things", lambda: 7, "box", "members", "members.manage", 1)
    source = navigation.Source(label="Things", permission="members.manage", order=1, find=find)
    monkeypatch.setattr(navigation, "steps", [step])
    monkeypatch.setattr(navigation, "sources", [source])
    monkeypatch.setattr(overview, "tiles", [tile])
    return state


def test_the_checklist_leads_until_it_is_done(
    aurora: Company, client_for: Any, contributions: dict[str, Any]
) -> None:
    client = client_for(aurora)
    [item] = client.get("/c/aurora/").context["steps"]
    assert (item["done"], item["current"], item["url"]) == (
        False,
        True,
        "/c/aurora/settings/members/",
    )
    contributions["done"] = True
    assert client.get("/c/aurora/").context["steps"] == []


def test_who_may_not_act_sees_neither_step_nor_number(
    aurora: Company, client_for: Any, contributions: dict[str, Any]
) -> None:
    owner, viewer = (client_for(aurora, role).get("/c/aurora/") for role in ("owner", "viewer"))
    assert [tile["value"] for tile in owner.context["tiles"]] == [7]
    assert (viewer.context["tiles"], viewer.context["steps"]) == ([], [])


def test_the_palette_searches_what_one_may_see(
    aurora: Company, client_for: Any, contributions: dict[str, Any]
) -> None:
    url = "/c/aurora/search"
    assert b"Found ana" in client_for(aurora).get(url, {"q": " ana "}).content
    assert b"Found" not in client_for(aurora, Role.VIEWER).get(url, {"q": "ana"}).content
    assert b"Found" not in client_for(aurora).get(url, {"q": "a"}).content
    assert contributions["asked"] == [("ana", 5)]


def test_the_first_page_stays_within_its_queries(
    aurora: Company, client_for: Any, django_assert_max_num_queries: Any
) -> None:
    client = client_for(aurora)
    with django_assert_max_num_queries(15):
        assert client.get("/c/aurora/").status_code == 200


def test_one_entry_of_the_navigation_is_current_the_nearest(
    aurora: Company, client_for: Any
) -> None:
    page = client_for(aurora).get("/c/aurora/inbox/satisfaction/")
    assert [item["name"] for item in page.context["nav"] if item["current"]] == ["satisfaction"]
