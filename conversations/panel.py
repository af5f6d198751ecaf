"""A contact's conversations on its page, and writing to it first."""

from typing import Any

from django.http import HttpRequest

from connections import selectors as connections
from conversations import selectors, visibility
from conversations.rows import row_of
from crm.models import Contact
from crm.registry import Panel
from tenants.permissions import allows


def _context(request: HttpRequest, contact: Contact) -> dict[str, Any]:
    every = selectors.conversations_of(contact)
    rows = list(every.filter(visibility.seen_by(visibility.looker(request))))
    # A hidden one is there all the same: no number is offered that it already has.
    known = {conversation.thread.connection_id for conversation in every}
    may_write = allows(request.membership.role, "conversations.reply")  # type: ignore[attr-defined]
    free = [one for one in connections.alive() if one.pk not in known] if may_write else []
    return {"rows": [row_of(conversation) for conversation in rows], "connections": free}


PANEL = Panel(
    name="conversations",
    permission="conversations.view",
    order=10,
    template="conversations/_panel.html",
    context=_context,
)
