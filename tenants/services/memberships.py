"""Who belongs to a company: the public membership, kept in step with the company's own members."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Invalid, NotFound
from core.scope import opened
from tenants.enums import Role
from tenants.models import Company, Membership, Person
from tenants.selectors import memberships_of
from tenants.services.authors import Author, person_actor
from tenants.signals import member_changed


def add_member(*, company: Company, person: Person, role: str, actor: str = "system") -> Membership:
    """Make a person a member, or change the role of one who is.

    Args:
        actor: who does it, as events name it (`person:<id>`, `api_key:<id>`, `system`).

    Raises:
        core.errors.Invalid: there is no such role.
        core.errors.Conflict: it would take the company's last owner away.
    """
    if role not in Role.values:
        raise Invalid({"role": _("Choose one of the roles.")})
    with transaction.atomic():
        _lock(company)
        membership, is_new = Membership.objects.get_or_create(
            company=company, person=person, defaults={"role": role}
        )
        if not is_new:
            _keep_an_owner(membership, role)
            membership.role = role
            membership.save(update_fields=["role"])
        _tell(company, person, role, actor)
    return membership


def change_role(*, membership: Membership, role: str, by: Author) -> None:
    """Give a member another role.

    Raises:
        core.errors.NotAllowed: only an owner makes or unmakes owners.
        core.errors.Invalid, core.errors.Conflict: as in add_member.
    """
    by.ensure_may_touch(role)
    by.ensure_may_touch(membership.role)
    add_member(company=membership.company, person=membership.person, role=role, actor=by.actor)


def remove_member(*, membership: Membership, by: Author) -> None:
    """End a membership; the company keeps the member's name on what they did.

    Raises:
        core.errors.NotAllowed: only an owner removes an owner.
        core.errors.Conflict: the last owner stays.
        core.errors.NotFound: somebody else was faster.
    """
    company, person = membership.company, membership.person
    with transaction.atomic():
        _lock(company)
        current = Membership.objects.filter(pk=membership.pk).first()
        if current is None:
            raise NotFound
        by.ensure_may_touch(current.role)
        _keep_an_owner(current, "")
        current.delete()
        _tell(company, person, None, by.actor)


def resync(*, person: Person) -> None:
    """Tell a person's companies that their name or e-mail changed."""
    with transaction.atomic():
        for membership in memberships_of(person):
            _tell(membership.company, person, membership.role, person_actor(person.pk))


def _lock(company: Company) -> None:
    """One change of a company's people at a time: two owners must not unmake each other."""
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)


def _keep_an_owner(membership: Membership, new_role: str) -> None:
    if membership.role != Role.OWNER or new_role == Role.OWNER:
        return
    owners = Membership.objects.filter(company_id=membership.company_id, role=Role.OWNER)
    if not owners.exclude(pk=membership.pk).exists():
        raise Conflict("last_owner", _("A company needs an owner. Make somebody else owner first."))


def _tell(company: Company, person: Person, role: str | None, actor: str) -> None:
    with opened(company):
        member_changed.send(
            sender=Membership, company=company, person=person, role=role, actor=actor
        )
