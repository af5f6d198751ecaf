"""Who belongs to a company, and who may change that."""

import pytest

from core.errors import Conflict, Invalid, NotAllowed, NotFound
from core.scope import opened
from events.models import Event
from team.models import Member
from tenants.enums import Role
from tenants.models import Company, Membership, Person
from tenants.permissions import PERMISSIONS, allows, granted_to, unknown
from tenants.services import memberships
from tenants.services.authors import Author
from tests.conftest import make_member


def membership_of(company: Company, person: Person) -> Membership:
    return Membership.objects.get(company=company, person=person)


def author(company: Company, role: str) -> Author:
    return Author.member(membership_of(company, make_member(company, role)))


def member_row(company: Company, person: Person) -> Member:
    with opened(company):
        return Member.objects.get(person_id=person.pk)


def test_every_role_of_the_table_exists_and_owners_hold_everything() -> None:
    assert granted_to(Role.OWNER) == frozenset(PERMISSIONS)
    assert {role for roles in PERMISSIONS.values() for role in roles} == set(Role)


def test_a_viewer_changes_nothing() -> None:
    writing = {name for name in PERMISSIONS if not name.endswith(".view")}
    assert granted_to(Role.VIEWER) & writing == set()


def test_a_misspelt_permission_is_an_error_and_not_a_no() -> None:
    with pytest.raises(KeyError):
        allows(Role.OWNER, "contact.view")
    assert unknown(["contacts.view", "contacts.fly"]) == ["contacts.fly"]


def test_the_last_owner_can_be_neither_demoted_nor_removed(aurora: Company, owner: Person) -> None:
    only = membership_of(aurora, owner)
    with pytest.raises(Conflict):
        memberships.change_role(membership=only, role=Role.ADMIN, by=Author.member(only))
    with pytest.raises(Conflict):
        memberships.remove_member(membership=only, by=Author.member(only))
    assert membership_of(aurora, owner).role == Role.OWNER
    assert member_row(aurora, owner).is_active


def test_with_a_second_owner_the_first_may_go(aurora: Company, owner: Person) -> None:
    other = Person.objects.create_user("second@aurora.example", "x", name="Second")
    second = memberships.add_member(company=aurora, person=other, role=Role.OWNER)
    memberships.remove_member(membership=membership_of(aurora, owner), by=Author.member(second))
    assert list(Membership.objects.filter(company=aurora)) == [second]
    assert not member_row(aurora, owner).is_active


def test_an_administrator_neither_makes_nor_unmakes_owners(
    aurora: Company, people: dict[str, Person]
) -> None:
    admin = author(aurora, Role.ADMIN)
    with pytest.raises(NotAllowed):
        memberships.change_role(
            membership=membership_of(aurora, people[Role.AGENT]), role=Role.OWNER, by=admin
        )
    with pytest.raises(NotAllowed):
        memberships.remove_member(membership=membership_of(aurora, people[Role.OWNER]), by=admin)


def test_the_role_that_counts_is_the_one_at_the_moment_of_removal(
    aurora: Company, people: dict[str, Person]
) -> None:
    stale = membership_of(aurora, people[Role.MANAGER])
    memberships.add_member(company=aurora, person=people[Role.MANAGER], role=Role.OWNER)
    with pytest.raises(NotAllowed):
        memberships.remove_member(membership=stale, by=author(aurora, Role.ADMIN))


def test_removing_twice_says_that_it_is_gone(aurora: Company, people: dict[str, Person]) -> None:
    gone = membership_of(aurora, people[Role.AGENT])
    by = author(aurora, Role.OWNER)
    memberships.remove_member(membership=gone, by=by)
    stale = Membership(pk=gone.pk, company=aurora, person=people[Role.AGENT], role=Role.AGENT)
    with pytest.raises(NotFound):
        memberships.remove_member(membership=stale, by=by)


def test_there_are_only_the_roles_of_the_table(aurora: Company, owner: Person) -> None:
    with pytest.raises(Invalid):
        memberships.add_member(company=aurora, person=owner, role="emperor")


def test_a_name_that_changes_changes_in_all_companies(aurora: Company, boreal: Company) -> None:
    person = Person.objects.create_user("two@example.com", "x", name="Before")
    for company in (aurora, boreal):
        memberships.add_member(company=company, person=person, role=Role.AGENT)
    person.name = "After"
    person.save()
    memberships.resync(person=person)
    assert [member_row(company, person).name for company in (aurora, boreal)] == ["After", "After"]


def test_what_happens_to_people_is_in_the_log_with_who_did_it(
    aurora: Company, people: dict[str, Person]
) -> None:
    by = author(aurora, Role.OWNER)
    agent = membership_of(aurora, people[Role.AGENT])
    with opened(aurora):
        Event.objects.all().delete()
    memberships.change_role(membership=agent, role=Role.MANAGER, by=by)
    memberships.remove_member(membership=agent, by=by)
    member_id = str(member_row(aurora, people[Role.AGENT]).pk)
    with opened(aurora):
        told = list(Event.objects.order_by("sequence").values_list("type", "data", "actor"))
    assert told == [
        (
            "member.role_changed",
            {"member_id": member_id, "before": "agent", "role": "manager"},
            by.actor,
        ),
        ("member.left", {"member_id": member_id}, by.actor),
    ]
