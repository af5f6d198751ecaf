"""The rules of messaging itself; other apps register theirs beside them."""

from django.utils.translation import gettext_lazy as _

from messaging.gate import Check, register
from messaging.gate_checks import (
    addresses,
    budgets,
    caps,
    connections,
    consent,
    quiet_hours,
    templates,
    tiers,
    windows,
)

# In the order in which they are asked, each with what is true of whatever it lets pass.
_STEADY = (
    ("address", 40, addresses.address, _("The number can exist")),
    ("kind", 70, connections.kind, _("Your number can send this kind of message")),
)
_VOLATILE = (
    ("company", 10, connections.company, _("The company may send")),
    ("connection", 20, connections.state, _("Your number is ready")),
    ("contact", 30, addresses.contact, _("The contact is there")),
    ("suppression", 50, consent.suppression, _("The address is not on the block list")),
    ("consent", 60, consent.opt_in, _("The contact allows it")),
    ("template", 80, templates.template, _("The template is approved")),
    ("window", 90, windows.window, _("The conversation is open, or a template is used")),
    ("frequency", 100, caps.frequency, _("The contact did not get too many")),
    ("quiet_hours", 110, quiet_hours.quiet_hours, _("It is within the sending hours")),
)
# What they let pass uses money and people up, so they are asked of those who would go.
_TAKING = (
    ("budget", 180, budgets.budget, _("There is money left in the budget")),
    ("tier", 190, tiers.tier, _("Your number may write to more new people today")),
)


def register_all() -> None:
    """Announce the rules, once, at start-up."""
    for name, order, judge, label in _STEADY:
        register(Check(name, order, judge, label=label))
    for name, order, judge, label in _VOLATILE:
        register(Check(name, order, judge, volatile=True, label=label))
    for name, order, judge, label in _TAKING:
        register(Check(name, order, judge, volatile=True, takes=True, label=label))
