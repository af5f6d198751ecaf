"""A socket's place in a company: from its session cookie and the slug in its path."""

from core import scope
from core.consumers import Seat, SignedOut
from team import presence
from team.models import Member
from tenants.seats import membership_of_session


def resolve(session_key: str, slug: str) -> Seat | None:
    """The seat of a session in a company, for connecting and for every re-check; runs in public.

    None when the company is not there for this person (unknown, suspended, not a member).

    Raises:
        core.consumers.SignedOut: nobody is signed in with this session (any more).
    """
    person, membership = membership_of_session(session_key, slug)
    if person is None:
        raise SignedOut
    if membership is None:
        return None
    with scope.opened(membership.company):
        member_id = Member.objects.values_list("pk", flat=True).get(person_id=person.pk)
    return Seat(
        company_id=membership.company_id,
        schema_name=membership.company.schema_name,
        member_id=member_id,
        person_id=person.pk,
    )


def note_here(seat: Seat, is_active: bool) -> None:
    """A page of the seat is open (core.consumers.note_here)."""
    presence.note(company_id=seat.company_id, member_id=seat.member_id, is_active=is_active)


def load_member(seat: Seat) -> Member:
    """What topic checks take as member; runs inside the company."""
    return Member.objects.get(pk=seat.member_id)
