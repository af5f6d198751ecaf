"""What a list of conversations shows: read from its address and written back into it.

The address alone says what is shown, so going back, a link to a colleague and a saved view are the
same text. What it says that we do not know counts as not said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from conversations.enums import ConversationStatus
from core.ids import uuid_of
from crm.enums import Channel


class Who(TextChoices):
    """Whose conversations."""

    ALL = "all", pgettext_lazy("conversations", "All")
    MINE = "mine", pgettext_lazy("conversations", "Mine")
    NOBODY = "nobody", pgettext_lazy("conversations", "Unassigned")
    TEAMS = "teams", pgettext_lazy("conversations", "My teams")


class Order(TextChoices):
    """In which order, and which conversations have a place in it."""

    LATEST = "latest", _("Latest message first")
    WAITING = "waiting", _("Waiting longest first")
    CLOSING = "closing", _("Window closing first")
    DUE = "due", _("Answer due first")


class Due(TextChoices):
    """How an answer that is promised stands."""

    SOON = "soon", _("Due soon")
    LATE = "late", _("Late")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What is asked of the list; empty and None mean "all".

    Attributes:
        status: of ConversationStatus.
        channel: of crm's Channel.
        unread: only those with unread messages.
        agent: the member who has it.
        due: of Due, how its answer stands.
    """

    status: str = ConversationStatus.OPEN
    who: str = Who.ALL
    order: str = Order.LATEST
    channel: str = ""
    connection: UUID | None = None
    label: UUID | None = None
    agent: UUID | None = None
    team: UUID | None = None
    unread: bool = False
    due: str = ""

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Filters:
        """What an address says (`request.GET`, or a saved view's query as a QueryDict)."""
        return cls(
            status=_choice(said, "status", ConversationStatus, ConversationStatus.OPEN),
            who=_choice(said, "who", Who, Who.ALL),
            order=_choice(said, "order", Order, Order.LATEST),
            channel=_choice(said, "channel", Channel, ""),
            connection=uuid_of(said.get("connection")),
            label=uuid_of(said.get("label")),
            agent=uuid_of(said.get("agent")),
            team=uuid_of(said.get("team")),
            unread=said.get("unread") == "1",
            due=_choice(said, "due", Due, ""),
        )

    def query(self, **changes: Any) -> str:
        """As the query of an address, with these changed; what is as usual is not said."""
        return urlencode(replace(self, **changes).pairs())

    def pairs(self) -> list[tuple[str, str]]:
        """What differs from the usual, as the names and values of a form."""
        said = ((field, getattr(self, field.name)) for field in fields(self))
        return [
            (field.name, "1" if value is True else str(value))
            for field, value in said
            if value != field.default
        ]

    def cleared(self) -> Filters:
        """What the tabs say alone."""
        return Filters(status=self.status, who=self.who)


def _choice(said: Mapping[str, Any], name: str, choices: type[TextChoices], usual: str) -> str:
    value = said.get(name, "")
    return str(value) if value in choices.values else str(usual)
