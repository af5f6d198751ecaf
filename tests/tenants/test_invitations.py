"""Invitations: one link, one address, one use."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils.timezone import now

from core.errors import Conflict, Invalid, NotAllowed, NotFound
from core.logging import mask_text
from tenants.enums import CompanyState, Role
from tenants.models import Company, Invitation, Membership, Person
from tenants.services import invitations
from tenants.services.authors import Author
from tenants.services.people import create_verified
from tests.conftest import make_member

EMAIL = "new@example.com"
PASSWORD = "a-long-enough-secret"


@pytest.fixture
def by(aurora: Company) -> Author:
    person = make_member(aurora, Role.OWNER)
    return Author.member(Membership.objects.get(company=aurora, person=person))


@pytest.fixture
def invited(
    aurora: Company, by: Author, django_capture_on_commit_callbacks: object
) -> invitations.Invited:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        return invitations.invite(company=aurora, email=EMAIL, role=Role.AGENT, by=by)


def path_of(link: str) -> str:
    return link.split("localhost:5000")[-1]


def mailed_path() -> str:
    found = re.search(r"http\S+", str(mail.outbox[-1].body))
    assert found
    return path_of(found.group())


def signed_in(email: str) -> tuple[Client, Person]:
    person = create_verified(email=email, password=PASSWORD, name="New")
    client = Client()
    client.force_login(person)
    return client, person


def test_the_letter_speaks_the_companys_language_and_has_both_forms(
    aurora: Company, by: Author, django_capture_on_commit_callbacks: object
) -> None:
    Company.objects.filter(pk=aurora.pk).update(language="en", name="Aurora\nBcc: x@y.z")
    aurora.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        invitations.invite(company=aurora, email=EMAIL, role=Role.AGENT, by=by)
    letter = mail.outbox[-1]
    assert letter.to == [EMAIL]
    assert letter.subject == "Invitation to Aurora Bcc: x@y.z"
    assert [kind for _, kind in letter.alternatives] == ["text/html"]  # type: ignore[attr-defined]


def test_only_the_hash_of_the_link_is_kept_and_logs_hide_it(invited: invitations.Invited) -> None:
    token = invited.link.rstrip("/").rsplit("/", 1)[-1]
    row = Invitation.objects.values().get(pk=invited.invitation.pk)
    assert token not in str(row)
    assert token not in mask_text(f"GET {path_of(invited.link)}")


def test_somebody_new_joins_from_the_mail_without_another_confirmation(
    aurora: Company, invited: invitations.Invited
) -> None:
    client = Client()
    answer = client.post(mailed_path(), {"name": "Nova", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/c/aurora/")
    person = Person.objects.get(email=EMAIL)
    assert EmailAddress.objects.get(user=person).verified
    assert Membership.objects.get(company=aurora, person=person).role == Role.AGENT
    assert client.get("/c/aurora/live").status_code == 200


def test_the_link_without_the_mail_makes_no_account(invited: invitations.Invited) -> None:
    answer = Client().post(path_of(invited.link), {"name": "Nova", "password": PASSWORD})
    assert answer.status_code == 200
    assert not Person.objects.filter(email=EMAIL).exists()


def test_the_link_does_not_tell_whether_the_address_has_an_account(
    invited: invitations.Invited,
) -> None:
    before = Client().get(path_of(invited.link)).content
    create_verified(email=EMAIL, password=PASSWORD)
    after = Client().get(path_of(invited.link)).content
    token = re.compile(rb'(name="csrfmiddlewaretoken" value|X-CSRFToken)[^>]+')
    assert token.sub(b"", before) == token.sub(b"", after)


def test_a_weak_password_is_refused_beside_its_field(invited: invitations.Invited) -> None:
    answer = Client().post(mailed_path(), {"name": "Nova", "password": "12345"})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["password"]


def test_somebody_with_an_account_accepts_once(
    aurora: Company, invited: invitations.Invited
) -> None:
    client, person = signed_in(EMAIL)
    path = path_of(invited.link)
    assert client.get(path).status_code == 200
    assert client.post(path)["Location"] == "/c/aurora/"
    assert Membership.objects.filter(company=aurora, person=person).count() == 1
    assert client.post(path).status_code == 404
    assert Client().get(path).status_code == 404


def test_another_persons_link_is_of_no_use(aurora: Company, invited: invitations.Invited) -> None:
    client, person = signed_in("stranger@example.com")
    assert client.post(path_of(invited.link)).status_code == 403
    with pytest.raises(NotAllowed):
        invitations.accept(invitation=invited.invitation, person=person)
    assert client.post(f"/invitations/{invited.invitation.pk}/accept/").status_code == 404
    assert not Membership.objects.filter(company=aurora, person=person).exists()


def test_an_unconfirmed_address_accepts_nothing(invited: invitations.Invited) -> None:
    person = Person.objects.create_user(EMAIL, PASSWORD)
    EmailAddress.objects.create(user=person, email=EMAIL, verified=False, primary=True)
    with pytest.raises(NotAllowed):
        invitations.accept(invitation=invited.invitation, person=person)


@pytest.mark.parametrize(
    "change",
    [{"expires_at": now() - timedelta(seconds=1)}, {"revoked_at": now()}, {"accepted_at": now()}],
)
def test_expired_withdrawn_and_used_links_are_dead(
    invited: invitations.Invited, change: dict[str, object]
) -> None:
    Invitation.objects.filter(pk=invited.invitation.pk).update(**change)
    client, person = signed_in(EMAIL)
    assert client.post(path_of(invited.link)).status_code == 404
    with pytest.raises(NotFound):
        invitations.accept(invitation=invited.invitation, person=person)


def test_a_suspended_companys_link_is_dead(aurora: Company, invited: invitations.Invited) -> None:
    Company.objects.filter(pk=aurora.pk).update(state=CompanyState.SUSPENDED)
    assert Client().get(path_of(invited.link)).status_code == 404


def test_a_new_link_ends_the_old_one_and_the_old_mail(
    invited: invitations.Invited, by: Author
) -> None:
    old_mail = mailed_path()
    renewed = invitations.renew(invitation=invited.invitation, by=by, mail=False)
    assert Client().get(path_of(invited.link)).status_code == 404
    assert Client().get(path_of(renewed.link)).status_code == 200
    proof = old_mail.partition("?")[2]
    copied = Client().post(f"{path_of(renewed.link)}?{proof}", {"name": "N", "password": PASSWORD})
    assert copied.status_code == 200
    assert not Person.objects.filter(email=EMAIL).exists()


def test_inviting_the_same_address_again_leaves_one_open_invitation(
    aurora: Company, invited: invitations.Invited, by: Author
) -> None:
    again = invitations.invite(company=aurora, email=EMAIL.upper(), role=Role.VIEWER, by=by)
    opened = Invitation.objects.filter(company=aurora, accepted_at=None, revoked_at=None)
    assert [row.pk for row in opened] == [again.invitation.pk]


def test_accepting_never_lowers_a_role(aurora: Company, by: Author, people: object) -> None:
    person = make_member(aurora, Role.MANAGER)
    Invitation.objects.create(
        company=aurora, email=person.email, role=Role.VIEWER, token_sha256="0" * 64
    )
    kept = invitations.accept(invitation=Invitation.objects.get(), person=person)
    assert kept.role == Role.MANAGER


def test_members_owners_and_nonsense_are_not_invited(aurora: Company, by: Author) -> None:
    member = make_member(aurora, Role.ADMIN)
    admin = Author.member(Membership.objects.get(company=aurora, person=member))
    with pytest.raises(Conflict):
        invitations.invite(company=aurora, email=member.email, role=Role.AGENT, by=by)
    with pytest.raises(NotAllowed):
        invitations.invite(company=aurora, email=EMAIL, role=Role.OWNER, by=admin)
    with pytest.raises(Invalid):
        invitations.invite(company=aurora, email="nonsense", role=Role.AGENT, by=by)
    with pytest.raises(Invalid):
        invitations.invite(company=aurora, email=EMAIL, role="emperor", by=by)


def test_who_signs_in_later_finds_the_invitation_waiting(
    aurora: Company, invited: invitations.Invited
) -> None:
    client, person = signed_in(EMAIL)
    answer = client.get("/")
    assert [row.pk for row in answer.context["invitations"]] == [invited.invitation.pk]
    entered = client.post(f"/invitations/{invited.invitation.pk}/accept/")
    assert entered["Location"] == "/c/aurora/"
    assert Membership.objects.filter(company=aurora, person=person).exists()
