"""Signing in by API: one uniform no, limited like the page, ended by what ends a membership."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from tenants.enums import Role
from tenants.models import Company, Membership, Person
from tenants.services import companies, memberships, people
from tenants.services.authors import Author
from tests.conftest import make_member

PASSWORD = "correct-horse-battery"
URL = "/api/v1/auth/token/"


def ask(email: str, password: str = PASSWORD, company: str = "aurora") -> Any:
    return APIClient().post(URL, {"email": email, "password": password, "company": company})


def bearer(access: str) -> APIClient:
    return APIClient(headers={"Authorization": f"Bearer {access}"})


def refresh(token: str) -> Any:
    return APIClient().post(f"{URL}refresh/", {"refresh": token})


@pytest.fixture
def tokens(aurora: Company) -> dict[str, str]:
    pair: dict[str, str] = ask(make_member(aurora, Role.MANAGER).email).json()
    return pair


def test_a_member_gets_a_pair_that_is_bound_to_the_company(tokens: dict[str, str]) -> None:
    assert sorted(tokens) == ["access", "refresh"]
    me = bearer(tokens["access"]).get("/api/v1/me/").json()
    assert (me["company"]["slug"], me["role"], me["person"]["email"]) == (
        "aurora",
        "manager",
        "manager@aurora.example",
    )
    assert "campaigns.manage" in me["permissions"]
    assert "members.manage" not in me["permissions"]


def test_every_no_looks_the_same(aurora: Company, boreal: Company) -> None:
    email = make_member(aurora, Role.OWNER).email
    unverified = make_member(aurora, Role.AGENT)
    EmailAddress.objects.filter(user=unverified).update(verified=False)
    inactive = make_member(aurora, Role.VIEWER)
    Person.objects.filter(pk=inactive.pk).update(is_active=False)
    answers = [
        ask(email, "wrong"),
        ask("nobody@example.com"),
        ask(email, company="nowhere"),
        ask(email, company="boreal"),
        ask(unverified.email),
        ask(inactive.email),
    ]
    bodies = [{**answer.json(), "request_id": None} for answer in answers]
    assert [answer.status_code for answer in answers] == [401] * 6
    assert bodies == [bodies[0]] * 6
    assert bodies[0]["code"] == "sign_in_failed"
    assert answers[0]["WWW-Authenticate"] == "Bearer"


def test_missing_fields_are_named(db: None) -> None:
    answer = APIClient().post(URL, {"email": "no"})
    assert answer.status_code == 422
    assert sorted({error["field"] for error in answer.json()["errors"]}) == [
        "company",
        "email",
        "password",
    ]


def test_the_limit_is_the_pages_own_with_and_without_redis(aurora: Company, any_redis: str) -> None:
    email = make_member(aurora, Role.OWNER).email
    assert [ask(email, "wrong").status_code for _ in range(5)] == [401] * 5
    limited = ask(email)
    assert (limited.status_code, limited["Retry-After"]) == (429, "300")


def test_a_refresh_token_gives_a_new_pair_and_opens_nothing_itself(
    tokens: dict[str, str],
) -> None:
    renewed = refresh(tokens["refresh"])
    assert renewed.status_code == 200
    assert bearer(renewed.json()["access"]).get("/api/v1/me/").status_code == 200
    assert bearer(tokens["refresh"]).get("/api/v1/me/").status_code == 401
    assert refresh(tokens["access"]).status_code == 401
    assert refresh("nonsense").status_code == 401


def test_access_lasts_fifteen_minutes_and_renewal_seven_days(tokens: dict[str, str]) -> None:
    now = timezone.now().timestamp()
    access, renewal = AccessToken(tokens["access"]), RefreshToken(tokens["refresh"])
    assert access["exp"] - now == pytest.approx(15 * 60, abs=5)
    assert renewal["exp"] - now == pytest.approx(7 * 86_400, abs=5)


def test_an_expired_token_is_refused(tokens: dict[str, str]) -> None:
    token = AccessToken(tokens["access"])
    token.set_exp(lifetime=-timedelta(seconds=1))
    assert bearer(str(token)).get("/api/v1/me/").status_code == 401


def _leave(company: Company, person: Person) -> None:
    owner = make_member(company, Role.OWNER)
    by = Author.member(Membership.objects.get(company=company, person=owner))
    memberships.remove_member(
        membership=Membership.objects.get(company=company, person=person), by=by
    )


def _new_password(company: Company, person: Person) -> None:
    people.set_password(person=person, password="another-long-secret")


def _suspend(company: Company, person: Person) -> None:
    companies.suspend(company=company)


@pytest.mark.parametrize("end", [_leave, _new_password, _suspend])
def test_leaving_a_new_password_and_a_suspension_end_all_tokens(
    aurora: Company, tokens: dict[str, str], end: Any
) -> None:
    end(aurora, make_member(aurora, Role.MANAGER))
    assert bearer(tokens["access"]).get("/api/v1/me/").status_code == 401
    assert refresh(tokens["refresh"]).status_code == 401


def test_the_role_is_read_afresh(aurora: Company, tokens: dict[str, str]) -> None:
    memberships.add_member(
        company=aurora, person=make_member(aurora, Role.MANAGER), role=Role.VIEWER
    )
    assert bearer(tokens["access"]).get("/api/v1/me/").json()["role"] == "viewer"


def test_a_token_for_another_company_is_not_ours_to_make(tokens: dict[str, str]) -> None:
    forged = AccessToken(tokens["access"])
    forged["company"] = str(Company.objects.get(slug="boreal").pk)
    assert bearer(str(forged)).get("/api/v1/me/").status_code == 401


def test_a_session_does_not_open_the_api(aurora: Company, client_for: Any) -> None:
    assert client_for(aurora).get("/api/v1/me/").status_code == 401
