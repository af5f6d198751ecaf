"""Views of the list of contacts: whose they are, and what they keep."""

import pytest

from core.errors import NotAllowed, NotFound
from crm.services.contact_views import delete_view, save_view, views_of
from team.models import Member
from tenants.enums import Role
from tenants.models import Company, Person


@pytest.fixture
def member(company: Company, people: dict[str, Person]) -> Member:
    """The company's owner."""
    return Member.objects.get(person_id=people[Role.OWNER].pk)


def a_member(role: str) -> Member:
    return Member.objects.create(
        person_id="01a200b5-a0ff-763c-a7f5-8e79aa1f4e79", name="Bia", email="b@x.org", role=role
    )


def test_a_view_keeps_filters_order_and_columns_and_nothing_else(
    company: Company, member: Member
) -> None:
    query = "q=ana&cursor=x&sort=name&columns=email,created&bulk=1"
    view = save_view(member=member, name="Anas", query=query)
    assert view.query == "q=ana&sort=name&columns=email%2Ccreated"


def test_a_private_view_is_its_members_and_a_shared_one_everybodys(
    company: Company, member: Member
) -> None:
    other = a_member(Role.AGENT)
    mine = save_view(member=member, name="Minha", query="q=a")
    ours = save_view(member=member, name="Nossa", query="q=b", is_shared=True)
    assert list(views_of(other)) == [ours]
    assert list(views_of(member)) == [mine, ours]
    for view in (mine, ours):
        with pytest.raises(NotFound):
            delete_view(member=other, view_id=view.pk)
    with pytest.raises(NotAllowed):
        save_view(member=other, name="Deles", query="", is_shared=True)


def test_whoever_may_share_takes_away_what_another_shared(company: Company, member: Member) -> None:
    other = a_member(Role.MANAGER)
    view = save_view(member=other, name="Velha", query="", is_shared=True)
    delete_view(member=member, view_id=view.pk)
    assert list(views_of(other)) == []
