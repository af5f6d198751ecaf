"""The rules of messaging itself; other apps register theirs beside them."""

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


def register_all() -> None:
    """Announce the rules, in the order in which they are asked."""
    register(Check("company", 10, connections.company, volatile=True))
    register(Check("connection", 20, connections.state, volatile=True))
    register(Check("contact", 30, addresses.contact, volatile=True))
    register(Check("address", 40, addresses.address))
    register(Check("suppression", 50, consent.suppression, volatile=True))
    register(Check("consent", 60, consent.opt_in, volatile=True))
    register(Check("kind", 70, connections.kind))
    register(Check("template", 80, templates.template, volatile=True))
    register(Check("window", 90, windows.window, volatile=True))
    register(Check("frequency", 100, caps.frequency, volatile=True))
    register(Check("quiet_hours", 110, quiet_hours.quiet_hours, volatile=True))
    # What they let pass uses money and people up, so they are asked of those who would go.
    register(Check("budget", 180, budgets.budget, volatile=True, takes=True))
    register(Check("tier", 190, tiers.tier, volatile=True, takes=True))
