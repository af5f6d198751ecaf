"""How members want the list of contacts: their columns, and views under a name for themselves or
for everybody."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict

from core.errors import NotAllowed
from crm.listing import columns
from crm.listing.looks import Look
from crm.models import ContactColumns, ContactView
from team.models import Member
from team.services import saved_views
from tenants.permissions import allows

SHARE = "contact_views.share"


def views_of(member: Member | None) -> QuerySet[ContactView]:
    """The member's own and those that are for everybody, by name."""
    return ContactView.objects.filter(Q(member=member) | Q(is_shared=True)).select_related("member")


def save_view(*, member: Member, name: str, query: str, is_shared: bool = False) -> ContactView:
    """Keep filters, order and columns under a name; the member's view of that name now shows these.

    Args:
        query: of the list's address; what is none of these is left out.

    Raises:
        core.errors.Invalid: as `team.services.saved_views.keep`.
        core.errors.NotAllowed: this member may not share views.
    """
    if is_shared and not allows(member.role, SHARE):
        raise NotAllowed
    cleaned = Look.of(QueryDict(query)).query()
    return saved_views.keep(
        ContactView, member=member, name=name, query=cleaned, is_shared=is_shared
    )


def delete_view(*, member: Member, view_id: UUID) -> None:
    """Forget one's own view, or with the right to share any that is for everybody.

    Raises:
        core.errors.NotFound: there is no such view for this member.
    """
    shared = ContactView.objects.filter(pk=view_id, is_shared=True)
    if allows(member.role, SHARE) and shared.delete()[0]:
        return
    saved_views.forget(ContactView, member=member, view_id=view_id)


def keep_columns(*, member: Member, keys: Iterable[str], can: Iterable[str]) -> None:
    """Remember a member's columns, in their order; none at all means the usual ones again.

    Raises:
        core.errors.Invalid: under `columns`: there is no such column, or they are too many.
    """
    wanted = columns.check(keys, can)
    if wanted:
        ContactColumns.objects.update_or_create(member=member, defaults={"keys": wanted})
    else:
        ContactColumns.objects.filter(member=member).delete()
