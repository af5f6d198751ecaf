"""Teams, who is there, and customers who write to them."""

from collections.abc import Callable
from typing import Any

from conversations.models import Conversation
from core import scope
from core.ids import uuid7
from team import presence
from team.models import Member, Team
from team.services import teams
from tenants.enums import Role

Make = Callable[..., Conversation]


def an_agent(name: str, *, online: bool = True, role: str = Role.AGENT) -> Member:
    member = Member.objects.create(person_id=uuid7(), name=name, email="a@b.c", role=role)
    if online:
        come(member)
    return member


def come(member: Member) -> None:
    presence.note(company_id=scope.required_company_id(), member_id=member.pk, is_active=True)


def a_team(*members: Member, **fields: Any) -> Team:
    wanted = {"name": "Vendas", "assigns_automatically": True, "is_default": True, **fields}
    return teams.create_team(members=[member.pk for member in members], actor="system", **wanted)
