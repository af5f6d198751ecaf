"""Invitations by link: one address, one company, one use.

Only the hash of the link's token is kept. Whoever invites may see the link too (to send it by
other means), so the token alone proves nothing about the mailbox: the mailed link carries a proof
besides, and only with it an account comes to be without confirming the e-mail.
"""

import hashlib
import secrets
from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.signing import Signer
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import constant_time_compare
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Invalid, NotAllowed, NotFound
from tenants.enums import CompanyState, Role
from tenants.links import platform_url
from tenants.mail import send_invitation
from tenants.models import Company, Invitation, Membership, Person, invitation_expiry
from tenants.services import memberships, people
from tenants.services.authors import Author, person_actor

_signer = Signer(salt="tenants.invitation")


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation with its link, which nobody can read again."""

    invitation: Invitation
    link: str


def invite(*, company: Company, email: str, role: str, by: Author) -> Invited:
    """Invite an e-mail address and mail it the link; an earlier invitation of it ends.

    Raises:
        core.errors.Invalid: not an e-mail address or not a role.
        core.errors.Conflict: already a member.
        core.errors.NotAllowed: only an owner invites owners.
    """
    email = _clean(email)
    if role not in Role.values:
        raise Invalid({"role": _("Choose one of the roles.")})
    by.ensure_may_touch(role)
    if Membership.objects.filter(company=company, person__email=email).exists():
        raise Conflict("already_member", _("This person is already in your team."), field="email")
    token = _new_token()
    with transaction.atomic():
        _open(company).filter(email=email).update(revoked_at=now())
        invitation = Invitation.objects.create(
            company=company,
            email=email,
            role=role,
            token_sha256=_digest(token),
            invited_by_id=by.person_id,
        )
        _mail_on_commit(invitation, token)
    return Invited(invitation, _link(token))


def renew(*, invitation: Invitation, by: Author, mail: bool = True) -> Invited:
    """Give an invitation a new link, valid for the whole time again; the old link ends.

    Args:
        mail: send it; False when the inviter only wants to copy it.

    Raises:
        core.errors.NotFound: it was accepted or revoked meanwhile.
        core.errors.NotAllowed: only an owner invites owners.
    """
    by.ensure_may_touch(invitation.role)
    token = _new_token()
    with transaction.atomic():
        current = _locked(invitation)
        current.token_sha256, current.expires_at = _digest(token), invitation_expiry()
        current.save(update_fields=["token_sha256", "expires_at"])
        if mail:
            _mail_on_commit(current, token)
    return Invited(current, _link(token))


def revoke(*, invitation: Invitation) -> None:
    """End an invitation.

    Raises:
        core.errors.NotFound: it was accepted or revoked meanwhile.
    """
    with transaction.atomic():
        current = _locked(invitation)
        current.revoked_at = now()
        current.save(update_fields=["revoked_at"])


def find(token: str) -> Invitation | None:
    """The invitation that a link opens now; None for used, revoked, expired and unknown ones."""
    invitation = (
        Invitation.objects.select_related("company", "invited_by")
        .filter(token_sha256=_digest(token), company__state=CompanyState.ACTIVE)
        .first()
    )
    return invitation if invitation and invitation.is_open else None


def proves_mailbox(invitation: Invitation, proof: str) -> bool:
    """True when the proof came with a mail to the invited address."""
    return constant_time_compare(proof, _proof_of(invitation))


def accept(*, invitation: Invitation, person: Person) -> Membership:
    """Make the invited person a member; somebody who already is keeps their role.

    Raises:
        core.errors.NotAllowed: it is for another e-mail, or the person's is not confirmed.
        core.errors.NotFound: it was used, revoked or has expired.
    """
    if not _owns(person, invitation.email):
        raise NotAllowed(
            "not_for_you", _("This invitation is for another e-mail. Sign in with that one.")
        )
    with transaction.atomic():
        current = _locked(invitation)
        if not current.is_open:
            raise NotFound
        current.accepted_at = now()
        current.save(update_fields=["accepted_at"])
        existing = Membership.objects.filter(company=current.company, person=person).first()
        return existing or memberships.add_member(
            company=current.company,
            person=person,
            role=current.role,
            actor=person_actor(person.pk),
        )


def accept_as_new(*, invitation: Invitation, name: str, password: str) -> Person:
    """Create the invited person, whose mailbox is proven, and make them a member.

    Raises:
        core.errors.Conflict: somebody with that e-mail exists by now.
        core.errors.NotFound: as in accept.
    """
    with transaction.atomic():
        if Person.objects.filter(email=invitation.email).exists():
            raise Conflict("known", _("You already have an account. Sign in to accept."))
        person = people.create_verified(email=invitation.email, password=password, name=name)
        accept(invitation=invitation, person=person)
    return person


def _owns(person: Person, email: str) -> bool:
    return EmailAddress.objects.filter(user=person, email__iexact=email, verified=True).exists()


def _locked(invitation: Invitation) -> Invitation:
    current = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("company", "invited_by")
        .filter(pk=invitation.pk, accepted_at=None, revoked_at=None)
        .first()
    )
    if current is None:
        raise NotFound
    return current


def _open(company: Company) -> QuerySet[Invitation]:
    return Invitation.objects.filter(company=company, accepted_at=None, revoked_at=None)


def _clean(email: str) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid({"email": _("This is not an e-mail address.")}) from error
    return email


def _new_token() -> str:
    """With a prefix by which logs know it as a secret (core.logging)."""
    return f"mia_inv_{secrets.token_hex(32)}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _link(token: str) -> str:
    return platform_url("invitation", token)


def _proof_of(invitation: Invitation) -> str:
    """Ends with the link that it was mailed with."""
    return _signer.signature(f"{invitation.pk}:{invitation.token_sha256}")


def _mail_on_commit(invitation: Invitation, token: str) -> None:
    link = f"{_link(token)}?proof={_proof_of(invitation)}"
    transaction.on_commit(lambda: send_invitation(invitation, link), robust=True)
