"""Views of the list that a member keeps under a name."""

from typing import cast
from uuid import UUID

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from conversations.filters import Filters
from conversations.models import SavedView
from core.errors import Invalid, NotFound
from team.models import Member

AT_MOST = 30
NAME_LENGTH = cast("int", SavedView._meta.get_field("name").max_length)


@transaction.atomic
def save_view(*, member: Member, name: str, query: str) -> SavedView:
    """Keep filters under a name; a view of that name now shows these.

    Args:
        query: of the list's address; what is no filter is left out.

    Raises:
        core.errors.Invalid: the name is empty or too long, or there are too many.
    """
    name = " ".join(name.split())
    if not name:
        raise Invalid({"name": _("Give the view a name.")})
    if len(name) > NAME_LENGTH:
        raise Invalid({"name": _("Use at most 60 characters.")})
    mine = SavedView.objects.filter(member=member)
    if not mine.filter(name=name).exists() and mine.count() >= AT_MOST:
        raise Invalid({"name": _("You have 30 views. Delete one that you no longer use.")})
    view, _is_new = SavedView.objects.update_or_create(
        member=member, name=name, defaults={"query": Filters.of(QueryDict(query)).query()}
    )
    return view


def delete_view(*, member: Member, view_id: UUID) -> None:
    """Forget it; nobody else has it.

    Raises:
        core.errors.NotFound: this member has no such view.
    """
    if not SavedView.objects.filter(member=member, pk=view_id).delete()[0]:
        raise NotFound
