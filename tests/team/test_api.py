"""`members` by API."""

from typing import Any

from core.ids import encode
from core.scope import opened
from team.models import Member
from tenants.enums import Role
from tenants.models import Company, Invitation, Membership
from tests.conftest import make_member

URL = "/api/v1/members/"


def public_id(company: Company, role: str) -> str:
    person = make_member(company, role)
    with opened(company):
        return encode("mem", Member.objects.get(person_id=person.pk).pk)


def test_the_team_is_listed_and_read_one_by_one(aurora: Company, api_client: Any) -> None:
    agent = public_id(aurora, Role.AGENT)
    client = api_client(aurora, "members.view")
    listed = client.get(URL).json()
    assert sorted(listed) == ["next", "previous", "results"]
    assert [row["id"] for row in listed["results"]] == [agent]
    assert client.get(f"{URL}{agent}/").json() == listed["results"][0]
    assert sorted(listed["results"][0]) == [
        "created_at",
        "email",
        "id",
        "is_available",
        "name",
        "presence",
        "role",
    ]


def test_another_companys_member_is_not_there(
    aurora: Company, boreal: Company, api_client: Any
) -> None:
    client = api_client(aurora)
    theirs = public_id(boreal, Role.AGENT)
    assert client.get(f"{URL}{theirs}/").status_code == 404
    assert client.patch(f"{URL}{theirs}/", {"role": "viewer"}).status_code == 404
    assert client.get(f"{URL}nonsense/").status_code == 404


def test_a_role_changes_and_a_key_never_makes_an_owner(aurora: Company, api_client: Any) -> None:
    make_member(aurora, Role.OWNER)
    agent = public_id(aurora, Role.AGENT)
    client = api_client(aurora, "members.manage")
    assert client.patch(f"{URL}{agent}/", {"role": "manager"}).json()["role"] == "manager"
    refused = client.patch(f"{URL}{agent}/", {"role": "owner"})
    assert (refused.status_code, refused.json()["code"]) == (403, "owner_only")
    assert client.patch(f"{URL}{agent}/", {"role": "emperor"}).status_code == 422
    assert Membership.objects.get(person__email="agent@aurora.example").role == Role.MANAGER


def test_reading_is_not_managing(aurora: Company, api_client: Any) -> None:
    agent = public_id(aurora, Role.AGENT)
    client = api_client(aurora, "members.view")
    assert client.patch(f"{URL}{agent}/", {"role": "viewer"}).status_code == 403
    assert client.post(f"{URL}invitations/", {"email": "n@example.com"}).status_code == 403


def test_an_invitation_answers_its_link_once(aurora: Company, api_client: Any) -> None:
    client = api_client(aurora, "members.manage")
    made = client.post(f"{URL}invitations/", {"email": "N@example.com", "role": "viewer"})
    assert (made.status_code, made.json()["email"], made.json()["role"]) == (
        201,
        "n@example.com",
        "viewer",
    )
    assert made.json()["link"].startswith("http://localhost:5000/invitations/")
    assert Invitation.objects.get().company == aurora
    member = make_member(aurora, Role.AGENT)
    known = client.post(f"{URL}invitations/", {"email": member.email})
    assert (known.status_code, known.json()["code"]) == (409, "already_member")


def test_a_program_says_whether_a_member_takes_conversations(
    aurora: Company, api_client: Any
) -> None:
    make_member(aurora, Role.AGENT)
    client = api_client(aurora, "members.view", "members.manage")
    [member] = client.get("/api/v1/members/").json()["results"]
    url = f"/api/v1/members/{member['id']}/availability/"
    assert client.post(url, {"is_available": False}, format="json").json()["is_available"] is False
    assert client.get(f"/api/v1/members/{member['id']}/").json()["is_available"] is False
    assert client.post(url, {}, format="json").status_code == 422
