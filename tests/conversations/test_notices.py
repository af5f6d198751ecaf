"""What members hear of the inbox through their bell."""

from conversations.models import Conversation
from conversations.services import assignment
from events.deliveries import deliver
from team.models import Member, Notification
from tenants.enums import Role
from tenants.models import Company, Person
from tenants.services.authors import person_actor
from tests.conversations.factories import a_conversation


def told() -> list[tuple[Member, str, dict[str, str]]]:
    deliver("conversations.tell_assigned")
    return [(row.member, row.code, row.data) for row in Notification.objects.all()]


def give(conversation: Conversation, member: Member | None, actor: str) -> None:
    assignment.assign(conversation_id=conversation.pk, member=member, actor=actor)


def test_whoever_is_given_a_conversation_is_told(
    company: Company, people: dict[str, Person]
) -> None:
    conversation, agent = a_conversation(), Member.objects.get(role=Role.AGENT)
    give(conversation, agent, person_actor(people[Role.OWNER].pk))
    assert told() == [(agent, "conversation.assigned", {"name": "Ana Souza"})]
    give(conversation, None, "system")
    assert len(told()) == 1


def test_whoever_takes_one_knows_already(company: Company, people: dict[str, Person]) -> None:
    agent = Member.objects.get(role=Role.AGENT)
    give(a_conversation(), agent, person_actor(agent.person_id))
    assert told() == []
