"""The rules of messaging itself; other apps register theirs beside them."""

from django.utils.translation import gettext_lazy as _

from crm.enums import Channel
from messaging.gate import Check, register
from messaging.gate_checks import (
    addresses,
    budgets,
    caps,
    connections,
    consent,
    quiet_hours,
    sms,
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
_OF_SMS = (
    Check("mobile", 45, sms.mobile, label=_("The number can receive SMS"), channel=Channel.SMS),
    Check("length", 75, sms.length, label=_("The text is short enough"), channel=Channel.SMS),
    Check(
        "sms_repeat",
        105,
        sms.repeats,
        volatile=True,
        label=_("The contact did not get the same SMS lately"),
        channel=Channel.SMS,
    ),
    Check(
        "sms_guard",
        200,  # the last: whom another rule stops must not keep the text from others
        sms.guard,
        volatile=True,
        takes=True,
        label=_("The same SMS is not on its way"),
        channel=Channel.SMS,
    ),
)


def register_all() -> None:
    """Announce the rules, once, at start-up."""
    for check in _OF_SMS:
        register(check)
    for name, order, judge, label in _STEADY:
        register(Check(name, order, judge, label=label))
    for name, order, judge, label in _VOLATILE:
        register(Check(name, order, judge, volatile=True, label=label))
    for name, order, judge, label in _TAKING:
        register(Check(name, order, judge, volatile=True, takes=True, label=label))
