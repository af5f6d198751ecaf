"""What the list of contacts can say of their conversations."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from conversations.visibility import conversations, looker
from crm.listing.columns import Column, Values, add_column
from crm.models import Contact


def register() -> None:
    """Called once, from AppConfig.ready()."""
    add_column(
        Column("assignee", _("Assigned to"), "text", assignees, permission="conversations.view")
    )


def assignees(request: HttpRequest, contacts: Sequence[Contact]) -> Values:
    """Who has each contact's newest conversation, of those that the reader sees."""
    rows = conversations(looker(request)).filter(
        contact__in=[contact.pk for contact in contacts], assignee__isnull=False
    )
    newest = rows.order_by("contact_id", "-last_message_at").distinct("contact_id")
    return dict(newest.values_list("contact_id", "assignee__name"))
