"""What people change about themselves, and those who need no e-mail check."""

import pytest
from allauth.account.models import EmailAddress

from core.errors import Invalid
from core.scope import opened
from team.models import Member
from tenants.models import Company, Person
from tenants.services import people


def test_a_new_name_reaches_every_company(aurora: Company, owner: Person) -> None:
    people.update_profile(person=owner, name="  Ana Lima ", language="en")

    owner.refresh_from_db()
    assert (owner.name, owner.language) == ("Ana Lima", "en")
    with opened(aurora):
        assert Member.objects.get(person_id=owner.pk).name == "Ana Lima"


@pytest.mark.parametrize(
    ("name", "language", "field"), [("  ", "en", "name"), ("Ana", "tlh", "language")]
)
def test_what_does_not_fit_changes_nothing(
    owner: Person, name: str, language: str, field: str
) -> None:
    before = (owner.name, owner.language)
    with pytest.raises(Invalid) as caught:
        people.update_profile(person=owner, name=name, language=language)
    owner.refresh_from_db()
    assert list(caught.value.errors) == [field]
    assert (owner.name, owner.language) == before


@pytest.mark.parametrize("superadmin", [False, True])
def test_whoever_was_invited_needs_no_confirming(db: None, superadmin: bool) -> None:
    person = people.create_verified(
        email="Bia@Example.com", password="correct-horse-battery", superadmin=superadmin
    )
    address = EmailAddress.objects.get(user=person)
    assert (address.email, address.verified, address.primary) == (person.email, True, True)
    assert (person.is_staff, person.is_superuser) == (superadmin, superadmin)
    assert person.check_password("correct-horse-battery")


def test_the_operator_lets_people_into_the_administration(owner: Person) -> None:
    people.make_superadmin(person=owner)
    owner.refresh_from_db()
    assert (owner.is_staff, owner.is_superuser) == (True, True)


def test_a_new_password_ends_all_sessions(owner: Person) -> None:
    before = owner.get_session_auth_hash()
    people.set_password(person=owner, password="another-horse-battery")
    owner.refresh_from_db()
    assert owner.check_password("another-horse-battery")
    assert owner.get_session_auth_hash() != before
