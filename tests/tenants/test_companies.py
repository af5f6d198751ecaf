"""A company from its creation to its end: all or nothing, under an address that is its own."""

import pytest
from django.db import connection

from core.errors import Conflict, Invalid
from core.scope import opened
from team.models import Member
from tenants.enums import Role
from tenants.models import Company, FormerSlug, Membership, Person
from tenants.services import companies


def schemas() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'c\\_%'")
        return {name for (name,) in cursor.fetchall()}


def test_a_new_company_has_its_schema_its_owner_and_its_address(owner: Person) -> None:
    company = companies.create_company(name=" Padaria Estrela ", owner=owner)

    assert (company.name, company.slug) == ("Padaria Estrela", "padaria-estrela")
    assert company.schema_name in schemas()
    assert Membership.objects.get(company=company).role == Role.OWNER
    with opened(company):
        assert Member.objects.get().person_id == owner.pk


def test_a_company_that_fails_leaves_nothing_behind(
    owner: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**given: object) -> None:
        message = "boom"
        raise RuntimeError(message)

    before = schemas(), Company.objects.count()
    monkeypatch.setattr(companies.memberships, "add_member", fails)
    with pytest.raises(RuntimeError):
        companies.create_company(name="Padaria", owner=owner)
    assert (schemas(), Company.objects.count()) == before


@pytest.mark.parametrize("slug", ["aurora", "admin", "formerly-aurora"])
def test_a_wished_address_that_is_taken_is_a_conflict(aurora: Company, slug: str) -> None:
    FormerSlug.objects.create(slug="formerly-aurora", company=aurora)
    with pytest.raises(Conflict) as caught:
        companies.create_company(name="Padaria", owner=None, slug=slug)
    assert (caught.value.code, caught.value.field) == ("slug_taken", "slug")


@pytest.mark.parametrize(("name", "slug"), [("", ""), ("Padaria", "-padaria-"), ("Padaria", "A b")])
def test_what_is_no_name_or_address_is_refused(db: None, name: str, slug: str) -> None:
    with pytest.raises(Invalid):
        companies.create_company(name=name, owner=None, slug=slug)


def test_a_made_address_keeps_clear_of_reserved_and_former_ones(aurora: Company) -> None:
    FormerSlug.objects.create(slug="api-2", company=aurora)
    assert companies.create_company(name="API", owner=None).slug == "api-3"


def test_an_address_left_behind_comes_back_only_to_its_company(
    aurora: Company, boreal: Company
) -> None:
    companies.rename_slug(company=aurora, slug="alvorada")
    with pytest.raises(Conflict):
        companies.rename_slug(company=boreal, slug="aurora")

    companies.rename_slug(company=aurora, slug="aurora")

    assert list(FormerSlug.objects.values_list("slug", "company__name")) == [
        ("alvorada", aurora.name)
    ]


def test_settings_change_all_or_nothing(aurora: Company) -> None:
    before = (aurora.name, aurora.slug, aurora.language, aurora.timezone)
    with pytest.raises(Conflict):
        companies.update_settings(
            company=aurora, name="Outra", slug="boreal", language="pt-br", timezone="America/Recife"
        )
    aurora.refresh_from_db()
    assert (aurora.name, aurora.slug, aurora.language, aurora.timezone) == before


def test_a_time_zone_that_does_not_exist_is_told_beside_its_field(aurora: Company) -> None:
    with pytest.raises(Invalid) as caught:
        companies.update_settings(
            company=aurora, name="Aurora", slug="aurora", language="en", timezone="Mars/Base"
        )
    assert list(caught.value.errors) == ["timezone"]


def test_a_suspension_ends(aurora: Company) -> None:
    companies.suspend(company=aurora)
    assert not Company.objects.get(pk=aurora.pk).is_active
    companies.reactivate(company=aurora)
    assert Company.objects.get(pk=aurora.pk).is_active
