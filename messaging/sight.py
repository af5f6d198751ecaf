"""Which messages a member may look at: apps that know more of them narrow it down."""

from collections.abc import Callable

from django.db.models import QuerySet

from messaging.models import Message
from team.models import Member

Narrow = Callable[[Member | None, QuerySet[Message]], QuerySet[Message]]

_narrowings: list[Narrow] = []


def narrow(by: Narrow) -> None:
    """Have every look at single messages go through `by`; once, from AppConfig.ready()."""
    _narrowings.append(by)


def seen(member: Member | None, rows: QuerySet[Message]) -> QuerySet[Message]:
    """Those of the rows that the member may look at; None is a program."""
    for by in _narrowings:
        rows = by(member, rows)
    return rows
