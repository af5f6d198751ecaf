"""What the team hears from the platform."""

from typing import Any

from team.services import members
from tenants.models import Company, Person


def keep_member_in_step(
    *, company: Company, person: Person, role: str | None, actor: str = "system", **kwargs: Any
) -> None:
    """tenants.signals.member_changed, sent inside the company's schema."""
    members.sync(
        company_id=company.pk,
        person_id=person.pk,
        name=person.get_full_name(),
        email=person.email,
        role=role,
        actor=actor,
    )
