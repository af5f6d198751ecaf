"""Which facts the outside hears of, in which words, and which it does not, and why.

Every fact of the house is in one of the two tables (tests/webhooks/endpoints/test_catalogue.py):
whoever adds one decides here.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from events import labels

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Group:
    """Types that belong together on a page."""

    name: str
    label: Text
    types: dict[str, Text]  # each with its sentence


GROUPS = (
    Group("messages", _("Messages"), {
        "message.received": _("A customer wrote to you."),
        "message.sent": _("WhatsApp or the carrier accepted a message of yours."),
        "message.delivered": _("A message of yours reached the customer's device."),
        "message.read": _("The customer opened a message of yours."),
        "message.failed": _("A message of yours could not be delivered."),
    }),
    Group("conversations", _("Conversations"), {
        "conversation.opened": _("A conversation began, or came back after it was put away."),
        "conversation.resolved": _("A conversation was resolved."),
        "conversation.assigned": _("A conversation was given to somebody, a team, or nobody."),
        "conversation.pending": _("A conversation waits for somebody else."),
        "conversation.snoozed": _("A conversation was put away until a moment."),
        "conversation.prioritised": _("A conversation's priority changed."),
        "conversation.labelled": _("Labels were put on a conversation or taken off."),
        "conversation.sla_breached": _("An answer did not come in the time that is promised."),
        "conversation.rated": _("A customer said how they were served, from 1 to 5."),
    }),
    Group("contacts", _("Contacts"), {
        "contact.created": _("A contact came to be, by hand, over the API or by writing to you."),
        "contact.updated": _("Something about a contact changed."),
        "contact.deleted": _("A contact was deleted; it can be restored."),
        "contact.restored": _("A deleted contact is back."),
        "contact.merged": _("Two contacts became one."),
        "contact.unmerged": _("A merge was undone."),
        "contact.tagged": _("A contact got a tag."),
        "contact.untagged": _("A tag was taken off a contact."),
        "contact.listed": _("A contact came onto a list."),
        "contact.opted_in": _("A contact agreed to be written to."),
        "contact.opted_out": _("A contact wants no more of these messages."),
        "contact.erased": _("A person was erased: forget them, too."),
        "contacts.changed": _("One change of many contacts ended."),
        "import.completed": _("An import ended; its rows tell no events of their own."),
        "import.undone": _("An import was taken back."),
    }),
    Group("campaigns", _("Campaigns"), {
        "campaign.created": _("A campaign was drafted."),
        "campaign.state_changed": _("A campaign started, paused, ended or went to another state."),
        "campaign.winner_chosen": _("One variant of a test goes to everybody who waited."),
        "campaign.link_clicked": _("A recipient opened a tracked link for the first time."),
    }),
    Group("sales", _("Sales"), {
        "purchase.approved": _("A purchase was paid, whatever with."),
        "purchase.refunded": _("The money of a purchase went back."),
        "purchase.refused": _("The card or the bank refused a payment."),
        "cart.abandoned": _("Somebody left before paying."),
        "pix.created": _("A PIX charge waits to be paid."),
        "pix.paid": _("A PIX charge was paid."),
        "pix.expired": _("A PIX charge was not paid in time."),
        "boleto.created": _("A boleto waits to be paid."),
        "subscription.created": _("A subscription began."),
        "subscription.renewed": _("A subscription was paid for once more."),
        "subscription.late": _("A subscription's payment is overdue."),
        "subscription.cancelled": _("A subscription ended."),
        "lead.created": _("Somebody left their address: a form, a page, an advertisement."),
        "source.said": _("A source told something of a kind of its own."),
    }),
    Group("numbers", _("Numbers and templates"), {
        "connection.connected": _("A number was connected."),
        "connection.stopped": _("The provider refuses a number: nothing leaves any more."),
        "connection.paused": _("A number's messages wait."),
        "connection.resumed": _("A number may send again."),
        "connection.updated": _("What the provider says of a number changed."),
        "connection.token_expiring": _("The access token of a number ends soon."),
        "connection.released": _("A number was taken off."),
        "template.changed": _("A template was changed, submitted, deleted or judged."),
        "template.refused": _("The provider refuses a template."),
    }),
)  # fmt: skip

# What people call those that the outside alone knows (the others: events.labels).
_LABELS = {
    "message.sent": _("Message sent"),
    "message.delivered": _("Message delivered"),
    "message.read": _("Message read"),
    "message.failed": _("Message failed"),
    "contact.tagged": _("Contact tagged"),
    "contact.untagged": _("Tag taken off a contact"),
    "contact.listed": _("Contact put onto a list"),
}


def label_of(name: str) -> str:
    """What people call a type."""
    return str(_LABELS.get(name) or labels.label_of(name))


# Not told outside, and why.
INTERNAL = {
    "messages.progressed": "split into message.sent, delivered, read and failed",
    "stream.progressed": "counts for open pages; the campaign's report has them",
    "stream.troubled": "campaign.state_changed tells that it paused, with the code",
    "media.fetched": "a hint for open threads; files are asked for with their message",
    "template.recovered": "a try of ours; template.changed tells what the provider says",
    "templates.synced": "each template that changed is told by itself",
    "conversation.noted": "what the team writes to itself stays inside",
    "contact.told_apart": "housekeeping of duplicates",
    "contact.exported": "audit: who took data out is for administrators, in the log",
    "contacts.exported": "audit, as contact.exported",
    "suppression.added": "audit; contact.opted_out tells what matters of a person",
    "suppression.removed": "audit, as suppression.added",
    "member.joined": "the company's people are no customer's event",
    "member.role_changed": "as member.joined",
    "member.left": "as member.joined",
    "member.availability_changed": "as member.joined",
    "team.created": "settings",
    "team.updated": "settings",
    "team.deleted": "settings",
    "retention.changed": "settings",
    "retention.ran": "housekeeping",
    "business_hours.changed": "settings",
    "inbox_settings.changed": "settings",
    "sending_policy.changed": "settings",
    "endpoint.changed": "settings; a receiver that is off would not hear of it",
    "automation.published": "settings",
    "automation.switched": "settings",
    "automation.deleted": "settings",
    "integration.connected": "settings",
    "integration.disconnected": "settings",
    "integration.changed": "settings",
    "integration.stopped": "trouble of ours with another system; administrators are told",
    "integration.synced": "what is new of its contacts tells events of its own",
    "events.replayed": "audit",
    "events.replay_ended": "audit",
    "dead_letters.quarantined": "trouble of ours; administrators are told",
    "dead_letters.redriven": "audit",
}
# What is told outside under names of its own, by the fact that it is made from.
SPLIT = {
    "contacts.tagged": ("contact.tagged",),
    "contacts.untagged": ("contact.untagged",),
    "contacts.listed": ("contact.listed",),
    "messages.progressed": ("message.sent", "message.delivered", "message.read", "message.failed"),
}
