"""Who belongs to a company: the public membership, kept in step with the company's own members."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, NotAllowed
from core.scope import opened
from tenants.enums import Role
from tenants.models import Company, Membership, Person
from tenants.signals import member_changed


def add_member(*, company: Company, person: Person, role: str) -> Membership:
    """Make a person a member, or change the role of one who is.

    Raises:
        core.errors.Conflict: it would take the company's last owner away.
    """
    with transaction.atomic():
        membership = Membership.objects.select_for_update().filter(
            company=company, person=person
        ).first()
        if membership is None:
            membership = Membership.objects.create(company=company, person=person, role=role)
        else:
            _keep_an_owner(membership, role)
            membership.role = role
            membership.save(update_fields=["role"])
        _tell(company, person, role)
    return membership


def change_role(*, membership: Membership, role: str, by: Membership) -> None:
    """Give a member another role.

    Raises:
        core.errors.NotAllowed: only an owner makes or unmakes owners.
        core.errors.Conflict: it would take the company's last owner away.
    """
    if Role.OWNER in (role, membership.role) and by.role != Role.OWNER:
        raise NotAllowed("owner_only", _("Only an owner can make or change an owner."))
    add_member(company=membership.company, person=membership.person, role=role)


def remove_member(*, membership: Membership, by: Membership) -> None:
    """End a membership; the company keeps the member's name on what they did.

    Raises:
        core.errors.NotAllowed: only an owner removes an owner.
        core.errors.Conflict: the last owner stays.
    """
    if membership.role == Role.OWNER and by.role != Role.OWNER:
        raise NotAllowed("owner_only", _("Only an owner can remove an owner."))
    with transaction.atomic():
        _keep_an_owner(membership, "")
        company, person = membership.company, membership.person
        membership.delete()
        _tell(company, person, None)


def _keep_an_owner(membership: Membership, new_role: str) -> None:
    if membership.role != Role.OWNER or new_role == Role.OWNER:
        return
    owners = Membership.objects.select_for_update().filter(
        company_id=membership.company_id, role=Role.OWNER
    )
    if not owners.exclude(pk=membership.pk).exists():
        raise Conflict(
            "last_owner", _("A company needs an owner. Make somebody else owner first.")
        )


def _tell(company: Company, person: Person, role: str | None) -> None:
    with opened(company):
        member_changed.send(sender=Membership, company=company, person=person, role=role)
