"""Saved audiences on pages and in the API."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from core import scope
from crm.models import Segment
from crm.services import segments
from tenants.enums import Role
from tenants.models import Company
from tests.crm.factories import a_contact

RULE = {"include-a-kind": "name", "include-a-op": "contains", "include-a-value": "an"}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def visitor(aurora: Company, client_for: Any) -> Client:
    client: Client = client_for(aurora)
    return client


@pytest.fixture(autouse=True)
def people(aurora: Company) -> None:
    with scope.opened(aurora):
        for name in ("Ana", "Joana", "Bia"):
            a_contact(name=name)


def url(path: str = "audiences/") -> str:
    return f"/c/aurora/contacts/{path}"


def stored(aurora: Company, **fields: Any) -> Segment:
    with scope.opened(aurora):
        return segments.create_segment(
            **{
                "name": "An",
                "audience": {"include": [{"kind": "name", "op": "contains", "value": "an"}]},
                **fields,
            }
        )


def test_an_audience_is_made_counted_and_listed(visitor: Client, aurora: Company) -> None:
    assert url("audiences/new/") in visitor.get(url()).content.decode()
    count = visitor.get(url("audiences/count/"), RULE, headers=HTMX).content.decode()
    assert 'data-count="2"' in count
    answer = visitor.post(url("audiences/new/"), {"name": "An people", "join": "all", **RULE})
    assert answer.status_code == 302
    assert "An people" in visitor.get(url()).content.decode()
    with scope.opened(aurora):
        assert Segment.objects.get().audience["include"] == [
            {"kind": "name", "op": "contains", "value": "an"}
        ]


def test_a_wrong_rule_is_answered_beside_it(visitor: Client) -> None:
    answer = visitor.post(
        url("audiences/new/"), {"name": "X", "include-a-kind": "name", "include-a-op": "is"}
    )
    assert answer.status_code == 422
    assert "Rule 1 (Name): Write what to compare with." in answer.content.decode()


def test_a_row_changes_its_shape_with_its_kind(visitor: Client) -> None:
    new = visitor.get(url("audiences/rule/?list=exclude"), headers=HTMX)
    assert 'name="exclude-' in new.content.decode()
    assert "rules-changed" in new.headers["HX-Trigger"]
    date = visitor.get(
        url("audiences/rule/"),
        {"include-a-kind": "created", "include-a-op": "before"},
        headers=HTMX,
    )
    assert 'type="date"' in date.content.decode()


def test_an_incomplete_rule_has_no_count(visitor: Client) -> None:
    answer = visitor.get(url("audiences/count/"), {"include-a-kind": "name"}, headers=HTMX)
    assert "data-count" not in answer.content.decode()


def test_contacts_are_filtered_by_it(visitor: Client, aurora: Company) -> None:
    segment = stored(aurora)
    page = visitor.get(url(f"?segment={segment.pk}&q=jo")).content.decode()
    assert [name in page for name in ("Joana", ">Ana<", "Bia")] == [True, False, False]


def test_it_is_changed_and_deleted(visitor: Client, aurora: Company) -> None:
    segment = stored(aurora)
    page = url(f"audiences/{segment.pk}/")
    assert 'value="an"' in visitor.get(page).content.decode()
    visitor.post(page, {"name": "All of them", "join": "all"})
    with scope.opened(aurora):
        assert Segment.objects.get().audience == {"all": True}
    visitor.post(f"{page}delete/")
    with scope.opened(aurora):
        assert not Segment.objects.exists()


def test_who_may_not_edit_reads_its_rules(aurora: Company, client_for: Any) -> None:
    segment = stored(aurora)
    viewer = client_for(aurora, Role.VIEWER)
    page = viewer.get(url(f"audiences/{segment.pk}/")).content.decode()
    assert "Name contains “an”" in page
    assert 'name="join"' not in page
    count = viewer.get(url(f"audiences/count/?segment={segment.pk}"), headers=HTMX)
    assert 'data-count="2"' in count.content.decode()


def test_programs_save_use_and_delete_audiences(aurora: Company, api_client: Any) -> None:
    api: APIClient = api_client(aurora)
    rule = {"kind": "name", "op": "contains", "value": "an"}
    made = api.post("/api/v1/segments/", {"name": "An", "audience": {"include": [rule]}}, "json")
    assert (made.status_code, made.data["count"]) == (201, 2)
    address = f"/api/v1/segments/{made.data['id']}/"
    listed = api.get("/api/v1/segments/").data["results"]
    assert [(row["name"], "count" in row) for row in listed] == [("An", False)]
    found = api.get(f"/api/v1/contacts/?segment={made.data['id']}").data["results"]
    assert sorted(row["name"] for row in found) == ["Ana", "Joana"]
    changed = api.patch(address, {"audience": {"all": True}}, "json")
    assert (changed.data["name"], changed.data["count"]) == ("An", 3)
    wrong = api.patch(address, {"audience": {"include": [{"kind": "name", "op": "is"}]}}, "json")
    assert (wrong.status_code, wrong.data["errors"][0]["field"]) == (422, "audience.include.0")
    assert api.delete(address).status_code == 204
    assert api.get(address).status_code == 404
