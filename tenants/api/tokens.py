"""Tokens of people, bound to one company: fifteen minutes of access, seven days to renew it.

A token carries who and where, and a stamp of the password; what the person may do is read afresh
each time. A new password, the end of the membership or of the company ends them all.
"""

from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.utils.crypto import constant_time_compare
from rest_framework_simplejwt.tokens import RefreshToken, Token

from tenants.enums import CompanyState
from tenants.models import Membership, Person

COMPANY_CLAIM = "company"
PERSON_CLAIM = "person"
STAMP_CLAIM = "stamp"
STAMP_LENGTH = 32
NOBODY = UUID(int=0)


def issue(membership: Membership) -> dict[str, str]:
    """A pair of tokens for a member: `{"access", "refresh"}`."""
    refresh = RefreshToken()
    refresh[COMPANY_CLAIM] = str(membership.company_id)
    refresh[PERSON_CLAIM] = str(membership.person_id)
    refresh[STAMP_CLAIM] = _stamp(membership.person)
    return {"access": str(refresh.access_token), "refresh": str(refresh)}


def membership_by_token(token: Token) -> Membership | None:
    """The membership that a valid token still stands for; None when it has ended."""
    claims: dict[str, Any] = token.payload
    membership = (
        Membership.objects.select_related("company", "person")
        .filter(
            company_id=claims.get(COMPANY_CLAIM, NOBODY),
            person_id=claims.get(PERSON_CLAIM, NOBODY),
            company__state=CompanyState.ACTIVE,
            person__is_active=True,
        )
        .first()
    )
    stamp = str(claims.get(STAMP_CLAIM, ""))
    if membership is None or not constant_time_compare(stamp, _stamp(membership.person)):
        return None
    return membership


def membership_for_sign_in(person: Person, slug: str) -> Membership | None:
    """The membership by which a person may have tokens for a company; None for every "no"."""
    is_verified = EmailAddress.objects.filter(
        user=person, email__iexact=person.email, verified=True
    ).exists()
    membership = (
        Membership.objects.select_related("company", "person")
        .filter(person=person, company__slug=slug, company__state=CompanyState.ACTIVE)
        .first()
    )
    return membership if is_verified and person.is_active else None


def _stamp(person: Person) -> str:
    """Changes with the password, like the one of Django's sessions."""
    return person.get_session_auth_hash()[:STAMP_LENGTH]
