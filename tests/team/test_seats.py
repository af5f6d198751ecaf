"""A socket's place in a company, from its session."""

import pytest
from django.test import Client

from core import consumers, topics
from core.consumers import SignedOut
from core.scope import opened
from team.models import Member
from team.seats import load_member, resolve
from tenants.enums import Role
from tenants.models import Company
from tenants.services import companies, memberships, people
from tenants.services.authors import Author
from tests.conftest import make_member


def session_of(company: Company, role: str = Role.OWNER) -> str:
    client = Client()
    client.force_login(make_member(company, role))
    key = client.session.session_key
    assert key
    return key


def test_a_member_has_a_seat(aurora: Company) -> None:
    person = make_member(aurora, Role.OWNER)
    seat = resolve(session_of(aurora), "aurora")
    assert seat
    with opened(aurora):
        member = Member.objects.get(person_id=person.pk)
        assert load_member(seat) == member
        assert topics.allowed(member, f"notifications:{member.pk}")
    assert (seat.company_id, seat.schema_name, seat.person_id, seat.member_id) == (
        aurora.pk,
        aurora.schema_name,
        person.pk,
        member.pk,
    )


def test_sockets_ask_here() -> None:
    assert consumers.resolver is resolve


def test_strangers_and_unknown_companies_have_none(aurora: Company, boreal: Company) -> None:
    assert resolve(session_of(boreal), "aurora") is None
    assert resolve(session_of(aurora), "nowhere") is None


def test_a_seat_ends_with_the_membership_and_the_company(aurora: Company) -> None:
    agent, session = make_member(aurora, Role.AGENT), session_of(aurora, Role.AGENT)
    companies.suspend(company=aurora)
    assert resolve(session, "aurora") is None
    companies.reactivate(company=aurora)
    assert resolve(session, "aurora")
    memberships.remove_member(
        membership=agent.memberships.get(),
        by=Author.member(make_member(aurora, Role.OWNER).memberships.get()),
    )
    assert resolve(session, "aurora") is None


@pytest.mark.parametrize("session", ["", "nonsense"])
def test_without_a_session_one_is_signed_out(db: None, session: str) -> None:
    with pytest.raises(SignedOut):
        resolve(session, "aurora")


def test_a_new_password_and_an_inactive_account_sign_out(aurora: Company) -> None:
    owner, first, second = make_member(aurora, Role.OWNER), session_of(aurora), session_of(aurora)
    people.set_password(person=owner, password="another-long-secret")
    with pytest.raises(SignedOut):
        resolve(first, "aurora")
    agent = make_member(aurora, Role.AGENT)
    third = session_of(aurora, Role.AGENT)
    agent.is_active = False
    agent.save()
    for session in (second, third):
        with pytest.raises(SignedOut):
            resolve(session, "aurora")
