"""Views of the list that a member keeps under a name."""

from uuid import UUID

from django.http import QueryDict

from conversations.filters import Filters
from conversations.models import SavedView
from team.models import Member
from team.services import saved_views

NAME_LENGTH = saved_views.NAME_LENGTH


def save_view(*, member: Member, name: str, query: str) -> SavedView:
    """Keep filters under a name; a view of that name now shows these.

    Args:
        query: of the list's address; what is no filter is left out.

    Raises:
        core.errors.Invalid: the name is empty or too long, or there are too many.
    """
    cleaned = Filters.of(QueryDict(query)).query()
    return saved_views.keep(SavedView, member=member, name=name, query=cleaned)


def delete_view(*, member: Member, view_id: UUID) -> None:
    """Forget it; nobody else has it.

    Raises:
        core.errors.NotFound: this member has no such view.
    """
    saved_views.forget(SavedView, member=member, view_id=view_id)
