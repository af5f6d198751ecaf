"""Reads of the public schema that pages, API and sockets share."""

from uuid import UUID

from django.db.models import QuerySet

from core.scope import UnknownCompany
from tenants.enums import CompanyState
from tenants.models import Company, Membership, Person


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
