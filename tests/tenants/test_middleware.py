"""The company in the address: for its members; for all others it is not there."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import get_script_prefix

from tenants.enums import Role
from tenants.models import Company, Domain, Person
from tenants.services import companies, memberships
from tests.conftest import make_member

PAGE = "/c/aurora/live"


def test_a_member_gets_in_and_leaves_nothing_open(aurora: Company, client_for: Any) -> None:
    assert client_for(aurora).get(PAGE).status_code == 200
    assert connection.schema_name == "public"
    assert get_script_prefix() == "/"


def test_a_stranger_and_an_unknown_company_look_the_same(
    aurora: Company, boreal: Company, client_for: Any
) -> None:
    stranger = client_for(boreal)
    real, unknown = stranger.get(PAGE), stranger.get("/c/nowhere/live")
    assert (real.status_code, unknown.status_code) == (404, 404)
    assert real.content.replace(b"aurora", b"nowhere") == unknown.content


def test_nobody_is_asked_to_sign_in_first(db: None) -> None:
    assert Client().get(f"{PAGE}?a=1")["Location"] == "/accounts/login/?next=/c/aurora/live%3Fa%3D1"
    htmx = Client().get(PAGE, headers={"HX-Request": "true"})
    assert (htmx.status_code, htmx["HX-Redirect"]) == (200, "/accounts/login/")


def test_the_superadmin_is_a_stranger_too(aurora: Company) -> None:
    client = Client()
    client.force_login(Person.objects.create_superuser("root@example.com", "x"))
    assert client.get(PAGE).status_code == 404


def test_one_session_works_in_two_companies_at_once(aurora: Company, boreal: Company) -> None:
    person = make_member(aurora, Role.OWNER)
    memberships.add_member(company=boreal, person=person, role=Role.VIEWER)
    client = Client()
    client.force_login(person)
    pages = ["/c/aurora/events/0/", "/c/boreal/events/0/"]
    assert [client.get(page).status_code for page in pages] == [404, 403]


def test_a_former_address_leads_members_to_the_new_one_and_says_nothing_to_others(
    aurora: Company, boreal: Company, client_for: Any
) -> None:
    member, stranger = client_for(aurora), client_for(boreal)
    companies.rename_slug(company=aurora, slug="sunrise")
    moved = member.get("/c/aurora/live?topics=x")
    assert (moved.status_code, moved["Location"]) == (301, "/c/sunrise/live?topics=x")
    assert stranger.get("/c/aurora/live").status_code == 404


def test_nobody_can_take_a_former_address(aurora: Company, owner: Person) -> None:
    from core.errors import Conflict

    companies.rename_slug(company=aurora, slug="sunrise")
    with pytest.raises(Conflict):
        companies.create_company(name="Thief", owner=owner, slug="aurora")
    companies.rename_slug(company=aurora, slug="aurora")  # its own it may have back
    assert list(aurora.former_slugs.values_list("slug", flat=True)) == ["sunrise"]


def test_a_suspended_company_is_closed_and_opens_again(aurora: Company, client_for: Any) -> None:
    member = client_for(aurora)
    companies.suspend(company=aurora)
    assert member.get(PAGE).status_code == 404
    listed = member.get("/")
    assert [row.company.state for row in listed.context["memberships"]] == ["suspended"]
    companies.reactivate(company=aurora)
    assert member.get(PAGE).status_code == 200


def test_the_template_is_nobodys_company(aurora: Company) -> None:
    person = make_member(aurora, Role.OWNER)
    template = Company.objects.get(is_template=True)
    person.memberships.create(company=template, role=Role.OWNER)
    client = Client()
    client.force_login(person)
    assert client.get(f"/c/{template.slug}/live").status_code == 404


def test_an_own_host_answers_308_and_nothing_else(aurora: Company, client_for: Any) -> None:
    Domain.objects.create(tenant=aurora, domain="crm.aurora.example", is_primary=True)
    for path in ("/", "/c/aurora/", "/admin/", "/accounts/login/", "/api/v1/me/"):
        answer = client_for(aurora).get(path, headers={"host": "crm.aurora.example"})
        assert (answer.status_code, answer["Location"]) == (
            308,
            "http://localhost:5000/c/aurora/",
        )


@pytest.mark.parametrize(("host", "status"), [("evil.example", 404), ("bad host", 400)])
def test_a_host_that_is_nobodys_gets_nothing(db: None, host: str, status: int) -> None:
    assert Client().get("/accounts/login/", headers={"host": host}).status_code == status


def test_the_companys_prefix_does_not_leak_into_other_addresses(
    aurora: Company, client_for: Any
) -> None:
    page = client_for(aurora).get("/c/aurora/notifications/")
    assert page.status_code == 200
    assert Client().get("/c/aurora/live")["Location"].startswith("/accounts/login/")
    assert Client().get("/admin/")["Location"].startswith("/admin/login/")


def test_the_address_needs_its_slash(aurora: Company, client_for: Any) -> None:
    answer = client_for(aurora).get("/c/aurora")
    assert (answer.status_code, answer["Location"]) == (301, "/c/aurora/")
