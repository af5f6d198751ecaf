"""The superadmin's pages: for superadmins alone, each of them opens, writes go through services."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from connections.models import Connection
from core.schedules import sync
from core.scope import opened
from tenants.admin.navigation import sidebar
from tenants.enums import CompanyState, Role
from tenants.models import Company, Membership, Person
from tests.conftest import make_member


@pytest.fixture
def superadmin(db: None) -> Client:
    client = Client()
    client.force_login(Person.objects.create_superuser("root@example.com", "x", name="Root"))
    return client


def pages() -> list[str]:
    names = [f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry]
    lists = [reverse(f"admin:{name}_changelist") for name in sorted(names)]
    return ["/admin/", "/admin/connections/", "/admin/search/?s=a", *lists]


def test_each_page_opens(superadmin: Client) -> None:
    sync()
    assert {page: superadmin.get(page).status_code for page in pages()} == dict.fromkeys(
        pages(), 200
    )


def test_each_form_opens(superadmin: Client, aurora: Company) -> None:
    sync()
    make_member(aurora, Role.OWNER)
    found: dict[str, int] = {}
    for model, page in admin.site._registry.items():
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        row = page.model._default_manager.order_by("-pk").first()
        if row is not None and model is not Company:
            found[base] = superadmin.get(reverse(f"{base}_change", args=[row.pk])).status_code
    found["company"] = superadmin.get(f"/admin/tenants/company/{aurora.pk}/change/").status_code
    found["new company"] = superadmin.get("/admin/tenants/company/add/").status_code
    found["new membership"] = superadmin.get("/admin/tenants/membership/add/").status_code
    assert found == dict.fromkeys(found, 200)
    assert len(found) > 6


def test_nobody_else_learns_that_it_is_there(aurora: Company, client_for: Any) -> None:
    staff = Person.objects.create_user("staff@example.com", "x", is_staff=True)
    client = Client()
    client.force_login(staff)
    for visitor in (client_for(aurora, Role.OWNER), client):
        for page in pages():
            assert visitor.get(page, follow=True).status_code == 404


def test_strangers_are_sent_to_the_one_sign_in(db: None) -> None:
    answer = Client().get("/admin/tenants/company/", follow=True)
    assert answer.redirect_chain[-1] == ("/accounts/login/?next=/admin/tenants/company/", 302)
    assert Client().post("/admin/login/", {"username": "a", "password": "b"}).status_code == 302


def test_the_sidebar_names_every_registered_page(superadmin: Client, rf: Any) -> None:
    linked = {item["link"] for group in sidebar(rf.get("/")) for item in group["items"]}
    lists = {page for page in pages() if page not in ("/admin/", "/admin/search/?s=a")}
    assert linked == lists


def test_a_company_is_made_with_its_owner(superadmin: Client, aurora: Company) -> None:
    owner = make_member(aurora, Role.OWNER)
    data = {"name": "Nova", "slug": "", "language": "en", "owner_email": owner.email}
    assert superadmin.post("/admin/tenants/company/add/", data).status_code == 302
    nova = Company.objects.get(slug="nova")
    assert Membership.objects.get(company=nova).person == owner
    client = Client()
    client.force_login(owner)
    assert client.get("/c/nova/live").status_code == 200


@pytest.mark.parametrize(
    "wrong", [{"owner_email": "nobody@example.com"}, {"slug": "aurora"}, {"slug": "Not Ok"}]
)
def test_what_the_service_refuses_stands_on_the_form(
    superadmin: Client, aurora: Company, wrong: dict[str, str]
) -> None:
    owner = make_member(aurora, Role.OWNER)
    data = {"name": "Nova", "slug": "", "language": "en", "owner_email": owner.email, **wrong}
    answer = superadmin.post("/admin/tenants/company/add/", data)
    assert list(answer.context["adminform"].form.errors) == list(wrong)
    assert not Company.objects.filter(name="Nova").exists()


def test_a_company_is_suspended_and_reactivated(superadmin: Client, aurora: Company) -> None:
    for action, state in (
        ("suspend", CompanyState.SUSPENDED),
        ("reactivate", CompanyState.ACTIVE),
    ):
        superadmin.post(
            "/admin/tenants/company/", {"action": action, "_selected_action": [str(aurora.pk)]}
        )
        aurora.refresh_from_db()
        assert aurora.state == state


def test_a_company_keeps_its_last_owner_here_too(superadmin: Client, aurora: Company) -> None:
    make_member(aurora, Role.OWNER)
    row = Membership.objects.get(company=aurora)
    url = f"/admin/tenants/membership/{row.pk}/"
    assert superadmin.post(f"{url}change/", {"role": Role.AGENT}).status_code == 200
    superadmin.post(f"{url}delete/", {"post": "yes"})
    row.refresh_from_db()
    assert row.role == Role.OWNER


def test_a_membership_made_here_reaches_the_companys_own_team(
    superadmin: Client, aurora: Company
) -> None:
    from team.models import Member

    person = Person.objects.create_user("late@example.com", "x", name="Late")
    data = {"person": str(person.pk), "company": str(aurora.pk), "role": Role.MANAGER}
    assert superadmin.post("/admin/tenants/membership/add/", data).status_code == 302
    with opened(aurora):
        assert Member.objects.get(person_id=person.pk).role == Role.MANAGER


def test_connection_health_shows_every_companys_numbers(
    superadmin: Client, aurora: Company, boreal: Company
) -> None:
    for company in (aurora, boreal):
        with opened(company):
            Connection.objects.create(
                provider="whatsapp_cloud",
                name=f"Number of {company.name}",
                external_id=company.slug,
                webhook_token=company.slug,
            )
    page = superadmin.get("/admin/connections/").content.decode()
    assert [name in page for name in ("Number of Aurora", "Number of Boreal")] == [True, True]
