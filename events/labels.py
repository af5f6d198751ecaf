"""What people call the facts: a short label for each type, and groups to choose from.

Every fact of the house stands here (tests/events/test_labels.py): whoever adds one names it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Group:
    """Types that people look for together."""

    label: Text
    types: dict[str, Text]

    @property
    def pattern(self) -> str:
        """All of them, as the log's filter takes it: "contact.*,contacts.*"."""
        nouns = dict.fromkeys(name.partition(".")[0] for name in self.types)
        return ",".join(f"{noun}.*" for noun in nouns)


GROUPS = (
    Group(_("Messages"), {
        "message.received": _("Message received"),
        "messages.progressed": _("Messages sent, delivered or read"),
        "media.fetched": _("File of a message fetched"),
    }),
    Group(_("Conversations"), {
        "conversation.opened": _("Conversation opened"),
        "conversation.resolved": _("Conversation resolved"),
        "conversation.assigned": _("Conversation assigned"),
        "conversation.pending": _("Conversation pending"),
        "conversation.snoozed": _("Conversation snoozed"),
        "conversation.prioritised": _("Priority of a conversation changed"),
        "conversation.labelled": _("Labels of a conversation changed"),
        "conversation.noted": _("Note written in a conversation"),
        "conversation.sla_breached": _("Answer is late"),
        "conversation.rated": _("Service rated"),
    }),
    Group(_("Contacts"), {
        "contact.created": _("Contact created"),
        "contact.updated": _("Contact changed"),
        "contact.deleted": _("Contact deleted"),
        "contact.restored": _("Contact restored"),
        "contact.merged": _("Contacts merged"),
        "contact.unmerged": _("Merge of contacts undone"),
        "contact.told_apart": _("Contacts marked as different people"),
        "contact.opted_in": _("Contact opted in"),
        "contact.opted_out": _("Contact opted out"),
        "contact.exported": _("Data of a contact exported"),
        "contact.erased": _("Contact erased"),
        "contacts.changed": _("Many contacts changed"),
        "contacts.tagged": _("Contacts tagged"),
        "contacts.untagged": _("Tag taken off contacts"),
        "contacts.listed": _("Contacts put onto lists"),
        "contacts.exported": _("Contacts exported"),
        "import.completed": _("Import completed"),
        "import.undone": _("Import undone"),
        "suppression.added": _("Address blocked"),
        "suppression.removed": _("Address unblocked"),
    }),
    Group(_("Campaigns"), {
        "campaign.created": _("Campaign created"),
        "campaign.state_changed": _("State of a campaign changed"),
        "campaign.winner_chosen": _("Winner of a test chosen"),
        "campaign.link_clicked": _("Link of a campaign opened"),
        "stream.progressed": _("Progress of a sending"),
        "stream.troubled": _("Trouble with a sending"),
    }),
    Group(_("Sales"), {
        "purchase.approved": _("Purchase approved"),
        "purchase.refused": _("Payment refused"),
        "purchase.refunded": _("Purchase refunded"),
        "cart.abandoned": _("Cart abandoned"),
        "pix.created": _("PIX created"),
        "pix.paid": _("PIX paid"),
        "pix.expired": _("PIX expired"),
        "boleto.created": _("Boleto created"),
        "subscription.created": _("Subscription created"),
        "subscription.renewed": _("Subscription renewed"),
        "subscription.late": _("Subscription late"),
        "subscription.cancelled": _("Subscription cancelled"),
        "lead.created": _("Lead created"),
        "source.said": _("Another event of a source"),
    }),
    Group(_("Numbers and templates"), {
        "connection.connected": _("Number connected"),
        "connection.updated": _("Number changed"),
        "connection.paused": _("Number paused"),
        "connection.resumed": _("Number resumed"),
        "connection.stopped": _("Number stopped"),
        "connection.token_expiring": _("Access token ends soon"),
        "connection.released": _("Number taken off"),
        "template.changed": _("Template changed"),
        "template.refused": _("Template refused"),
        "template.recovered": _("Template works again"),
        "templates.synced": _("Templates updated from the provider"),
    }),
    Group(_("Automations"), {
        "automation.published": _("Automation published"),
        "automation.switched": _("Automation switched on or off"),
        "automation.deleted": _("Automation deleted"),
    }),
    Group(_("Webhooks and integrations"), {
        "endpoint.changed": _("Endpoint changed"),
        "integration.connected": _("Integration connected"),
        "integration.changed": _("Integration changed"),
        "integration.synced": _("Integration synchronised"),
        "integration.stopped": _("Integration stopped"),
        "integration.disconnected": _("Integration disconnected"),
        "events.replayed": _("Replay of events begun"),
        "events.replay_ended": _("Replay of events ended"),
        "dead_letters.quarantined": _("Work given up"),
        "dead_letters.redriven": _("Given up work tried again or discarded"),
    }),
    Group(_("Team and settings"), {
        "member.joined": _("Member joined"),
        "member.role_changed": _("Role of a member changed"),
        "member.availability_changed": _("Availability of a member changed"),
        "member.left": _("Member left"),
        "team.created": _("Team created"),
        "team.updated": _("Team changed"),
        "team.deleted": _("Team deleted"),
        "business_hours.changed": _("Business hours changed"),
        "inbox_settings.changed": _("Settings of the inbox changed"),
        "sending_policy.changed": _("Rules of sending changed"),
        "retention.changed": _("Time of keeping data changed"),
        "retention.ran": _("Old data deleted"),
    }),
)  # fmt: skip

_LABELS = {name: label for group in GROUPS for name, label in group.types.items()}


def label_of(name: str) -> str:
    """What people call a type; its name, where nobody said."""
    return str(_LABELS.get(name, name))


def asked(types: str) -> str:
    """What the log's filter of types asks for, in words; empty where it asks for all."""
    group = next((one for one in GROUPS if one.pattern == types), None)
    if group is not None:
        return str(group.label)
    return ", ".join(label_of(name.strip()) for name in types.split(",") if name.strip())
