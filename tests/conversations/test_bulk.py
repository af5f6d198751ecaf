"""One action on many: what changed, what was so, and what may not be."""

import pytest

from conversations.enums import ConversationStatus
from conversations.models import Conversation
from conversations.services import bulk, labels, status
from conversations.services.bulk import Order
from core.errors import Invalid
from core.ids import uuid7
from tests.conversations.factories import a_conversation, a_member
from tests.messaging.factories import a_connection

pytestmark = pytest.mark.usefixtures("company")


def three() -> list[Conversation]:
    connection = a_connection()
    return [a_conversation(connection, phone=f"551198765000{number}") for number in (1, 2, 3)]


def test_it_says_how_many_changed_which_did_not_and_why() -> None:
    talks, gone = three(), uuid7()
    status.resolve(conversation_id=talks[0].pk, actor="system")
    outcome = bulk.apply(
        ids=[*(talk.pk for talk in talks), talks[1].pk, gone],
        order=Order(action="resolve", actor="system"),
    )
    assert (outcome.changed, outcome.unchanged) == (2, 1)
    assert [refusal.conversation_id for refusal in outcome.refused] == [gone]
    assert "does not exist" in outcome.refused[0].reason
    done = Conversation.objects.filter(status=ConversationStatus.RESOLVED)
    assert done.count() == 3


def test_each_action_does_its_work() -> None:
    [talk, *_rest], bia, label = three(), a_member(), labels.create_label(name="VIP")
    for action in ("assign", "label", "pending", "priority"):
        order = Order(action=action, actor="system", member=bia, label=label.pk, priority="high")
        assert bulk.apply(ids=[talk.pk], order=order).changed == 1
    now = Conversation.objects.get(pk=talk.pk)
    assert (now.assignee, now.status, now.priority) == (bia, ConversationStatus.PENDING, "high")
    assert list(now.labels.all()) == [label]
    order = Order(action="unlabel", actor="system", label=label.pk)
    assert bulk.apply(ids=[talk.pk], order=order).changed == 1


def test_one_that_may_not_be_keeps_no_other_back() -> None:
    talks, left = three(), a_member(is_active=False)
    outcome = bulk.apply(
        ids=[talk.pk for talk in talks], order=Order(action="assign", actor="system", member=left)
    )
    assert (outcome.changed, len(outcome.refused)) == (0, 3)
    assert outcome.refused[0].reason == ("This person has left the company. Choose somebody else.")


@pytest.mark.parametrize(
    ("count", "action", "field"),
    [
        (0, "resolve", "ids"),
        (201, "resolve", "ids"),
        (1, "explode", "action"),
        (1, "label", "label"),
        (1, "snooze", "until"),
    ],
)
def test_an_order_that_says_too_little_is_refused(count: int, action: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        bulk.apply(ids=[uuid7() for _ in range(count)], order=Order(action=action, actor="system"))
    assert list(refused.value.errors) == [field]
