"""Choosing a company, making one, choosing a language."""

from typing import Any

import pytest
from django.test import Client

from tenants.enums import Role
from tenants.models import Company, Person
from tenants.services import memberships
from tests.conftest import make_member


def test_with_two_companies_the_page_lets_choose(aurora: Company, boreal: Company) -> None:
    person = make_member(aurora, Role.OWNER)
    memberships.add_member(company=boreal, person=person, role=Role.AGENT)
    client = Client()
    client.force_login(person)
    page = client.get("/")
    assert page.status_code == 200
    assert [row.company.name for row in page.context["memberships"]] == ["Aurora", "Boreal"]


def test_a_superadmin_without_companies_finds_the_administration(db: None) -> None:
    client = Client()
    client.force_login(Person.objects.create_superuser("root@example.com", "x"))
    assert b'href="/admin/"' in client.get("/").content


def test_a_company_without_a_name_is_refused_beside_the_field(
    aurora: Company, client_for: Any
) -> None:
    answer = client_for(aurora).post("/new/", {"name": "  ", "language": "pt-br"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["name"])


def test_two_companies_of_one_name_get_two_addresses(aurora: Company, client_for: Any) -> None:
    client = client_for(aurora)
    answers = [client.post("/new/", {"name": "Açaí!", "language": "en"}) for _ in range(2)]
    assert [answer["Location"] for answer in answers] == ["/c/acai/", "/c/acai-2/"]
    assert Company.objects.get(slug="acai").language == "en"


def test_a_stranger_keeps_the_language_in_a_cookie(db: None) -> None:
    client = Client()
    client.post("/language/", {"language": "en", "next": "/accounts/login/"})
    assert client.cookies["language"].value == "en"
    assert client.get("/accounts/login/")["Content-Language"] == "en"


def test_a_person_keeps_the_language_with_the_account(aurora: Company, client_for: Any) -> None:
    client_for(aurora).post("/language/", {"language": "en"})
    assert Person.objects.get(email="owner@aurora.example").language == "en"
    assert client_for(aurora).get("/new/")["Content-Language"] == "en"


@pytest.mark.parametrize(
    ("wished", "goes"),
    [("/accounts/login/", "/accounts/login/"), ("https://evil.example/", "/"), ("", "/")],
)
def test_after_choosing_a_language_one_stays_here(db: None, wished: str, goes: str) -> None:
    answer = Client().post("/language/", {"language": "xx", "next": wished})
    assert answer["Location"] == goes
    assert "language" not in answer.cookies
