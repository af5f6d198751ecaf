"""The rules of messaging itself; other apps register theirs beside them."""

from messaging.gate import Check, register
from messaging.gate_checks import addresses, connections, consent, templates, windows


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
