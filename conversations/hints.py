"""What open pages are told: ids only; they fetch their fragments through the views."""

from uuid import UUID

from core import realtime, scope

INBOX = "inbox"
CONVERSATION = "conversation"


def message_created(conversation_id: UUID, message_id: UUID) -> None:
    """A message is in the thread."""
    _push(conversation_id, "message-created", str(message_id))


def message_changed(conversation_id: UUID, message_id: UUID, *, is_last: bool = False) -> None:
    """A message of the thread reached another state; the list shows the last one's."""
    company_id = scope.required_company_id()
    topic = f"{CONVERSATION}:{conversation_id}"
    realtime.push(company_id, topic, "message-changed", str(message_id))
    if is_last:
        realtime.push_coalesced(company_id, INBOX, "changed")


def typing(conversation_id: UUID, member_id: UUID) -> None:
    """A member began to write into it, writes on, or ceased."""
    topic = f"{CONVERSATION}:{conversation_id}"
    realtime.push(scope.required_company_id(), topic, "typing", str(member_id))


def conversation_changed(conversation_id: UUID) -> None:
    """Its state, its reader or its owner changed."""
    _push(conversation_id, "changed", str(conversation_id))


def _push(conversation_id: UUID, event: str, key: str) -> None:
    """To the open thread at once; to lists and counters at most twice a second."""
    company_id = scope.required_company_id()
    realtime.push(company_id, f"{CONVERSATION}:{conversation_id}", event, key)
    realtime.push_coalesced(company_id, INBOX, "changed")
