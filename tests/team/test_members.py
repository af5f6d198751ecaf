"""The company's own copy of its people."""

import uuid

from core.scope import opened
from team.models import Member
from team.selectors import member_page, members_with
from team.services import members
from tenants.enums import Role
from tenants.models import Company, Person


def test_each_role_has_its_row_in_the_company_alone(
    company: Company, people: dict[str, Person], boreal: Company
) -> None:
    rows = {row.role: row.person_id for row in Member.objects.all()}
    assert rows == {role: person.pk for role, person in people.items()}
    with opened(boreal):
        assert Member.objects.count() == 0


def test_members_are_found_by_what_they_may_do(company: Company, people: dict[str, Person]) -> None:
    assert {member.role for member in members_with("campaigns.manage")} == {
        Role.OWNER,
        Role.ADMIN,
        Role.MANAGER,
    }


def test_who_left_and_comes_back_is_the_same_member(company: Company) -> None:
    person_id = uuid.uuid4()

    def sync(role: str | None) -> None:
        members.sync(
            company_id=company.pk,
            person_id=person_id,
            name="Ana",
            email="ana@example.com",
            role=role,
            actor="system",
        )

    sync(None)
    assert not Member.objects.filter(person_id=person_id).exists()
    sync(Role.AGENT)
    first = Member.objects.get(person_id=person_id)
    sync(None)
    sync(Role.VIEWER)
    again = Member.objects.get(person_id=person_id)
    assert (again.pk, again.is_active, again.role) == (first.pk, True, Role.VIEWER)


def test_pages_of_members_neither_skip_nor_repeat(company: Company) -> None:
    Member.objects.bulk_create(
        Member(person_id=uuid.uuid4(), name="Same Name", email="x@y.z", role=Role.AGENT)
        for _ in range(101)
    )
    seen: list[uuid.UUID] = []
    after = ""
    while True:
        page = member_page(after=after)
        seen += [member.pk for member in page.members]
        after = page.next
        if not after:
            break
    assert (len(seen), len(set(seen))) == (101, 101)
    assert member_page(after="nonsense").members[0].pk == seen[0]
