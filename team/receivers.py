"""What the team hears from the platform, and of itself."""

from typing import Any

from django.urls import reverse

from events.models import Event
from team.models import Member
from team.notifications import JOINED
from team.selectors import members_with
from team.services import members
from team.services.notifications import notify
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


def tell_joined(event: Event) -> None:
    """Somebody joined: those who manage the team know, but for whoever it is."""
    member = Member.objects.get(pk=event.data["member_id"])
    notify(
        code=JOINED,
        members=members_with("members.manage").exclude(pk=member.pk),
        data={"name": str(member)},
        url=reverse("members"),
    )
