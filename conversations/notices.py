"""What the inbox tells members through their bell (team.notifications), and upon which facts."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from conversations.lines import name_of
from conversations.models import Conversation
from conversations.visibility import those_who_see
from core import scope
from events.models import Event
from team.models import Member
from team.notifications import Kind
from team.services.notifications import notify
from tenants.links import company_path
from tenants.models import Company
from tenants.services.authors import person_actor

MENTIONED = Kind(
    code="conversation.mentioned",
    text=_("%(who)s mentioned you in a note about %(name)s."),
    icon="at-sign",
    label=_("Somebody mentions you in a note"),
    permission="conversations.view",
    area=_("Conversations"),
)
ASSIGNED = Kind(
    code="conversation.assigned",
    text=_("The conversation with %(name)s is yours now."),
    icon="user-check",
    label=_("A conversation is assigned to you"),
    permission="conversations.view",
    area=_("Conversations"),
)
WAITING = Kind(
    code="conversation.waiting",
    text=_("%(name)s has been waiting for an answer for %(minutes)s minutes."),
    icon="timer",
    label=_("A conversation of your team waits too long"),
    tone="warning",
    permission="conversations.view",
    area=_("Conversations"),
)
LATE = Kind(
    code="conversation.late",
    text=_("%(name)s waits longer than the %(minutes)s minutes that are promised."),
    icon="alarm-clock-off",
    label=_("An answer is later than you promise"),
    tone="danger",
    permission="conversations.view",
    area=_("Conversations"),
)
NOT_SENT = Kind(
    code="message.not_sent",
    text=_("Your scheduled message to %(name)s could not be sent."),
    icon="calendar-x",
    label=_("A message that you scheduled could not be sent"),
    tone="danger",
    permission="conversations.view",
    area=_("Conversations"),
)
WOKE = Kind(
    code="conversation.woke",
    text=_("The conversation with %(name)s is back: its time has come."),
    icon="alarm-clock",
    label=_("A conversation that you look after wakes up"),
    permission="conversations.view",
    area=_("Conversations"),
)
KINDS = (MENTIONED, ASSIGNED, WAITING, LATE, NOT_SENT, WOKE)


def tell_assigned(event: Event) -> None:
    """Somebody gave a conversation to a member, who is told; who took it knows."""
    member = Member.objects.filter(pk=event.data["member_id"], is_active=True).first()
    if member is None or event.actor == person_actor(member.person_id):
        return
    conversation = Conversation.objects.select_related("contact", "thread").get(
        pk=event.data["conversation_id"]
    )
    tell(ASSIGNED, conversation, [member])


def tell(
    kind: Kind, conversation: Conversation, members: Iterable[Member | None], **data: Any
) -> None:
    """Tell those of these members who are still there, and see it, something about a conversation.

    Args:
        conversation: with its contact and thread at hand.
        data: what the kind's sentence says besides the customer's name.
    """
    company = Company.objects.get(pk=scope.required_company_id())
    notify(
        code=kind.code,
        members=those_who_see(
            conversation, [member for member in members if member and member.is_active]
        ),
        data={"name": name_of(conversation), **data},
        # Also when a program's request, which has another urlconf, brings it about.
        url=company_path(company, "conversation", conversation.pk),
    )
