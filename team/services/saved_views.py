"""Views of a list that a member keeps under a name: what inbox and contacts have in common."""

from __future__ import annotations

from typing import Any, TypeVar, cast
from uuid import UUID

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, NotFound
from team.models import Member

AT_MOST = 30
NAME_LENGTH = 60
# With `member`, `name` (unique for each member) and `query`.
V = TypeVar("V", bound=models.Model)


@transaction.atomic
def keep(model: type[V], *, member: Member, name: str, query: str, **values: Any) -> V:
    """Keep a list's query under a name; the member's view of that name now shows this one.

    Args:
        query: of the list's address, with nothing in it that is none of the list's.
        values: further columns of the model.

    Raises:
        core.errors.Invalid: under `name` or `query`: empty, too long, or there are too many.
    """
    name = " ".join(name.replace("\x00", "").split())
    if not name:
        raise Invalid({"name": _("Give the view a name.")})
    if len(name) > NAME_LENGTH:
        raise Invalid({"name": _("Use at most 60 characters.")})
    if len(query) > cast("Any", model._meta.get_field("query")).max_length:
        raise Invalid({"name": _("These are too many filters for one view. Take some away.")})
    mine = model._default_manager.filter(member=member)
    if not mine.filter(name=name).exists() and mine.count() >= AT_MOST:
        raise Invalid({"name": _("You have 30 views. Delete one that you no longer use.")})
    view, _is_new = model._default_manager.update_or_create(
        member=member, name=name, defaults={"query": query, **values}
    )
    return view


def forget(model: type[models.Model], *, member: Member, view_id: UUID) -> None:
    """Forget a member's own view.

    Raises:
        core.errors.NotFound: this member has no such view.
    """
    if not model._default_manager.filter(member=member, pk=view_id).delete()[0]:
        raise NotFound
