"""The settings of a company and of a person."""

from typing import Any

import pytest
from django.core import mail

from core.scope import opened
from team.models import Member
from team.settings_nav import entries
from tenants.enums import Role
from tenants.models import ApiKey, Company, Invitation, Membership, Person
from tests.conftest import make_member

BASE = "/c/aurora/settings/"
COMPANY = {"name": "Aurora", "slug": "aurora", "language": "pt-br", "timezone": "America/Manaus"}


def member_id(company: Company, role: str) -> str:
    person = make_member(company, role)
    with opened(company):
        return str(Member.objects.get(person_id=person.pk).pk)


@pytest.mark.parametrize("role", Role.values)
def test_each_role_sees_what_it_may_open_and_opens_what_it_sees(
    aurora: Company, client_for: Any, role: str
) -> None:
    from django.urls import reverse

    from core.scope import surroundings
    from tenants.permissions import allows

    client = client_for(aurora, role)
    with surroundings(aurora):
        expected = {
            reverse(entry.url_name): 200 if allows(role, entry.permission) else 403
            for entry in entries
        }
    assert {url: client.get(url).status_code for url in expected} == expected
    assert client.get(BASE)["Location"] == next(
        url for url, code in expected.items() if code == 200
    )


def test_a_company_changes_its_name_language_zone_and_address(
    aurora: Company, client_for: Any
) -> None:
    answer = client_for(aurora).post(
        f"{BASE}company/", {**COMPANY, "name": "Sunrise", "slug": "sunrise"}
    )
    assert answer["Location"] == "/c/sunrise/settings/company/"
    aurora.refresh_from_db()
    assert (aurora.name, aurora.slug, aurora.language, aurora.timezone) == (
        "Sunrise",
        "sunrise",
        "pt-br",
        "America/Manaus",
    )


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"slug": "boreal"}, "slug"),
        ({"slug": "admin"}, "slug"),
        ({"slug": "UPPER"}, "slug"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"name": ""}, "name"),
    ],
)
def test_nothing_is_saved_when_one_value_does_not_fit(
    aurora: Company, client_for: Any, wrong: dict[str, str], field: str
) -> None:
    answer = client_for(aurora).post(f"{BASE}company/", {**COMPANY, **wrong})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    aurora.refresh_from_db()
    assert (aurora.language, aurora.slug) == ("en", "aurora")
    assert b'href="/c/aurora/' in answer.content


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AGENT, Role.VIEWER])
def test_only_administrators_change_the_company_and_the_team(
    aurora: Company, client_for: Any, role: str
) -> None:
    client = client_for(aurora, role)
    agent = member_id(aurora, Role.AGENT)
    for path in (
        "company/",
        "members/invite/",
        f"members/{agent}/role/",
        f"members/{agent}/remove/",
        "api-keys/new/",
    ):
        assert client.post(f"{BASE}{path}").status_code == 403
    assert Membership.objects.filter(company=aurora, role=Role.AGENT).exists()


def test_a_member_changes_role_and_leaves(aurora: Company, client_for: Any) -> None:
    agent = member_id(aurora, Role.AGENT)
    owner = client_for(aurora)
    assert owner.post(f"{BASE}members/{agent}/role/", {"role": "manager"}).status_code == 302
    assert Membership.objects.get(person__email="agent@aurora.example").role == Role.MANAGER
    assert owner.post(f"{BASE}members/{agent}/remove/")["Location"] == f"{BASE}members/"
    assert not Membership.objects.filter(person__email="agent@aurora.example").exists()
    assert owner.post(f"{BASE}members/{agent}/remove/").status_code == 404


def test_a_member_of_another_company_is_not_there(
    aurora: Company, boreal: Company, client_for: Any
) -> None:
    theirs = member_id(boreal, Role.AGENT)
    assert client_for(aurora).post(f"{BASE}members/{theirs}/remove/").status_code == 404


def test_an_invitation_is_sent_copied_resent_and_withdrawn(
    aurora: Company, client_for: Any, django_capture_on_commit_callbacks: Any
) -> None:
    client = client_for(aurora)
    with django_capture_on_commit_callbacks(execute=True):
        sent = client.post(f"{BASE}members/invite/", {"email": "n@example.com", "role": "agent"})
    assert b"/invitations/mia_inv_" in sent.content
    row = Invitation.objects.get()
    page = f"{BASE}invitations/{row.pk}/"
    assert b"/invitations/mia_inv_" in client.post(f"{page}link/").content
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(f"{page}resend/").status_code == 302
    assert [letter.to for letter in mail.outbox] == [["n@example.com"]] * 2
    assert client.post(f"{page}revoke/").status_code == 302
    assert client.post(f"{page}link/").status_code == 404


def test_an_invitation_of_another_company_is_not_there(
    aurora: Company, boreal: Company, client_for: Any
) -> None:
    row = Invitation.objects.create(company=boreal, email="n@example.com", token_sha256="0" * 64)
    for verb in ("resend", "link", "revoke"):
        assert client_for(aurora).post(f"{BASE}invitations/{row.pk}/{verb}/").status_code == 404


def test_an_administrator_is_not_offered_to_invite_owners(aurora: Company, client_for: Any) -> None:
    answer = client_for(aurora, Role.ADMIN).post(
        f"{BASE}members/invite/", {"email": "n@example.com", "role": "owner"}
    )
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["role"])


def test_a_key_is_shown_once_and_revoked(aurora: Company, client_for: Any) -> None:
    client = client_for(aurora)
    made = client.post(
        f"{BASE}api-keys/new/", {"name": "Shop", "scopes": ["contacts.view", "contacts.edit"]}
    )
    key = ApiKey.objects.get()
    secret = made.context["secret"]
    assert secret.encode() in made.content
    assert made["Cache-Control"] == "no-store"
    listed = client.get(f"{BASE}api-keys/").content
    assert (secret.encode() in listed, key.prefix.encode() in listed) == (False, True)
    assert client.post(f"{BASE}api-keys/{key.pk}/revoke/").status_code == 302
    assert client.post(f"{BASE}api-keys/{key.pk}/revoke/").status_code == 404


def test_a_key_of_another_company_is_not_there(
    aurora: Company, boreal: Company, client_for: Any
) -> None:
    key = ApiKey.objects.create(company=boreal, name="x", prefix="mia_live_0", sha256="0")
    assert client_for(aurora).post(f"{BASE}api-keys/{key.pk}/revoke/").status_code == 404


def test_a_new_name_is_seen_by_the_team(aurora: Company, client_for: Any) -> None:
    agent = client_for(aurora, Role.AGENT)
    assert agent.post(f"{BASE}profile/", {"name": " Ana ", "language": "pt-br"}).status_code == 302
    assert Person.objects.get(email="agent@aurora.example").language == "pt-br"
    with opened(aurora):
        assert Member.objects.get(email="agent@aurora.example").name == "Ana"
    assert agent.post(f"{BASE}profile/", {"name": "", "language": "pt-br"}).status_code == 422
