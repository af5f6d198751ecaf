"""Who sees which conversation: the company's choice for each role, kept at every door.

Owners, admins and managers see all, and so do programs (their keys have scopes); for agents and
viewers the company chooses (`InboxSettings`). What somebody does not see is as unknown to them as
what does not exist. Every query that shows conversations, their messages or their files to somebody
goes through here: lists and counters, search, pages and endpoints by id, live topics, notices.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from connections.models import Connection
from conversations.enums import Sight
from conversations.models import Conversation, MessageFile
from conversations.selectors import get_conversation
from conversations.services import inbox_settings
from core import realtime, scope
from core.errors import Conflict, NotFound
from core.ids import uuid_of
from crm.models import Contact
from messaging.models import Media, Message
from team.models import Member, TeamMember
from team.selectors import active_members, member_of
from tenants.enums import Role
from tenants.permissions import allows

_CHOSEN: dict[str, str] = {Role.AGENT: "agents_see", Role.VIEWER: "viewers_see"}


def sight_of(member: Member | None) -> Sight:
    """How far a member sees; None, a program, sees all."""
    return _sight(member.role) if member is not None else Sight.ALL


def seen_by(member: Member | None) -> Q:
    """The conversations that a member sees, as a condition on Conversation; empty for all."""
    sight = sight_of(member)
    if sight == Sight.ALL or member is None:
        return Q()
    of_teams = Q(team__in=TeamMember.objects.filter(member=member).values("team"))
    if sight == Sight.TEAMS:
        return Q(assignee=member) | of_teams | Q(assignee=None, team=None)
    return Q(assignee=member) | (of_teams & Q(assignee=None))


def conversations(member: Member | None) -> QuerySet[Conversation]:
    """Those that a member sees, for other queries to choose from."""
    return Conversation.objects.filter(seen_by(member))


def looker(request: Any) -> Member | None:
    """Who is asking, where that decides what they see; None sees all. Costs nothing where the
    company limits nobody of their role."""
    membership = getattr(getattr(request, "_request", request), "membership", None)
    return member_of(request) if membership and _sight(membership.role) != Sight.ALL else None


def conversation_of(request: Any, conversation_id: UUID) -> Conversation:
    """The conversation that an address names, with its contact and thread, for whoever is asking.

    Raises:
        core.errors.NotFound: there is none, or they do not see it.
    """
    if hidden_among(looker(request), [conversation_id]):
        raise NotFound
    return get_conversation(conversation_id)


def hidden_among(member: Member | None, ids: Collection[UUID]) -> set[UUID]:
    """Those of these ids that name no conversation which the member sees; none for who sees all."""
    if sight_of(member) == Sight.ALL:
        return set()
    seen = conversations(member).filter(pk__in=ids).values_list("pk", flat=True)
    return set(ids) - set(seen)


def messages(member: Member | None, rows: QuerySet[Message]) -> QuerySet[Message]:
    """Those that stand in a conversation which the member sees, or in none (of campaigns)."""
    if sight_of(member) == Sight.ALL:
        return rows
    return rows.filter(
        Q(thread__conversation=None) | Q(thread__conversation__in=conversations(member))
    )


def texts_seen_by(member: Member | None) -> Q:
    """The same for what search knows of them, as a condition on MessageText."""
    if sight_of(member) == Sight.ALL:
        return Q()
    return Q(message__thread__conversation__in=conversations(member))


def files(member: Member | None, rows: QuerySet[Media]) -> QuerySet[Media]:
    """Those of a message that the member sees, or of no conversation (uploads, campaigns)."""
    if sight_of(member) == Sight.ALL:
        return rows
    used = MessageFile.objects.filter(media=OuterRef("pk"))
    seen = used.filter(message__thread__conversation__in=conversations(member))
    return rows.filter(Exists(seen) | ~Exists(used))


def refuse_hidden(member: Member | None, contact: Contact, connection: Connection) -> None:
    """Nobody writes into a conversation that they do not see.

    Raises:
        core.errors.Conflict: `conversation_hidden`.
    """
    if sight_of(member) == Sight.ALL:
        return
    rows = Conversation.objects.filter(contact=contact, thread__connection=connection)
    if hidden_among(member, list(rows.values_list("pk", flat=True))):
        raise Conflict(
            "conversation_hidden",
            _("A colleague looks after this person. Ask a manager to hand it over to you."),
        )


def those_who_see(conversation: Conversation, members: Iterable[Member]) -> list[Member]:
    """Those of these members who see the conversation as it is now."""
    place = (conversation.assignee_id, conversation.team_id)
    return [member for member in members if _sees(member, *place)]


def may_listen(member: Member, key: str) -> bool:
    """Who may hear of conversations: of the list whoever may see any, of one who sees it."""
    if not allows(member.role, "conversations.view"):
        return False
    if not key:
        return True
    conversation_id = uuid_of(key)
    if conversation_id is None:
        return False
    return conversations(member).filter(pk=conversation_id).exists()


def cut_off(conversation: Conversation, *, assignee_id: UUID | None, team_id: UUID | None) -> None:
    """Have the open pages of those who saw it while it was so, and do not any more, ask again what
    they may hear; call it in the transaction that gave it to somebody else."""
    company_id = scope.required_company_id()
    roles = _limited_roles()
    for member in active_members().filter(role__in=roles) if roles else ():
        now = _sees(member, conversation.assignee_id, conversation.team_id)
        if _sees(member, assignee_id, team_id) and not now:
            realtime.rights_changed(company_id, member.pk)


def teams_changed() -> None:
    """Who is in which team changed: where that decides what is seen, all open pages ask again."""
    if _limited_roles():
        realtime.rights_changed(scope.required_company_id())


def _limited_roles() -> list[str]:
    return [role for role in _CHOSEN if _sight(role) != Sight.ALL]


def _sight(role: str) -> Sight:
    field = _CHOSEN.get(role)
    return Sight(getattr(inbox_settings.current(), field)) if field else Sight.ALL


def _sees(member: Member, assignee_id: UUID | None, team_id: UUID | None) -> bool:
    """`seen_by` for one conversation, whose row may be another one by now."""
    sight = sight_of(member)
    if sight == Sight.ALL or assignee_id == member.pk:
        return True
    is_of_team = (
        team_id is not None and TeamMember.objects.filter(member=member, team_id=team_id).exists()
    )
    if sight == Sight.TEAMS:
        return is_of_team or (assignee_id is None and team_id is None)
    return is_of_team and assignee_id is None
