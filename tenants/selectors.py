"""Reads of the public schema that pages, API and sockets share."""

from uuid import UUID

from allauth.account.models import EmailAddress
from django.db.models import QuerySet
from django.utils.timezone import now

from core.scope import UnknownCompany
from tenants.enums import CompanyState
from tenants.models import ApiKey, Company, Invitation, Membership, Person


def company_by_id(company_id: UUID) -> Company:
    """A company whose schema may be opened, whatever its state short of deleted.

    Raises:
        core.scope.UnknownCompany: there is none, or it was deleted.
    """
    company = (
        Company.objects.filter(pk=company_id, is_template=False)
        .exclude(state=CompanyState.DELETED)
        .first()
    )
    if company is None:
        raise UnknownCompany(company_id)
    return company


def all_companies() -> QuerySet[Company]:
    """Every company that people see, by name; not the template that new ones are cloned from."""
    return Company.objects.filter(is_template=False).exclude(schema_name="public")


def membership_by_slug(*, person: Person, slug: str) -> Membership | None:
    """The membership that lets a person open `/c/<slug>/`, with its company; None for strangers.

    A suspended company is a stranger's to everyone: its people see that on their list of companies.
    """
    return (
        Membership.objects.select_related("company")
        .filter(
            person=person,
            company__slug=slug,
            company__state=CompanyState.ACTIVE,
            company__is_template=False,
        )
        .first()
    )


def memberships_of(person: Person) -> QuerySet[Membership]:
    """A person's companies, by name, suspended ones included."""
    return (
        Membership.objects.select_related("company")
        .filter(person=person, company__is_template=False)
        .exclude(company__state=CompanyState.DELETED)
        .order_by("company__name", "company_id")
    )


def invitations_for(person: Person) -> QuerySet[Invitation]:
    """Open invitations of the e-mail addresses that a person has confirmed."""
    addresses = EmailAddress.objects.filter(user=person, verified=True).values("email")
    return Invitation.objects.select_related("company", "invited_by").filter(
        email__in=addresses,
        accepted_at=None,
        revoked_at=None,
        expires_at__gt=now(),
        company__state=CompanyState.ACTIVE,
    )


def pending_invitations(company: Company) -> QuerySet[Invitation]:
    """Invitations of a company that nobody accepted or revoked, expired ones included."""
    return (
        Invitation.objects.select_related("invited_by")
        .filter(company=company, accepted_at=None, revoked_at=None)
        .order_by("-created_at")
    )


def api_keys_of(company: Company) -> QuerySet[ApiKey]:
    """A company's live keys, newest first."""
    return ApiKey.objects.select_related("created_by").filter(company=company, revoked_at=None)
