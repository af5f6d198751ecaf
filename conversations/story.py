"""The sentences of a thread's system lines, in the reader's language."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.enums import Priority
from core.ids import uuids_of
from messaging.enums import Direction
from messaging.models import Message
from team.models import Member

SENTENCES: dict[str, str | Promise] = {
    "resolved": gettext_lazy("%(who)s resolved the conversation"),
    "reopened": gettext_lazy("%(who)s opened the conversation again"),
    "pending": gettext_lazy("%(who)s set the conversation to pending"),
    "snoozed": gettext_lazy("%(who)s snoozed the conversation until %(until)s"),
    "woke": gettext_lazy("The conversation woke up: its time has come"),
    "taken": gettext_lazy("%(who)s took the conversation"),
    "assigned": gettext_lazy("%(who)s gave the conversation to %(member)s"),
    "unassigned": gettext_lazy("%(who)s took the conversation from its member"),
    "to_team": gettext_lazy("%(who)s gave the conversation to the team %(team)s"),
    "to_team_member": gettext_lazy(
        "%(who)s gave the conversation to %(member)s of the team %(team)s"
    ),
    "priority": gettext_lazy("%(who)s set the priority: %(priority)s"),
    "rated": gettext_lazy("The customer rated the service: %(score)s of 5"),
    "labels": gettext_lazy("%(who)s changed the labels: %(changes)s"),
}

Names = Mapping[UUID, str]


def members_of(messages: Iterable[Message]) -> Names:
    """The names of all members that system lines among these messages speak of; one query, or none
    where nobody is spoken of."""
    ids = {pk for message in messages for pk in _ids_in(message)}
    return names_of(ids) if ids else {}


def names_of(ids: Collection[UUID]) -> Names:
    """Members' names by id, also of those who have left."""
    return {member.pk: str(member) for member in Member.objects.filter(pk__in=ids)}


def sentence(message: Message, names: Names) -> str:
    """What a system line says; empty for one that holds its own text."""
    content = message.content
    pattern = SENTENCES.get(str(content.get("code")))
    if pattern is None:
        return ""
    who = str(message.author) if message.author is not None else _("A program")
    return str(pattern) % {"who": who, **_values(content, names)}


def _values(content: Mapping[str, Any], names: Names) -> dict[str, str]:
    return {
        "member": _name(content.get("member"), names),
        "team": str(content.get("team") or ""),
        "score": str(content.get("score") or ""),
        "until": _moment(content.get("until")),
        "priority": _priority(content.get("priority")),
        "changes": ", ".join(
            [f"+ {name}" for name in content.get("added") or ()]
            + [f"− {name}" for name in content.get("removed") or ()]  # noqa: RUF001
        ),
    }


def _ids_in(message: Message) -> list[UUID]:
    if message.direction != Direction.INTERNAL:
        return []
    return uuids_of([str(message.content.get("member"))])


def _name(key: Any, names: Names) -> str:
    found = uuids_of([str(key)])
    return names.get(found[0], _("somebody who has left")) if found else ""


def _moment(text: Any) -> str:
    at = parse_datetime(str(text)) if text else None
    return date_format(timezone.localtime(at), "SHORT_DATETIME_FORMAT") if at else ""


def _priority(value: Any) -> str:
    return str(Priority(value).label) if value in Priority.values else ""
