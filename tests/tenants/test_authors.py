"""Who acts, as events name them, and who may touch an owner."""

import pytest

from core.errors import NotAllowed
from tenants.enums import Role
from tenants.models import ApiKey, Company, Membership, Person
from tenants.services.authors import Author
from tests.conftest import make_member


def test_each_author_has_a_name_of_its_own(aurora: Company, owner: Person) -> None:
    key = ApiKey(company=aurora)
    membership = Membership.objects.get(company=aurora, person=owner)
    assert [
        Author.member(membership).actor,
        Author.superadmin(owner).actor,
        Author.key(key).actor,
    ] == [f"person:{owner.pk}", f"superadmin:{owner.pk}", f"api_key:{key.pk}"]


@pytest.mark.parametrize("role", [role for role in Role if role != Role.OWNER])
def test_nobody_below_an_owner_touches_an_owner(aurora: Company, role: str) -> None:
    person = make_member(aurora, role)
    author = Author.member(Membership.objects.get(company=aurora, person=person))
    author.ensure_may_touch(Role.ADMIN)
    with pytest.raises(NotAllowed):
        author.ensure_may_touch(Role.OWNER)


def test_a_program_is_no_owner_and_a_superadmin_is_one(aurora: Company, owner: Person) -> None:
    Author.superadmin(owner).ensure_may_touch(Role.OWNER)
    with pytest.raises(NotAllowed):
        Author.key(ApiKey(company=aurora)).ensure_may_touch(Role.OWNER)
